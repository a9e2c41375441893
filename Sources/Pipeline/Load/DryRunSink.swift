internal import Postgres
internal import Synchronization

/// Judges batches by the target without keeping anything: the load's own merge, into temporary tables.
///
/// Rows are staged by the same binary COPY, what the target already has of them is copied beside, and the
/// merge runs there. One transaction on one connection sees every worker's batches, so a row that comes
/// twice is counted as the load will count it; it is rolled back when the run ends.
struct DryRunSink: BatchSink, ~Copyable {
  private let judge: DryRunJudge

  init(_ judge: DryRunJudge) { self.judge = judge }

  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    try judge.judge(batch)
  }
}

/// The transaction that all workers of a dry run share.
final class DryRunJudge: Sendable {
  private let merge: MergeStatements
  /// Guards the connection, which one thread may use at a time.
  private let connection: Mutex<PostgresConnection>

  init(
    _ connection: consuming sending PostgresConnection, sessions: RowLayout<SessionField>,
    messages: RowLayout<MessageField>
  ) throws(PostgresError) {
    merge = MergeStatements(
      sessions: sessions, messages: messages, firstTransaction: "",
      into: ("pg_temp.convoy_seen_sessions", "pg_temp.convoy_seen_messages"))
    try connection.execute(
      """
      \(TransactionScope.begin(serverVersion: connection.serverVersion))
      CREATE TEMPORARY TABLE convoy_seen_sessions (LIKE \(sessions.table) INCLUDING DEFAULTS,
        convoy_is_new boolean NOT NULL DEFAULT true,
        PRIMARY KEY (id), UNIQUE (continuation_id)) ON COMMIT DROP;
      \(MergeStatements.strip(merge.sessionTable, to: sessions))
      CREATE TEMPORARY TABLE convoy_seen_messages (
        id uuid PRIMARY KEY, convoy_is_new boolean NOT NULL DEFAULT true) ON COMMIT DROP;
      \(merge.makeStages)
      """)
    self.connection = Mutex(connection)
  }

  func judge(_ batch: RowBatch) throws -> BatchReceipt {
    try connection.withLock { connection in try judge(batch, on: connection) }
  }

  private func judge(
    _ batch: RowBatch, on connection: borrowing PostgresConnection
  ) throws -> BatchReceipt {
    try connection.execute(
      "SAVEPOINT rows; TRUNCATE \(merge.sessionStage), \(merge.messageStage)")
    do {
      try connection.send(batch.sessions, by: merge.copySessions)
      try connection.send(batch.messages, by: merge.copyMessages)
      let receipt = try merge.run(connection)
      try connection.execute("RELEASE SAVEPOINT rows")
      return receipt
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
      return try RowIsolation(merge: merge).load(batch, connection)
    }
  }
}
