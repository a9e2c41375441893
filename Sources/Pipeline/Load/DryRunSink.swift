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
    _ connection: consuming sending PostgresConnection, judging load: MergeStatements
  ) throws(PostgresError) {
    merge = load.judging(
      into: ("pg_temp.convoy_seen_sessions", "pg_temp.convoy_seen_messages"))
    try connection.execute(
      """
      \(TransactionScope.begin(serverVersion: connection.serverVersion))
      CREATE TEMPORARY TABLE convoy_seen_sessions (LIKE \(load.sessions.table) INCLUDING DEFAULTS,
        convoy_is_new boolean NOT NULL DEFAULT true,
        PRIMARY KEY (id), UNIQUE (continuation_id)) ON COMMIT DROP;
      \(MergeStatements.strip(merge.sessionTable, to: load.sessions))
      CREATE TEMPORARY TABLE convoy_seen_messages (
        \(merge.seenMessageColumns), convoy_is_new boolean NOT NULL DEFAULT true) ON COMMIT DROP;
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
    try connection.execute("SAVEPOINT rows")
    do {
      let receipt = try judge(merge.parts(batch, batch.whole)) { part in
        try connection.execute("TRUNCATE \(merge.sessionStage), \(merge.messageStage)")
        return try merge.run(batch, part, connection)
      }
      try connection.execute("RELEASE SAVEPOINT rows")
      return receipt
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
      return try judge(merge.parts(batch, batch.whole)) { part in
        try RowIsolation(merge: merge).load(batch, part, connection)
      }
    }
  }

  private func judge(
    _ parts: [BatchSlice], _ body: (BatchSlice) throws -> BatchReceipt
  ) throws -> BatchReceipt {
    var receipt = try body(parts[0])
    for part in parts.dropFirst() { receipt.add(try body(part)) }
    return receipt
  }
}
