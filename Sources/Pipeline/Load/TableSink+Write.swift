internal import Postgres

/// The ways rows take, inside the batch's transaction.
extension TableSink {
  /// Tries the quick way, then the merge, then row by row where it must be.
  ///
  /// - Throws: ``KeyIndexNeeded`` where only the quick way is open and the batch cannot take it.
  func write(_ batch: RowBatch, _ slice: BatchSlice) throws -> BatchReceipt {
    if let keyIndex, keyIndex.isOff {
      guard batch.bringsNewMessages(slice) else { throw KeyIndexNeeded() }
      do {
        return try copy(batch, slice)
      } catch let error as PostgresError where error.isDataError {
        throw KeyIndexNeeded()
      }
    }
    try connection.execute("SAVEPOINT rows")
    do {
      guard !batch.continuesSession else { return try stageAndMerge(batch, slice) }
      return try copy(batch, slice)
    } catch let error as PostgresError where error.sqlState == .uniqueViolation {
      try connection.execute("ROLLBACK TO SAVEPOINT rows")
    } catch let error as PostgresError where error.isDataError {
      return try isolate(batch, slice)
    }
    do {
      return try stageAndMerge(batch, slice)
    } catch let error as PostgresError where error.isDataError {
      return try isolate(batch, slice)
    }
  }

  private func copy(_ batch: RowBatch, _ slice: BatchSlice) throws -> BatchReceipt {
    try connection.send(
      batch.sessions, slice.sessions,
      by: "COPY \(sessions.table) (\(sessions.columnList)) FROM STDIN (FORMAT binary)")
    if keyCheck == .batch, batch.holdsParents(slice) {
      // Gone with the transaction, or with the savepoint if a row is refused.
      try connection.execute("SET LOCAL session_replication_role = replica")
    }
    try connection.send(
      batch.messages, slice.messages,
      by: "COPY \(messages.table) (\(messages.columnList)) FROM STDIN (FORMAT binary)")
    guard slice != batch.whole else {
      return BatchReceipt(path: .copied, sessions: .allInserted, messages: .allInserted)
    }
    return BatchReceipt(
      path: .copied, sessions: .inserted(batch.sessions.rows[slice.sessions]),
      messages: .inserted(batch.messages.rows[slice.messages]))
  }

  private func stageAndMerge(_ batch: RowBatch, _ slice: BatchSlice) throws -> BatchReceipt {
    let merge = merge.merging(batch)
    try connection.execute(merge.makeStages)
    return try each(merge.parts(batch, slice)) { part in
      if part.sessions.lowerBound > slice.sessions.lowerBound {
        try connection.execute("TRUNCATE \(merge.sessionStage), \(merge.messageStage)")
      }
      return try merge.run(batch, part, connection)
    }
  }

  private func isolate(_ batch: RowBatch, _ slice: BatchSlice) throws -> BatchReceipt {
    let merge = merge.merging(batch)
    try connection.execute("ROLLBACK TO SAVEPOINT rows")
    try connection.execute(merge.makeStages)
    return try each(merge.parts(batch, slice)) { part in
      try RowIsolation(merge: merge).load(batch, part, connection)
    }
  }

  private func each(
    _ parts: [BatchSlice], _ body: (BatchSlice) throws -> BatchReceipt
  ) throws -> BatchReceipt {
    var receipt = try body(parts[0])
    for part in parts.dropFirst() { receipt.add(try body(part)) }
    return receipt
  }
}
