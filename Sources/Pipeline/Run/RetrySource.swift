internal import Archive
internal import Postgres
internal import Synchronization

/// Hands out the groups of a file of rejects to whoever asks; safe to ask from several threads.
final class RetrySource: Sendable {
  /// Groups that are worked on at a time, with what the target has of their sessions.
  struct Piece {
    var groups: [(group: RejectGroup, known: KnownSession?)]
    /// Bytes read of the file of rejects.
    var byteCount: Int
  }

  private static let groupLimit = 1000

  private let index: RetryIndex
  private let batchBytes: Int
  private let lookup: SessionLookup
  /// Takes rows of records that were rejected in pieces.
  private let spillPlace: SpillPlace
  private let zone: ZoneRules
  private let state: Mutex<State>
  private let batchCount = Mutex(0)

  private struct State: ~Copyable {
    let file: InputFile
    var next: [Int]
  }

  /// Times of rows without a zone are of `zone`.
  init(
    _ index: RetryIndex, batchBytes: Int, lookup: SessionLookup, spillingTo spillPlace: SpillPlace,
    zone: ZoneRules
  ) throws(FileError) {
    self.spillPlace = spillPlace
    self.zone = zone
    self.index = index
    self.batchBytes = batchBytes
    self.lookup = lookup
    state = Mutex(
      State(file: try InputFile(path: index.path), next: index.phases.map { _ in 0 }))
  }

  var phaseCount: Int { index.phases.count }

  /// The next groups of a phase; nil when all have been handed out.
  func next(_ phase: Int) throws -> Piece? {
    let taken = try state.withLock { state in try take(phase, &state) }
    guard let taken else { return nil }
    let known = try lookup.sessions(of: taken.groups)
    return Piece(groups: Array(zip(taken.groups, known)), byteCount: taken.byteCount)
  }

  /// A number no other batch of the run has.
  func nextBatchNumber() -> Int {
    batchCount.withLock { count in
      count += 1
      return count
    }
  }

  /// Notes the sessions of a batch that is through.
  func add(_ batch: RowBatch, refused: Set<Int>) { lookup.add(batch, refused: refused) }

  private func take(
    _ phase: Int, _ state: inout State
  ) throws -> (groups: [RejectGroup], byteCount: Int)? {
    var groups: [RejectGroup] = []
    var byteCount = 0
    while byteCount < batchBytes, groups.count < Self.groupLimit,
      state.next[phase] < index.phases[phase].count
    {
      let group = index.phases[phase][state.next[phase]]
      state.next[phase] += 1
      byteCount += group.byteCount
      let work: RejectGroup.Work =
        switch group.kind {
        case .record: .record
        case .pieces: try pieces(group.lines, state.file)
        case .messages: .messages
        case .kept(let reason): .kept(reason)
        }
      groups.append(
        RejectGroup(
          work: work, rejects: try work.held(group.lines).map { try read($0, state.file) },
          repeated: try group.repeated.map { try read($0, state.file) }))
    }
    return groups.isEmpty ? nil : (groups, byteCount)
  }

  /// Brings the rows of a record's pieces together, of which one is in memory at a time.
  private func pieces(
    _ lines: [RetryIndex.Line], _ file: borrowing InputFile
  ) throws -> RejectGroup.Work {
    var source = try DumpSource([], in: spillPlace, zone: zone)
    var rowCount = 0
    for line in lines {
      let problem = try source.add(try read(line, file), behind: &rowCount)
      // Without some of its rows it would be another conversation.
      if let problem { return .kept("its piece in line \(line.number) cannot be read: \(problem)") }
    }
    guard rowCount > 0 else { return .kept("its pieces have no rows") }
    let (rows, blocks) = try source.takeLongPart()
    return .pieces(try LongPart(rows, blocks, in: spillPlace), batchBytes: batchBytes)
  }

  private func read(_ line: RetryIndex.Line, _ file: borrowing InputFile) throws -> Reject {
    let bytes = try file.bytes(at: line.offset, upTo: line.byteCount)
    var reject: Reject
    do {
      reject = try RejectReader.reject(bytes[...], path: index.path, line: line.number)
    } catch {
      throw RunError(
        .failed, "\(index.path):\(line.number): the file changed while it was read",
        hint: "give the same command again")
    }
    reject.place.input = line.input
    return reject
  }
}

extension RejectGroup.Work {
  /// The lines whose records are in memory while they are worked on: of pieces the first, which says what they are of.
  fileprivate func held(_ lines: [RetryIndex.Line]) -> ArraySlice<RetryIndex.Line> {
    switch self {
    case .pieces: lines.prefix(1)
    case .record, .messages, .kept: lines[...]
    }
  }
}
