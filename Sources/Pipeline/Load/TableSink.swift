internal import Postgres

/// Loads batches: one connection, one transaction a batch, its ledger row inside.
///
/// Rows go straight into the tables. When a key is there already the savepoint is rolled back and the
/// batch goes by temporary tables; sessions are sent first, so that little has been written by then.
struct TableSink: BatchSink, ~Copyable {
  private let target: ConnectionTarget
  private let applicationName: String
  private let stop: StopSignal
  private let retry = RetryPolicy()
  var connection: PostgresConnection
  private let run: String
  let sessions: RowLayout<SessionField>
  let messages: RowLayout<MessageField>
  let merge: MergeStatements
  private let scope: TransactionScope
  let keyCheck: SessionKeyCheck
  let keyIndex: MessageKeyIndex?
  /// What the batch under way becomes, from just before its COMMIT until the answer is there.
  private var committing: Committing?

  private struct Committing {
    let receipt: BatchReceipt
    /// The transaction's id where the ledger will have no row of it.
    let transaction: String?
  }

  /// - Throws: `PostgresError` when there is no connection to be had.
  init(
    _ target: ConnectionTarget, applicationName: String, stop: StopSignal, run: String,
    sessions: RowLayout<SessionField>, messages: RowLayout<MessageField>, merge: MergeStatements,
    scope: TransactionScope, keyCheck: SessionKeyCheck, keyIndex: MessageKeyIndex?
  ) throws(PostgresError) {
    self.target = target
    self.applicationName = applicationName
    self.stop = stop
    self.run = run
    self.sessions = sessions
    self.messages = messages
    self.merge = merge
    self.scope = scope
    self.keyCheck = keyCheck
    self.keyIndex = keyIndex
    var attempt = 1
    while true {
      do throws(PostgresError) {
        connection = try Self.connect(target, applicationName, stop)
        return
      } catch {
        // Others may have all the connections there are; the run's first one has shown that the server
        // takes this role.
        guard attempt < retry.attemptLimit, RetryPolicy.isTransient(error), stop.received == nil
        else { throw error }
        stop.wait(seconds: retry.delay(after: attempt))
        attempt += 1
      }
    }
  }

  private static func connect(
    _ target: ConnectionTarget, _ applicationName: String, _ stop: StopSignal
  ) throws(PostgresError) -> PostgresConnection {
    let connection = try PostgresConnection(target, applicationName: applicationName)
    stop.add(try connection.canceller())
    return connection
  }

  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    try accept(batch, batch.whole, key: key)
  }

  /// Loads a slice, trying again what passes; one that the server cancels for its length goes in halves.
  private mutating func accept(
    _ batch: RowBatch, _ slice: BatchSlice, key: [UInt8]
  ) throws -> BatchReceipt {
    var attempt = 1
    var isKeyIndexNeeded = false
    committing = nil
    while true {
      do {
        if isKeyIndexNeeded { try restoreKeyIndex() }
        isKeyIndexNeeded = false
        var receipt = try load(batch, slice, key: key)
        receipt.retries = attempt - 1
        return receipt
      } catch is KeyIndexNeeded {
        isKeyIndexNeeded = true
      } catch let error as PostgresError {
        guard attempt < retry.attemptLimit, RetryPolicy.isTransient(error), stop.received == nil
        else { throw error }
        try recover(attempt, after: error)
        if error.sqlState == .queryCanceled, let halves = batch.halves(slice) {
          return try accept(batch, halves, key: key)
        }
        attempt += 1
      }
    }
  }

  private func restoreKeyIndex() throws(PostgresError) {
    if connection.isInTransaction { try connection.execute("ROLLBACK") }
    try keyIndex?.restore(connection)
  }

  /// Loads two halves of a slice, a transaction each.
  ///
  /// The halves have keys of their own; the whole's is written behind them, so that a run that ends in
  /// between goes on with what is missing.
  private mutating func accept(
    _ batch: RowBatch, _ halves: (BatchSlice, BatchSlice), key: [UInt8]
  ) throws -> BatchReceipt {
    var receipt = try accept(batch, halves.0, key: key + [1])
    receipt.add(try accept(batch, halves.1, key: key + [2]))
    receipt.retries += 1
    if !receipt.hasRefusals {
      let nothing = BatchSlice(sessions: 0..<0, messages: 0..<0)
      _ = try accept(batch, nothing, key: key)
    }
    return receipt
  }

  /// Waits before the next try, and sees to it that there is a connection out of any transaction.
  private mutating func recover(_ attempt: Int, after error: PostgresError) throws {
    stop.wait(seconds: retry.delay(after: attempt))
    do throws(PostgresError) {
      guard !RetryPolicy.endsConnection(error) else { throw error }
      if connection.isInTransaction { try connection.execute("ROLLBACK") }
    } catch {
      guard RetryPolicy.endsConnection(error) else { throw error }
      do throws(PostgresError) {
        connection = try Self.connect(target, applicationName, stop)
      } catch {
        // The server may be on its way up again; the next try finds out.
        guard RetryPolicy.isTransient(error) else { throw error }
      }
    }
  }

  private mutating func load(
    _ batch: RowBatch, _ slice: BatchSlice, key: [UInt8]
  ) throws -> BatchReceipt {
    // A worker may have waited long for a connection, or between two tries.
    try stop.check()
    let keyText = "'\\x\(String(decoding: hexText(key), as: UTF8.self))'"
    let begun = try connection.execute(
      """
      \(scope.begin)
      INSERT INTO convoy.batches (key, run_id, sessions, messages, pieces)
      VALUES (\(keyText), \(quotedLiteral(run)), \(slice.sessions.count), \(slice.messages.count),
        \(Ledger.literal(batch.pieces)))
      ON CONFLICT (key) DO NOTHING
      """)
    let known =
      begun == 0 ? try committedEarlier(batch, slice, keyText) : try committedUnrecorded()
    if let known {
      try connection.execute("ROLLBACK")
      return known
    }
    if begun == 0 {
      // Its rows are gone: from here on it is this run's.
      try connection.execute(
        "UPDATE convoy.batches SET run_id = \(quotedLiteral(run)), committed_at = now() WHERE key = \(keyText)"
      )
    }
    let receipt = try write(batch, slice)
    var transaction: String?
    if receipt.hasRefusals {
      // The next run meets the refused rows again and reports them again, so that none is forgotten.
      transaction = try connection.query(
        "DELETE FROM convoy.batches WHERE key = \(keyText) RETURNING txid_current()"
      ).first?[0]
    }
    committing = Committing(receipt: receipt, transaction: transaction)
    try connection.execute("COMMIT")
    committing = nil
    return receipt
  }

  /// What the ledger's row for this batch means; nil if its rows are gone, as after a restore.
  private func committedEarlier(
    _ batch: RowBatch, _ slice: BatchSlice, _ keyText: String
  ) throws(PostgresError) -> BatchReceipt? {
    let owner = try connection.query(
      "SELECT run_id::text FROM convoy.batches WHERE key = \(keyText)")
    // The answer to this very batch's COMMIT was lost: it went through.
    if let committing, owner.first?[0] == run { return committing.receipt }
    let (sessionRows, messageRows) = (
      batch.sessions.rows[slice.sessions], batch.messages.rows[slice.messages]
    )
    let ends = [messageRows.first, messageRows.last].compactMap { $0?.id.text }
    let sessionEnds = [sessionRows.first, sessionRows.last].compactMap { $0?.id.text }
    let earlier = BatchReceipt(
      path: .alreadyCommitted, sessions: .allUnchanged, messages: .allUnchanged)
    guard !ends.isEmpty || !sessionEnds.isEmpty else { return earlier }
    // One row that is there is enough: others may have been deleted since on purpose. Messages without their
    // index would have to be read one and all.
    let asksSessions = ends.isEmpty || keyIndex?.isOff == true && !sessionEnds.isEmpty
    let (table, ids) = asksSessions ? (sessions.table, sessionEnds) : (messages.table, ends)
    let list = ids.map(quotedLiteral).joined(separator: ", ")
    let found = try connection.query("SELECT EXISTS (SELECT FROM \(table) WHERE id IN (\(list)))")
    return found.first?.isTrue(0) == true ? earlier : nil
  }

  /// What became of a batch with refused rows, whose COMMIT was not answered; nil if it did not commit.
  ///
  /// The server knows it by the transaction. One that is still at it holds the key of the ledger's row, so
  /// that it is over once this transaction has that.
  private func committedUnrecorded() throws(PostgresError) -> BatchReceipt? {
    guard let committing, let transaction = committing.transaction else { return nil }
    let status = try connection.query("SELECT txid_status($1)", [transaction])
    return status.first?[0] == "committed" ? committing.receipt : nil
  }
}
