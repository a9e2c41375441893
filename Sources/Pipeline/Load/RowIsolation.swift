internal import Postgres

/// Loads what can be loaded of a batch the server refuses as a whole, inside the batch's transaction.
///
/// Rows go by the stages in chunks, each in a savepoint. Where the server names the row, that row alone is
/// left out and the chunks grow again behind it; where it does not (foreign keys, triggers, errors of the
/// merge), the chunk is halved. Statements for b bad rows of n: O(b · log n).
struct RowIsolation {
  /// A row alone that collides may collide with another worker's uncommitted one; then it is not bad.
  private static let collisionLimit = 3
  private static let leastChunk = 64
  /// Rows sent to a stage until it is truncated.
  ///
  /// TRUNCATE makes new files, which takes longer than a small chunk; DELETE leaves dead rows that each
  /// later scan of the stage passes.
  private static let truncationRows = 4096

  let merge: MergeStatements

  /// Loads sessions, then the messages of those that are there; the stages must be there.
  func load(
    _ batch: RowBatch, _ slice: BatchSlice, _ connection: borrowing PostgresConnection
  ) throws -> BatchReceipt {
    var sessions = Isolated()
    try isolate(batch.sessions, slice.sessions, .sessions, &sessions, connection)
    let lost = Set(sessions.refused.keys.map { batch.sessions.rows[$0].id })
    var messages = Isolated()
    messages.meetsOthers = !sessions.outcome.isAllInserted(
      batch.sessions.rows[slice.sessions].lazy.filter { !lost.contains($0.id) })
    // Sessions that went to another id are staged again, for their messages to follow.
    try stageJoined(batch.sessions, slice.sessions, sessions.joined, connection)
    var start = slice.messages.lowerBound
    while start < slice.messages.upperBound {
      guard !lost.contains(batch.messages.rows[start].session) else {
        messages.refused[start] = .parent
        start += 1
        continue
      }
      var end = start
      while end < slice.messages.upperBound, !lost.contains(batch.messages.rows[end].session) {
        end += 1
      }
      try isolate(batch.messages, start..<end, .messages, &messages, connection)
      start = end
    }
    return BatchReceipt(
      path: .merged, sessions: sessions.outcome, messages: messages.outcome,
      copies: messages.copies,
      refusedSessions: sessions.refused, refusedMessages: messages.refused)
  }

  private enum Stage { case sessions, messages }

  /// What is known of the rows gone through so far.
  private struct Isolated {
    var outcome = RowOutcome.resolved(inserted: [], updated: [], repeated: [], joined: [:])
    var copies = CopyNotes()
    /// Of messages, whether some of their sessions were there before.
    var meetsOthers = false
    var refused: [Int: RowRefusal] = [:]
    /// Rows sent to the stage since it was truncated; it may hold an earlier batch's at first.
    var staged = RowIsolation.truncationRows
    /// Whether the last chunk is still in the stage; one that was refused went with its savepoint.
    var isStaged = true

    var joined: [RowId: RowId] {
      guard case .resolved(_, _, _, let joined) = outcome else { return [:] }
      return joined
    }
  }

  private func isolate(
    _ rows: RowBuffer, _ range: Range<Int>, _ stage: Stage, _ isolated: inout Isolated,
    _ connection: borrowing PostgresConnection
  ) throws {
    var start = range.lowerBound
    var chunk = range.count
    while start < range.upperBound {
      let end = min(start + chunk, range.upperBound)
      guard let failure = try attempt(rows, start..<end, stage, &isolated, connection) else {
        start = end
        chunk *= 2
        continue
      }
      if let line = failure.copyLine, line >= 1, start + line - 1 < end {
        let bad = start + line - 1
        if bad > start {
          try isolate(rows, start..<bad, stage, &isolated, connection)
        }
        isolated.refused[bad] = .server(MergeStatements.named(failure))
        chunk = max(Self.leastChunk, 2 * (bad - start))
        start = bad + 1
      } else if end - start == 1 {
        isolated.refused[start] = .server(MergeStatements.named(failure))
        start = end
      } else {
        let middle = start + (end - start) / 2
        try isolate(rows, start..<middle, stage, &isolated, connection)
        try isolate(rows, middle..<end, stage, &isolated, connection)
        start = end
      }
    }
  }

  /// Loads a chunk in a savepoint; the error if the server refuses it, nothing of it being there then.
  private func attempt(
    _ rows: RowBuffer, _ range: Range<Int>, _ stage: Stage, _ isolated: inout Isolated,
    _ connection: borrowing PostgresConnection
  ) throws -> PostgresError? {
    var collisions = 0
    while true {
      try connection.execute(
        "\(emptying(stage, &isolated)) SAVEPOINT chunk; \(merge.judged?.keepingOut ?? "")")
      isolated.staged += range.count
      do {
        let (outcome, copies) = try load(rows, range, stage, isolated.meetsOthers, connection)
        try connection.execute("RELEASE SAVEPOINT chunk")
        isolated.outcome.add(outcome)
        isolated.copies.add(copies)
        isolated.isStaged = true
        return nil
      } catch let error as PostgresError where error.isDataError {
        // Released too: savepoints inside savepoints make each look at a row slower, thousands of them
        // unbearably so.
        try connection.execute("ROLLBACK TO SAVEPOINT chunk; RELEASE SAVEPOINT chunk")
        collisions += 1
        guard error.sqlState == .uniqueViolation, range.count == 1,
          collisions < Self.collisionLimit
        else { return error }
      }
    }
  }

  /// The statement that empties the stage, if it holds anything.
  private func emptying(_ stage: Stage, _ isolated: inout Isolated) -> String {
    let table = stage == .sessions ? merge.sessionStage : merge.messageStage
    defer { isolated.isStaged = false }
    if isolated.staged >= Self.truncationRows {
      isolated.staged = 0
      return "TRUNCATE \(table);"
    }
    return isolated.isStaged ? "DELETE FROM \(table);" : ""
  }

  private func load(
    _ rows: RowBuffer, _ range: Range<Int>, _ stage: Stage, _ meetsOthers: Bool,
    _ connection: borrowing PostgresConnection
  ) throws -> (RowOutcome, CopyNotes) {
    switch stage {
    case .sessions:
      try connection.send(rows, range, by: merge.copySessions)
      try connection.execute(merge.resolveSessions)
      return (try merge.runSessions(rows.rows[range], connection), CopyNotes())
    case .messages:
      try connection.send(rows, range, by: merge.copyMessages)
      try connection.execute(merge.moveMessages)
      return try merge.runMessages(
        rows.rows[range], meetingOthers: meetsOthers, connection)
    }
  }

  private func stageJoined(
    _ rows: RowBuffer, _ range: Range<Int>, _ joined: [RowId: RowId],
    _ connection: borrowing PostgresConnection
  ) throws {
    try connection.execute("TRUNCATE \(merge.sessionStage)")
    guard !joined.isEmpty else { return }
    for index in range where joined[rows.rows[index].id] != nil {
      try connection.send(rows, index..<index + 1, by: merge.copySessions)
    }
    try connection.execute(merge.resolveSessions)
  }
}
