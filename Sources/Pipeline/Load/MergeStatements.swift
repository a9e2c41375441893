internal import Postgres

/// The statements that merge a batch into tables that already hold some of its rows.
///
/// Rows are staged in temporary tables of the same columns. Sessions widen: created_at takes the least,
/// updated_at the greatest, title the first; a continuation id the target has under another session id
/// makes the rows join that session. Messages that are there stay as they are.
///
/// Of a session's copies in one set of inputs the first in that set gives title and metadata, whichever
/// is committed first, so that the rows do not depend on how fast which worker was.
struct MergeStatements: Sendable {
  /// Stages have the tables' own names, so that what the server says of a row names the right table.
  let sessionStage = "pg_temp.exai_sessions"
  let messageStage = "pg_temp.exai_messages"
  let sessions: RowLayout<SessionField>
  let messages: RowLayout<MessageField>
  /// Where rows go, and which columns of messages; a dry run has tables of its own.
  let sessionTable: String
  let messageTable: String
  let messageColumns: String
  /// A transaction id from before the run: rows that are younger were put there by it.
  let firstTransaction: String

  init(
    sessions: RowLayout<SessionField>, messages: RowLayout<MessageField>, firstTransaction: String,
    into tables: (sessions: String, messages: String)? = nil
  ) {
    self.sessions = sessions
    self.messages = messages
    self.firstTransaction = firstTransaction
    sessionTable = tables?.sessions ?? sessions.table
    messageTable = tables?.messages ?? messages.table
    messageColumns =
      tables == nil
      ? messages.columnList
      : quotedIdentifier(messages.column(.id)?.name ?? "id")
  }

  /// Makes the stages for the length of the transaction.
  var makeStages: String {
    """
    CREATE TEMPORARY TABLE exai_sessions (LIKE \(sessions.table) \(Self.copied(of: sessions)),
      convoy_order bigint GENERATED ALWAYS AS IDENTITY, convoy_target uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE exai_messages (LIKE \(messages.table) \(Self.copied(of: messages)),
      convoy_order bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP;
    \(Self.strip(sessionStage, to: sessions))\(Self.strip(messageStage, to: messages))
    """
  }

  /// What a stage has of the table's beside its columns.
  ///
  /// Constraints, so that COPY names the row that breaks one; not where a trigger may mend the row first.
  private static func copied<Field>(of layout: RowLayout<Field>) -> String {
    layout.hasInsertTrigger
      ? "INCLUDING DEFAULTS" : "INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
  }

  /// Where rows go to tables of a dry run's own, what the target has of the staged ones is copied first.
  private var seedSessions: String {
    guard isDryRun else { return "" }
    return """
      INSERT INTO \(sessionTable) (\(sessions.columnList), convoy_is_new)
      SELECT \(sessions.columnList), false FROM \(sessions.table) t
      WHERE t.id IN (SELECT id FROM \(sessionStage))
         OR t.continuation_id IN (SELECT continuation_id FROM \(sessionStage))
      ON CONFLICT DO NOTHING;
      """
  }

  private var seedMessages: String {
    guard isDryRun else { return "" }
    return """
      INSERT INTO \(messageTable) (id, convoy_is_new)
      SELECT t.id, false FROM \(messages.table) t WHERE t.id IN (SELECT id FROM \(messageStage))
      ON CONFLICT DO NOTHING;
      """
  }

  /// Takes off a copy of the target's table what no row of convoy's has: identity columns, for one, and
  /// NOT NULL where a trigger of the target's may fill the column.
  static func strip<Field>(_ table: String, to layout: RowLayout<Field>) -> String {
    var changes = layout.unwritten.map { "DROP COLUMN \(quotedIdentifier($0))" }
    if layout.hasInsertTrigger {
      changes += layout.columns.filter { $0.isNotNull && $0.name != "id" }
        .map { "ALTER \(quotedIdentifier($0.name)) DROP NOT NULL" }
    }
    guard !changes.isEmpty else { return "" }
    return "ALTER TABLE \(table) \(changes.joined(separator: ", "));"
  }

  var copySessions: String {
    "COPY \(sessionStage) (\(sessions.columnList)) FROM STDIN (FORMAT binary)"
  }

  var copyMessages: String {
    "COPY \(messageStage) (\(messages.columnList)) FROM STDIN (FORMAT binary)"
  }

  /// Finds the session each staged one becomes.
  var resolveSessions: String {
    """
    \(seedSessions)
    UPDATE \(sessionStage) s SET convoy_target = coalesce(
      (SELECT t.id FROM \(sessionTable) t WHERE t.continuation_id = s.continuation_id), f.first)
    FROM (SELECT convoy_order, first_value(id) OVER (
            PARTITION BY continuation_id ORDER BY convoy_order) AS first
          FROM \(sessionStage)) f
    WHERE f.convoy_order = s.convoy_order
    """
  }

  /// Moves staged messages to the sessions theirs became.
  var moveMessages: String {
    """
    \(seedMessages)
    UPDATE \(messageStage) m SET session_id = s.convoy_target
    FROM (SELECT DISTINCT id, convoy_target FROM \(sessionStage) WHERE id <> convoy_target) s
    WHERE m.session_id = s.id
    """
  }

  /// Sessions that go to another id than their own.
  var joinedSessions: String {
    "SELECT DISTINCT id, convoy_target FROM \(sessionStage) WHERE id <> convoy_target"
  }

  /// Inserts the sessions that are not there; waits for other workers' that are on their way in.
  var insertSessions: String {
    """
    INSERT INTO \(sessionTable) (\(sessions.columnList)) \(sessionSelection)
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
  }

  /// Widens the sessions that were there; answers with the ids of those it changed.
  var widenSessions: String {
    let created = "nullif(e.created_at, \(absentTime(.createdAt)))"
    let updated = "nullif(e.updated_at, \(absentTime(.updatedAt)))"
    var assignments = [
      "created_at = least(t.created_at, \(created))",
      "updated_at = greatest(t.updated_at, \(updated))",
      "metadata = CASE WHEN \(isEarlierCopy) THEN e.metadata ELSE t.metadata END",
    ]
    var changes = [
      "least(t.created_at, \(created)) IS DISTINCT FROM t.created_at",
      "greatest(t.updated_at, \(updated)) IS DISTINCT FROM t.updated_at",
      isEarlierCopy,
    ]
    if sessions.column(.title) != nil {
      assignments.append(
        """
        title = CASE WHEN t.title IS NULL OR \(isEarlierCopy) AND e.title IS NOT NULL
          THEN e.title ELSE t.title END
        """)
      changes.append("t.title IS NULL AND e.title IS NOT NULL")
    }
    if isDryRun { assignments.append("convoy_is_new = true") }
    return """
      UPDATE \(sessionTable) t SET \(assignments.joined(separator: ", "))
      FROM (\(sessionSelection)) e
      WHERE t.id = e.id AND (\(changes.joined(separator: " OR "))) RETURNING t.id
      """
  }

  /// Whether the incoming row is of the same set of inputs as the one that is there, and before it.
  private var isEarlierCopy: String {
    func legacy(_ row: String, _ name: String) -> String {
      "\(row).metadata #>> '{legacy,\(name)}'"
    }
    func place(_ row: String) -> String {
      "(\(legacy(row, "file")) COLLATE \"C\", (\(legacy(row, "line")))::bigint)"
    }
    return """
      (coalesce(\(legacy("t", "inputs")) = \(legacy("e", "inputs"))
        AND \(place("e")) < \(place("t")), false))
      """
  }

  private var isDryRun: Bool { sessionTable != sessions.table }

  /// Which of the staged sessions, and which messages, this run has put there before.
  ///
  /// By the primary key, never by a join: that may go over the whole table, and does so for each chunk
  /// when refused rows are looked for.
  func repeated(_ table: String, stage: String, key: String) -> String {
    let isOurs =
      isDryRun
      ? "t.convoy_is_new" : "age(t.xmin) <= age(\(quotedLiteral(firstTransaction))::xid)"
    return """
      SELECT t.id FROM \(table) t WHERE t.id = ANY (ARRAY(SELECT \(key) FROM \(stage))) AND \(isOurs)
      """
  }

  /// Literal of the time that stands for "the source has none", which says nothing about a session.
  private func absentTime(_ field: SessionField) -> String {
    let time = sessions.column(field)?.absent.flatMap(Timestamp.init(postgres:))
    return time.map { "\(quotedLiteral($0.rfc3339))::timestamptz" } ?? "NULL"
  }

  /// One row for each session of the stage, its copies made one.
  private var sessionSelection: String {
    let values = sessions.columns.map { column in
      let name = quotedIdentifier(column.name)
      switch column.field {
      case .id: return "convoy_target AS id"
      case .createdAt:
        return "coalesce(min(nullif(\(name), \(absentTime(.createdAt)))), min(\(name))) AS \(name)"
      case .updatedAt:
        return "coalesce(max(nullif(\(name), \(absentTime(.updatedAt)))), max(\(name))) AS \(name)"
      case .title:
        return """
          (array_agg(\(name) ORDER BY convoy_order) FILTER (WHERE \(name) IS NOT NULL))[1] AS \(name)
          """
      case .userId, .continuationId, .metadata:
        return "(array_agg(\(name) ORDER BY convoy_order))[1] AS \(name)"
      }
    }
    return """
      SELECT \(values.joined(separator: ", ")) FROM \(sessionStage)
      GROUP BY convoy_target ORDER BY convoy_target
      """
  }

  /// Inserts the messages that are not there; answers with their ids.
  var mergeMessages: String {
    """
    INSERT INTO \(messageTable) (\(messageColumns))
    SELECT DISTINCT ON (id) \(messageColumns) FROM \(messageStage) ORDER BY id, convoy_order
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
  }
}

extension MergeStatements {
  /// Runs the merge of what was staged.
  func run(_ connection: borrowing PostgresConnection) throws(PostgresError) -> BatchReceipt {
    try connection.execute("\(resolveSessions); \(moveMessages)")
    let sessions = try runSessions(connection)
    return BatchReceipt(path: .merged, sessions: sessions, messages: try runMessages(connection))
  }

  /// Merges the staged sessions, which have been resolved.
  func runSessions(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> RowOutcome {
    var joined: [RowId: RowId] = [:]
    for row in try connection.query(joinedSessions, format: .binary).rows {
      if let from = RowId(bytes: row.values[0]), let to = RowId(bytes: row.values[1]) {
        joined[from] = to
      }
    }
    let inserted = try ids(connection, insertSessions)
    // Only behind the insert is every other worker's copy of these sessions there to be seen.
    let repeated = try ids(
      connection, repeated(sessionTable, stage: sessionStage, key: "convoy_target"))
    let updated = try ids(connection, widenSessions)
    return .resolved(
      inserted: inserted, updated: updated, repeated: repeated.subtracting(inserted),
      joined: joined)
  }

  /// Merges the staged messages.
  func runMessages(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> RowOutcome {
    let inserted = try ids(connection, mergeMessages)
    let repeated = try ids(
      connection, repeated(messageTable, stage: messageStage, key: "id"))
    return .resolved(
      inserted: inserted, updated: [], repeated: repeated.subtracting(inserted), joined: [:])
  }

  private func ids(
    _ connection: borrowing PostgresConnection, _ sql: String
  ) throws(PostgresError) -> Set<RowId> {
    var found: Set<RowId> = []
    for row in try connection.query(sql, format: .binary).rows {
      if let id = RowId(bytes: row.values[0]) { found.insert(id) }
    }
    return found
  }
}

extension RowId {
  /// Reads the sixteen bytes of a uuid's binary form.
  init?(bytes: [UInt8]?) {
    guard let bytes, bytes.count == 16 else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
