internal import Postgres

extension MergeStatements {
  /// What became of staged messages that the target has from another source.
  struct FoundCopies {
    /// Stored rows that were filled.
    var filled: Set<RowId> = []
    var notes = CopyNotes()
  }

  /// Bytes of contents fetched at a time to take their history blocks off.
  private static var contentBytes: Int { 4 << 20 }

  /// Finds the staged messages that rows of another source stand for, and takes them off the stage; gives
  /// the others times that sort them to where they stand.
  ///
  /// Memory: some hundred bytes a message of the sessions that came from several sources.
  /// - Throws: `PostgresError`.
  func findCopies(_ connection: borrowing PostgresConnection) throws(PostgresError) -> FoundCopies {
    var found = FoundCopies()
    var isOfFirstSource: [RowId: Bool] = [:]
    for row in try connection.query(metSessions, format: .binary).rows {
      if let id = RowId(bytes: row.values[0]) { isOfFirstSource[id] = row.values[1] == [1] }
    }
    guard !isOfFirstSource.isEmpty else { return found }
    let list = Self.list(isOfFirstSource.keys.sorted { $0.text < $1.text })
    var known: [RowId: [SessionCopies.Known]] = [:]
    for row in try connection.query(knownMessages, [list], format: .binary).rows {
      guard let session = RowId(bytes: row.values[0]), let id = RowId(bytes: row.values[1]),
        let stored = RowId(bytes: row.values[2])
      else { continue }
      known[session, default: []].append(.init(id: id, row: stored, isOwn: row.values[3] == [1]))
    }
    let (staged, last) = try turns(stagedTurns, isStaged: true, list, connection)
    let (stored, _) = try turns(storedTurns, isStaged: false, list, connection)
    var changes = Changes()
    for (session, isOfFirst) in isOfFirstSource {
      let copies = SessionCopies(
        staged: (staged[session] ?? []).map { turn in
          .init(id: turn.id, digest: turn.digest, time: turn.time, isThere: turn.isThere)
        },
        stored: (stored[session] ?? []).map { turn in
          .init(id: turn.id, digest: turn.digest, time: turn.time)
        },
        known: known[session] ?? [], isOfFirstSource: isOfFirst,
        goesOn: isCut && session == last)
      let alignment = copies.align()
      changes.add(alignment, of: session)
      // A session that was empty has nothing from anybody.
      if stored[session] != nil {
        found.notes.sessions[session] = .init(
          merged: alignment.copies.count, new: alignment.newCount)
      }
      found.notes.moved.formUnion(alignment.moved)
    }
    try apply(changes, &found, connection)
    // One of this source's own messages, met again, says nothing of others.
    found.notes.sessions = found.notes.sessions.filter { $0.value.merged + $0.value.new > 0 }
    return found
  }

  private func apply(
    _ changes: Changes, _ found: inout FoundCopies, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    if !changes.times.isEmpty {
      _ = try connection.query(
        placeTurns,
        [
          Self.list(changes.times.map(\.id)),
          "{\(changes.times.map { $0.time.rfc3339 }.joined(separator: ","))}",
          "{\(changes.times.map { found.notes.moved.contains($0.id) ? "t" : "f" }.joined(separator: ","))}",
        ])
    }
    if !changes.learned.isEmpty {
      _ = try connection.query(
        learnCopies,
        [
          Self.list(changes.learned.map(\.session)), Self.list(changes.learned.map(\.id)),
          Self.list(changes.learned.map(\.row)),
        ])
    }
    guard !changes.copies.isEmpty else { return }
    found.notes.rows = Dictionary(changes.copies.map { ($0.id, $0.row) }) { first, _ in first }
    let messages = Self.list(changes.copies.map(\.id))
    let rows = Self.list(changes.copies.map(\.row))
    if isDryRun {
      try connection.execute(JudgedTable.pausing)
      _ = try connection.query(seedRows, [rows])
      try connection.execute(JudgedTable.resuming)
    }
    if conflict.messages == .update {
      for row in try connection.query(fillRows, [messages, rows], format: .binary).rows {
        if let id = RowId(bytes: row.values[0]) { found.filled.insert(id) }
      }
    }
    for row in try connection.query(leftOut, [messages, rows], format: .binary).rows {
      if let id = RowId(bytes: row.values[0]) { found.notes.leftOut.insert(id) }
    }
    _ = try connection.query(unstage, [messages])
  }

  /// What is to be done for all sessions of the stage.
  private struct Changes {
    var copies: [(id: RowId, row: RowId)] = []
    var learned: [(session: RowId, id: RowId, row: RowId)] = []
    var times: [(id: RowId, time: Timestamp)] = []

    mutating func add(_ alignment: SessionCopies.Alignment, of session: RowId) {
      copies += alignment.copies
      learned += alignment.learned.map { (session, $0.id, $0.row) }
      times += alignment.times
    }
  }

  private struct Turn {
    let id: RowId
    var digest: TurnDigest
    let time: Timestamp
    let isThere: Bool
  }

  /// The messages of some sessions, each once, and the session of the last one.
  private func turns(
    _ sql: String, isStaged: Bool, _ sessions: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> (turns: [RowId: [Turn]], last: RowId?) {
    var turns: [RowId: [Turn]] = [:]
    var last: RowId?
    var seen: Set<RowId> = []
    /// Those whose content has to be fetched, and its length.
    var bloated: [(id: RowId, length: Int)] = []
    for row in try connection.query(sql, [sessions], format: .binary).rows {
      guard let session = RowId(bytes: row.values[0]), let id = RowId(bytes: row.values[1]),
        seen.insert(id).inserted
      else { continue }
      last = session
      let digest = TurnDigest(bytes: row.values[2])
      if digest == nil {
        let length = row.values[3]?.reduce(0) { $0 << 8 | Int($1) } ?? 0
        bloated.append((id, length))
      }
      turns[session, default: []].append(
        Turn(
          id: id, digest: digest ?? TurnDigest(high: 0, low: 0),
          time: row.values[4].flatMap(Timestamp.init(postgres:)) ?? Timestamp(microseconds: 0),
          isThere: isStaged && row.values[5] == [1]))
    }
    let digests = try digests(of: bloated, isStaged: isStaged, sessions, connection)
    guard !digests.isEmpty else { return (turns, last) }
    for session in turns.keys {
      for index in turns[session, default: []].indices {
        if let id = turns[session]?[index].id, let digest = digests[id] {
          turns[session]?[index].digest = digest
        }
      }
    }
    return (turns, last)
  }

  /// Digests of messages with a history block, whose contents are fetched a few at a time.
  private func digests(
    of messages: [(id: RowId, length: Int)], isStaged: Bool, _ sessions: String,
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [RowId: TurnDigest] {
    var digests: [RowId: TurnDigest] = [:]
    var start = 0
    while start < messages.count {
      var (end, bytes) = (start, 0)
      repeat {
        bytes += messages[end].length
        end += 1
      } while end < messages.count && bytes < Self.contentBytes
      let rows = try connection.query(
        contents(ofStaged: isStaged), [sessions, Self.list(messages[start..<end].map(\.id))],
        format: .binary)
      for row in rows.rows {
        guard let id = RowId(bytes: row.values[0]), let content = row.values[1] else { continue }
        digests[id] = TurnDigest(role: Array("user".utf8), content: content)
      }
      start = end
    }
    return digests
  }

  private static func list(_ ids: [RowId]) -> String {
    "{\(ids.map(\.text).joined(separator: ","))}"
  }
}
