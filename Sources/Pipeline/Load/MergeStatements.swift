internal import Postgres

/// The statements that merge a batch into tables that already hold some of its rows.
///
/// Rows are staged in temporary tables of the same columns, and what the conflict policies say is done to
/// the tables by set-wise statements: no statement ever meets one row twice (error 21000).
struct MergeStatements: Sendable {
  /// Not the tables' own names: a trigger's function that names a table without its schema would mean these.
  let sessionStage = "pg_temp.convoy_staged_sessions"
  let messageStage = "pg_temp.convoy_staged_messages"
  /// The update times that sessions of the batch had and are to have.
  let timesTable = "pg_temp.convoy_times"
  let sessions: RowLayout<SessionField>
  let messages: RowLayout<MessageField>
  /// Where rows go; a dry run has tables of its own.
  let sessionTable: String
  let messageTable: String
  /// The tables of a dry run; nil in a load.
  let judged: JudgedTables?
  /// A transaction id from before the run: rows that are younger were put there by it.
  let firstTransaction: String
  let conflict: ConflictSpec
  let updatedTimes: UpdatedTimes
  /// Whether the ledger knows of copies that a dry run can read; a load's is always there.
  let hasCopies: Bool
  /// Name of the dialect the batch is of, as it stands in provenance.
  private(set) var source = ""
  /// Whether sessions keep the update time they had, because a later batch has more of their messages, which
  /// are compared with that time.
  private(set) var keepsFormerTimes = false
  /// Whether a later batch has more messages of the last session.
  private(set) var isCut = false

  init(
    sessions: RowLayout<SessionField>, messages: RowLayout<MessageField>, firstTransaction: String,
    conflict: ConflictSpec, updatedTimes: UpdatedTimes, hasCopies: Bool,
    judged: JudgedTables? = nil
  ) {
    self.sessions = sessions
    self.messages = messages
    self.firstTransaction = firstTransaction
    self.conflict = conflict
    self.updatedTimes = updatedTimes
    self.judged = judged
    self.hasCopies = hasCopies
    sessionTable = judged?.sessions.qualified ?? sessions.table
    messageTable = judged?.messages.qualified ?? messages.table
  }

  /// The same for a dry run's tables.
  func judging(_ tables: JudgedTables) -> MergeStatements {
    MergeStatements(
      sessions: sessions, messages: messages, firstTransaction: firstTransaction,
      conflict: conflict,
      updatedTimes: updatedTimes == .untouched || updatedTimes == .lost ? updatedTimes : .paused,
      hasCopies: hasCopies, judged: tables)
  }

  /// The same for a batch.
  func merging(_ batch: RowBatch) -> MergeStatements {
    var statements = self
    statements.source = batch.origins.first?.dialect.rawValue ?? ""
    statements.isCut = batch.isCut
    statements.keepsFormerTimes = batch.isContinuedLater && conflict.messages == .update
    return statements
  }

  var isDryRun: Bool { judged != nil }

  /// Whether sessions' update times are compared or kept.
  var needsTimes: Bool { conflict.messages == .update || keepsTimes }

  /// Whether sessions' update times are set once more behind an update.
  var keepsTimes: Bool { updatedTimes != .untouched && updatedTimes != .lost }

  /// Makes the stages for the length of the transaction.
  var makeStages: String {
    """
    \(updatedTimes.lock(sessions.table))
    CREATE TEMPORARY TABLE convoy_staged_sessions (LIKE \(sessions.table) \(Self.copied(of: sessions)),
      convoy_order bigint GENERATED ALWAYS AS IDENTITY, convoy_target uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE convoy_staged_messages (LIKE \(messages.table) \(Self.copied(of: messages)),
      convoy_order bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP;
    \(Self.strip(sessionStage, to: sessions))\(Self.strip(messageStage, to: messages))
    \(needsTimes ? makeTimes : "")
    """
  }

  private var makeTimes: String {
    """
    CREATE TEMPORARY TABLE convoy_times (
      id uuid PRIMARY KEY, before timestamptz, incoming timestamptz) ON COMMIT DROP;
    """
  }

  /// What a stage has of the table's beside its columns.
  ///
  /// Constraints, so that COPY names the row that breaks one; not where a trigger may mend the row first.
  private static func copied<Field>(of layout: RowLayout<Field>) -> String {
    layout.hasInsertTrigger
      ? "INCLUDING DEFAULTS" : "INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
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

  /// What the server says of a staged row, as it would of a row of the table.
  static func named(_ error: PostgresError) -> PostgresError {
    error.naming("convoy_staged_sessions", as: "exai_sessions")
      .naming("convoy_staged_messages", as: "exai_messages")
  }

  var copySessions: String {
    "COPY \(sessionStage) (\(sessions.columnList)) FROM STDIN (FORMAT binary)"
  }

  var copyMessages: String {
    "COPY \(messageStage) (\(messages.columnList)) FROM STDIN (FORMAT binary)"
  }

  /// Finds the session each staged one becomes: its own id, or the one its continuation id has already.
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

  /// Which of the staged sessions, and which messages, this run has put there before.
  ///
  /// By the primary key, never by a join: that may go over the whole table, and does so for each chunk
  /// when refused rows are looked for.
  func repeated(_ table: String, stage: String, key: String) -> String {
    let isOurs =
      isDryRun
      ? "t.convoy_is_new" : "age(t.xmin) <= age(\(quotedLiteral(firstTransaction))::xid)"
    let known = "ANY (ARRAY(SELECT \(key) FROM \(stage)))"
    let settled =
      isDryRun && table == messageTable
      ? " UNION ALL SELECT i.id FROM \(JudgedTables.settledIds) i WHERE i.id = \(known)" : ""
    return """
      SELECT t.id FROM \(table) t WHERE t.id = \(known) AND \(isOurs)\(settled)
      """
  }
}
