internal import Archive
internal import Synchronization

/// Hands out the inputs of a run, piece by piece, to whoever asks; safe to ask from several threads.
///
/// A format whose records are whole sessions is cut anywhere between records. A format whose file is one
/// session keeps the file with the worker that began it, so that order, ties and title need no second
/// look. What is handed out depends on the inputs and sizes alone, never on who asks when.
final class BatchSource: Sendable {
  private let all: [PlannedInput]
  private let hasGathered: Bool
  /// Inputs whose records are whole sessions.
  private let inputs: [PlannedInput]
  /// Inputs that are a session each.
  private let files: [PlannedInput]
  /// Inputs whose rows are put together before they are records; they come last.
  private let dumps: [PlannedInput]
  /// The rows of tables, which are read before anybody asks; nil where files are read.
  let tables: TableRows?
  private let batchBytes: Int
  private let longPartBytes: Int
  private let spillPlace: SpillPlace
  private let turns = LongRecordTurns()
  private let fileTables: FileTables?
  private let dumpZone: ZoneRules
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var next = 0
    var nextFile = 0
    var reader: InputReader?
    /// Sessions put together from several inputs; nil until the first is asked for.
    var calls: CallSource?
    /// The dumps, from when the first of them is asked for.
    var dumps: DumpSource?
    /// Rests of handfuls that were more than a batch once inflated; handed out before other files.
    var putBack: [Range<Int>] = []
  }

  /// What a worker has begun and goes on with alone.
  struct Own: ~Copyable {
    /// A file that is one session.
    var file: InputReader?
    /// A part of the dumps.
    var part: DumpPart?
    /// A part that is more than is held at once.
    var longPart: LongPart?
    /// A part of the tables.
    var tablePart: TablePart?
    /// A part of the tables that is more than is held at once.
    var longTablePart: LongTablePart?
  }

  /// Hands out those inputs that are of some dialects; nil for all of them.
  ///
  /// `fileTables` takes what dumps say of files; without it they are passed over. Their times without a zone are of
  /// `dumpZone`. Parts of them that are more than `longPartBytes`, as a rule two batches, are not held whole.
  init(
    inputs: [PlannedInput], of dialects: Set<SourceFormat>? = nil, batchBytes: Int,
    spillingTo spillPlace: SpillPlace, fileTables: FileTables? = nil, dumpZone: ZoneRules = .utc,
    longPartBytes: Int? = nil
  ) {
    let longPartBytes = longPartBytes ?? min(LongPart.leastBytes, 2 * batchBytes)
    self.longPartBytes = longPartBytes
    self.dumpZone = dumpZone
    all = inputs
    let inputs = inputs.filter { dialects?.contains($0.dialect) ?? true }
    hasGathered = inputs.contains(where: \.dialect.isGathered)
    self.inputs = inputs.filter {
      !$0.dialect.isFilePerSession && !$0.dialect.isGathered && !$0.dialect.isScattered
    }
    dumps = inputs.filter(\.dialect.isScattered)
    self.spillPlace = spillPlace
    self.fileTables = fileTables
    let isLegacyTable = inputs.contains { $0.isTable && $0.dialect == .conversationsTable }
    tables = isLegacyTable ? TableRows(in: spillPlace, longBytes: longPartBytes) : nil
    files = inputs.filter(\.dialect.isFilePerSession)
    self.batchBytes = batchBytes
    state = Mutex(State())
  }

  /// The next piece.
  ///
  /// - Parameter own: what the asking worker has begun; kept by the worker between calls.
  /// - Returns: nil when everything has been handed out.
  /// - Throws: ``RunError`` when a record is too long.
  func next(_ own: inout Own) throws(RunError) -> SourceBatch? {
    if let tables { return try nextRows(of: tables, &own) }
    if hasGathered {
      let calls = try state.withLock { state throws(RunError) in try nextCalls(&state) }
      if let calls { return calls }
    }
    if !inputs.isEmpty {
      let records = try state.withLock { state throws(RunError) in try nextRecords(&state) }
      if let records { return records }
    }
    if let files = try nextFiles(&own.file) { return files }
    return dumps.isEmpty ? nil : try nextPart(&own)
  }

  /// Begins with rows of tables, in place of dumps.
  func beginTables(_ tables: [PlannedInput]) throws(RunError) {
    try state.withLock { state throws(RunError) in
      var begun = try DumpSource(
        tables, in: spillPlace, files: fileTables, zone: dumpZone)
      try begun.begin(tables: tables)
      state.dumps = .some(consume begun)
    }
  }

  /// Takes rows of a table, as ``DumpSource/add(_:_:of:at:)`` does.
  func add(
    _ head: [UInt8], _ lines: [UInt8], of table: PlannedInput, at offset: Int
  ) throws(RunError) {
    try state.withLock { state throws(RunError) in
      try state.dumps?.add(head, lines, of: table, at: offset)
    }
  }

  /// Ends with rows of tables.
  func endTables(_ tables: [PlannedInput], rowCounts: [Int]) {
    state.withLock { $0.dumps?.end(tables: tables, rowCounts: rowCounts) }
  }

  private func nextRows(
    of tables: TableRows, _ own: inout Own
  ) throws(RunError) -> SourceBatch? {
    while true {
      if let batch = own.tablePart?.nextBatch(batchBytes: batchBytes) { return batch }
      own.tablePart = nil
      if let batch = try own.longTablePart?.nextBatch(batchBytes: batchBytes) { return batch }
      own.longTablePart = nil
      switch try tables.next() {
      case .told(let batch): return batch
      case .part(let rows): own.tablePart = TablePart(rows)
      case .long(let part, let blocks):
        own.longTablePart = try LongTablePart(part, blocks, in: spillPlace)
      case nil: return nil
      }
    }
  }

  private func nextPart(_ own: inout Own) throws(RunError) -> SourceBatch? {
    while true {
      if let batch = own.part?.nextBatch(batchBytes: batchBytes) { return batch }
      own.part = nil
      if let batch = try own.longPart?.nextBatch(batchBytes: batchBytes) { return batch }
      own.longPart = nil
      let (told, taken) = try state.withLock { state throws(RunError) in
        if state.dumps == nil {
          var read = try DumpSource(dumps, in: spillPlace, files: fileTables, zone: dumpZone)
          try read.read(dumps)
          state.dumps = .some(consume read)
        }
        if let told = state.dumps?.takeRemarks() {
          return (SourceBatch?(told), DumpSource.Handout?.none)
        }
        return (nil, try state.dumps?.nextRows(longBytes: longPartBytes))
      }
      if let told { return told }
      switch taken {
      case .rows(let rows): own.part = try DumpPart(rows)
      case .long(let part, let blocks): own.longPart = try LongPart(part, blocks, in: spillPlace)
      case nil: return nil
      }
    }
  }

  private func nextRecords(_ state: inout State) throws(RunError) -> SourceBatch? {
    var segments: [InputSegment] = []
    var bytes = 0
    var stored = 0
    while bytes < batchBytes {
      if state.reader == nil {
        guard state.next < inputs.count else { break }
        do throws(StreamError) {
          state.reader = try InputReader(
            inputs[state.next], segmentBytes: batchBytes, turns: turns)
        } catch { segments.append(.unreadable(inputs[state.next], error)) }
        state.next += 1
        continue
      }
      guard var reader = state.reader.take() else { break }
      let before = reader.storedBytes
      if let segment = try reader.next() {
        segments.append(segment)
        bytes += segment.bytes.count
        stored += reader.storedBytes - before
        state.reader = .some(consume reader)
      }
    }
    return segments.isEmpty ? nil : SourceBatch(segments: segments, storedBytes: stored)
  }

  private func nextCalls(_ state: inout State) throws(RunError) -> SourceBatch? {
    if state.calls == nil { state.calls = try CallSource(all, batchBytes: batchBytes) }
    return state.calls?.nextBatch()
  }

  private func nextFiles(_ own: inout InputReader?) throws(RunError) -> SourceBatch? {
    if var reader = own.take() {
      let before = reader.storedBytes
      if let segment = try reader.next() {
        let stored = reader.storedBytes - before
        if !segment.isLast { own = .some(consume reader) }
        return SourceBatch(segments: [segment], storedBytes: stored)
      }
    }
    var segments: [InputSegment] = []
    var stored = 0
    var bytes = 0
    let taken = takeFiles()
    for number in taken {
      var opened: InputReader?
      do throws(StreamError) {
        opened = try InputReader(files[number], segmentBytes: batchBytes, turns: turns)
      } catch { segments.append(.unreadable(files[number], error)) }
      guard var reader = opened.take(), let segment = try reader.next() else { continue }
      stored += reader.storedBytes
      bytes += segment.bytes.count
      segments.append(segment)
      let isWhole = segment.isLast
      if !isWhole { own = .some(consume reader) }
      // A compressed file holds more than its size tells: its rest comes before the next file.
      if !isWhole || bytes >= batchBytes {
        putBack(number + 1..<taken.upperBound)
        break
      }
    }
    return segments.isEmpty ? nil : SourceBatch(segments: segments, storedBytes: stored)
  }

  private func putBack(_ files: Range<Int>) {
    guard !files.isEmpty else { return }
    state.withLock { $0.putBack.append(files) }
  }

  /// Takes the next files that together hold about a batch as they are stored.
  private func takeFiles() -> Range<Int> {
    state.withLock { state in
      if let rest = state.putBack.popLast() { return rest }
      let start = state.nextFile
      var bytes = 0
      while state.nextFile < files.count, bytes < batchBytes, state.nextFile - start < 4096 {
        bytes += files[state.nextFile].size ?? batchBytes
        state.nextFile += 1
      }
      return start..<state.nextFile
    }
  }
}

extension InputSegment {
  /// Stands for an input that could not be opened.
  static func unreadable(_ input: PlannedInput, _ error: StreamError) -> InputSegment {
    InputSegment(
      input: input.index, bytes: [], layout: .lines, records: [], byteOffset: 0, firstLine: 1,
      isFirst: true, isLast: true, fingerprint: [], damage: error.description)
  }
}
