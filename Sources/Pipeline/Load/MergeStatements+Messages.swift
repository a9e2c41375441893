internal import Postgres

/// Messages: inserted, and left or replaced where they are there.
extension MergeStatements {
  /// Columns of a message that are written: a dry run that only inserts needs the id alone.
  private var messageColumns: String {
    guard isDryRun, conflict.messages != .update else { return messages.columnList }
    return quotedIdentifier(messages.column(.id)?.name ?? "id")
  }

  /// What a dry run's own table of messages has.
  var seenMessageColumns: String {
    conflict.messages == .update
      ? "LIKE \(messages.table) INCLUDING DEFAULTS, PRIMARY KEY (id)" : "id uuid PRIMARY KEY"
  }

  var seedMessages: String {
    guard isDryRun else { return "" }
    return """
      INSERT INTO \(messageTable) (\(messageColumns), convoy_is_new)
      SELECT \(messageColumns), false FROM \(messages.table) t
      WHERE t.id IN (SELECT id FROM \(messageStage))
      ON CONFLICT DO NOTHING;
      """
  }

  /// Inserts the messages that are not there; answers with their ids.
  var insertMessages: String {
    """
    INSERT INTO \(messageTable) (\(messageColumns))
    SELECT DISTINCT ON (id) \(messageColumns) FROM \(messageStage) ORDER BY \(messagePreference)
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
  }

  private var messagePreference: String {
    conflict.messages == .update ? "id, length(content) DESC, convoy_order" : "id, convoy_order"
  }

  /// Replaces the messages that were there by incoming ones of a later state of their session or, where
  /// the state is the same, of longer content; answers with their ids.
  ///
  /// What the incoming row does not know keeps its value.
  var updateMessages: String {
    let id = quotedIdentifier(messages.column(.id)?.name ?? "id")
    var assignments: [String] = []
    var changes: [String] = []
    for column in messages.columns where column.field != .id && column.field != .sessionId {
      let name = quotedIdentifier(column.name)
      var value = "coalesce(e.\(name), t.\(name))"
      if let absent = column.absentText, column.kind != .json {
        value = "coalesce(nullif(e.\(name), \(quotedLiteral(absent))), t.\(name))"
      }
      if column.field == .metadata, column.kind == .jsonb {
        value = Self.merged("e.\(name)", over: "t.\(name)")
      }
      assignments.append("\(name) = \(value)")
      let comparable = column.kind == .json ? "::text" : ""
      changes.append("(\(value))\(comparable) IS DISTINCT FROM t.\(name)\(comparable)")
    }
    if isDryRun { assignments.append("convoy_is_new = true") }
    return """
      UPDATE \(messageTable) t SET \(assignments.joined(separator: ", "))
      FROM (SELECT DISTINCT ON (id) * FROM \(messageStage) ORDER BY \(messagePreference)) e
        LEFT JOIN \(timesTable) c ON c.id = e.session_id
      WHERE t.\(id) = e.\(id) AND (\(changes.joined(separator: " OR ")))
        AND (coalesce(c.incoming > c.before, false)
          OR NOT coalesce(c.incoming < c.before, false) AND length(e.content) > length(t.content))
      RETURNING t.\(id)
      """
  }
}
