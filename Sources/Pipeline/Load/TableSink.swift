internal import Postgres

/// Loads batches: one connection, one transaction a batch, its ledger row inside.
///
/// Rows go straight into the tables. When a key is there already the savepoint is rolled back and the
/// batch goes by temporary tables; sessions are sent first, so that little has been written by then.
struct TableSink: BatchSink, ~Copyable {
  /// Collisions with another worker or another client are over after a moment; more than this is not one.
  private static let attemptLimit = 5

  private let connection: PostgresConnection
  private let run: String
  private let sessions: RowLayout<SessionField>
  private let messages: RowLayout<MessageField>
  private let merge: MergeStatements

  init(
    _ connection: consuming PostgresConnection, run: String, sessions: RowLayout<SessionField>,
    messages: RowLayout<MessageField>, merge: MergeStatements
  ) {
    self.connection = connection
    self.run = run
    self.sessions = sessions
    self.messages = messages
    self.merge = merge
  }

  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    var attempt = 1
    while true {
      do {
        return try load(batch, key: key)
      } catch let error as PostgresError {
        if connection.isInTransaction, error.reason != .connectionLost {
          try connection.execute("ROLLBACK")
        }
        guard attempt < Self.attemptLimit, Self.isCollision(error) else { throw error }
        attempt += 1
      }
    }
  }

  private static func isCollision(_ error: PostgresError) -> Bool {
    guard let state = error.sqlState else { return false }
    return state == .uniqueViolation || state == .deadlockDetected
      || state.conditionClass == "40"
  }

  private func load(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    let keyText = "'\\x\(String(decoding: hexText(key), as: UTF8.self))'"
    let begun = try connection.execute(
      """
      \(TransactionScope.begin(serverVersion: connection.serverVersion))
      INSERT INTO convoy.batches (key, run_id, sessions, messages)
      VALUES (\(keyText), \(quotedLiteral(run)),
              \(batch.sessions.rows.count), \(batch.messages.rows.count))
      ON CONFLICT (key) DO NOTHING
      """)
    guard begun == 1 else {
      try connection.execute("ROLLBACK")
      return BatchReceipt(
        path: .alreadyCommitted, sessions: .allUnchanged, messages: .allUnchanged)
    }
    let receipt = try write(batch)
    if !receipt.refusedSessions.isEmpty || !receipt.refusedMessages.isEmpty {
      // The next run meets the refused rows again and reports them again, so that none is forgotten.
      try connection.execute("DELETE FROM convoy.batches WHERE key = \(keyText)")
    }
    try connection.execute("COMMIT")
    return receipt
  }

  /// Tries the quick way, then the merge, then row by row where it must be.
  private func write(_ batch: RowBatch) throws -> BatchReceipt {
    try connection.execute("SAVEPOINT rows")
    do {
      guard !batch.continuesSession else { return try stageAndMerge(batch) }
      return try copy(batch)
    } catch let error as PostgresError where error.sqlState == .uniqueViolation {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
      try connection.execute(merge.makeStages)
      return try RowIsolation(merge: merge).load(batch, connection)
    }
    do {
      return try stageAndMerge(batch)
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
      try connection.execute(merge.makeStages)
      return try RowIsolation(merge: merge).load(batch, connection)
    }
  }

  private func copy(_ batch: RowBatch) throws -> BatchReceipt {
    try connection.send(
      batch.sessions,
      by: "COPY \(sessions.table) (\(sessions.columnList)) FROM STDIN (FORMAT binary)")
    try connection.send(
      batch.messages,
      by: "COPY \(messages.table) (\(messages.columnList)) FROM STDIN (FORMAT binary)")
    return BatchReceipt(path: .copied, sessions: .allInserted, messages: .allInserted)
  }

  private func stageAndMerge(_ batch: RowBatch) throws -> BatchReceipt {
    try connection.execute(merge.makeStages)
    try connection.send(batch.sessions, by: merge.copySessions)
    try connection.send(batch.messages, by: merge.copyMessages)
    return try merge.run(connection)
  }
}
