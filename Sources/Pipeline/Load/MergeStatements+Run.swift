internal import Postgres

/// A row of the input that the target has already, where the policy is to end the run then.
struct RowConflict: Error {
  let kind: Reject.Kind
  let place: Place
  let id: RowId
}

extension MergeStatements {
  /// Stages a slice of a batch and merges it.
  ///
  /// - Throws: `PostgresError`; ``RowConflict`` under the policy `fail`.
  func run(
    _ batch: RowBatch, _ slice: BatchSlice, _ connection: borrowing PostgresConnection
  ) throws -> BatchReceipt {
    try connection.send(batch.sessions, slice.sessions, by: copySessions)
    try connection.send(batch.messages, slice.messages, by: copyMessages)
    try connection.execute("\(resolveSessions); \(moveMessages)")
    let sessions = try runSessions(batch.sessions.rows[slice.sessions], connection)
    let (messages, copies) = try runMessages(
      batch.messages.rows[slice.messages],
      meetingOthers: !sessions.isAllInserted(batch.sessions.rows[slice.sessions]), connection)
    return BatchReceipt(path: .merged, sessions: sessions, messages: messages, copies: copies)
  }

  /// Merges the staged sessions, which have been resolved.
  func runSessions(
    _ rows: ArraySlice<EncodedRow>, _ connection: borrowing PostgresConnection
  ) throws -> RowOutcome {
    var joined: [RowId: RowId] = [:]
    for row in try connection.query(joinedSessions, format: .binary).rows {
      if let from = RowId(bytes: row.values[0]), let to = RowId(bytes: row.values[1]) {
        joined[from] = to
      }
    }
    let inserted = try ids(connection, insertSessions)
    if conflict.sessions == .fail { try refuseConflict(.session, rows, inserted, joined) }
    // Only behind the insert is every other worker's copy of these sessions there to be seen.
    let repeated = try ids(
      connection, repeated(sessionTable, stage: sessionStage, key: "convoy_target"))
    let outcome = RowOutcome.resolved(
      inserted: inserted, updated: [], repeated: [], joined: joined)
    if !outcome.isAllInserted(rows) { try connection.execute(meetSources) }
    if needsTimes { try connection.execute(noteTimes) }
    let updated = try ids(connection, widenSessions)
    if keepsTimes, !updated.isEmpty { try connection.execute(keepTimes) }
    return .resolved(
      inserted: inserted, updated: updated, repeated: repeated.subtracting(inserted),
      joined: joined)
  }

  /// Merges the staged messages; those that rows of another source stand for are merged into these, where
  /// any of their sessions may have such.
  ///
  /// - Throws: `PostgresError`, also for a message whose id is taken; ``RowConflict``.
  func runMessages(
    _ rows: ArraySlice<EncodedRow>, meetingOthers: Bool, _ connection: borrowing PostgresConnection
  ) throws -> (RowOutcome, CopyNotes) {
    if keepsIds, let id = try ids(connection, takenId).first {
      // As the server would say it of a row, so that this one alone is left out.
      throw PostgresError(
        reason: .server(.uniqueViolation),
        message: "a message of another session has the id \(id.text) and another content")
    }
    let copies = meetingOthers ? try findCopies(connection) : FoundCopies()
    let inserted = try ids(connection, insertMessages)
    if conflict.messages == .fail { try refuseConflict(.message, rows, inserted, [:]) }
    let repeated = try ids(
      connection, repeated(messageTable, stage: messageStage, key: "id"))
    let updated = conflict.messages == .update ? try ids(connection, updateMessages) : []
    let outcome = RowOutcome.resolved(
      inserted: inserted, updated: updated.union(copies.filled).subtracting(inserted),
      repeated: repeated.union(copies.notes.rows.keys).subtracting(inserted), joined: [:])
    return (outcome, copies.notes)
  }

  /// A row that neither continues an earlier one nor leads to one must have been inserted, and once.
  private func refuseConflict(
    _ kind: Reject.Kind, _ rows: ArraySlice<EncodedRow>, _ inserted: Set<RowId>,
    _ joined: [RowId: RowId]
  ) throws(RowConflict) {
    var seen: Set<RowId> = []
    for row in rows where row.isCounted && !row.isAttachment {
      let id = joined[row.id] ?? row.id
      guard inserted.contains(id), seen.insert(id).inserted else {
        throw RowConflict(kind: kind, place: row.place, id: row.id)
      }
    }
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
