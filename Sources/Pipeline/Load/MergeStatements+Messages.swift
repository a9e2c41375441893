internal import Postgres

/// Messages: inserted, and left or replaced where they are there.
extension MergeStatements {
  /// Copies what the target has of the staged messages into a dry run's table.
  var seedMessages: String {
    guard let judged else { return "" }
    let columns = judged.messages.columnList
    return """
      \(JudgedTable.pausing)
      INSERT INTO \(messageTable) (\(columns), convoy_is_new)
      SELECT \(columns), false FROM \(messages.table) t
      WHERE t.id = ANY (ARRAY(SELECT id FROM \(messageStage))) ON CONFLICT (id) DO NOTHING;
      \(JudgedTable.resuming)
      """
  }

  /// Whether rows keep the ids they have in their source, which may be another row's in the target.
  var keepsIds: Bool { source == SourceFormat.messagesDump.rawValue }

  /// A staged message whose id a message of another session has that says something else.
  ///
  /// By the primary key, as ``repeated(_:stage:key:)`` is.
  var takenId: String {
    """
    SELECT m.id FROM \(messageStage) m JOIN (
      SELECT t.id, t.session_id, t.content FROM \(messageTable) t
      WHERE t.id = ANY (ARRAY(SELECT id FROM \(messageStage))) OFFSET 0) t ON t.id = m.id
    WHERE t.session_id <> m.session_id AND t.content <> m.content LIMIT 1
    """
  }

  /// Inserts the messages that are not there; answers with their ids.
  var insertMessages: String {
    // Those a dry run has settled before are there too.
    let isThere = """
      WHERE id NOT IN (SELECT i.id FROM \(JudgedTables.settledIds) i
        WHERE i.id = ANY (ARRAY(SELECT id FROM \(messageStage))))
      """
    return """
      INSERT INTO \(messageTable) (\(messages.columnList))
      SELECT DISTINCT ON (id) \(messages.columnList) FROM \(messageStage) \(isDryRun ? isThere : "")
      ORDER BY \(messagePreference)
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
