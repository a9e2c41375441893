internal import Archive
internal import Synchronization

/// A part of the legacy table that is more than is held at once, as a session of a million rows makes it.
///
/// What ``LongPart`` is to ``DumpPart`` this is to ``TablePart``: rows are sorted by way of a file, and a session that is
/// more than a batch by itself is a record without rows, and ``ConversationSlices``.
///
/// Memory: about three batches, and what ``SortedRows`` takes.
final class LongTablePart: SlicedPart {
  /// Rows that are sorted at once.
  private static let runBytes = 4 << 20

  /// A session that is more than a batch.
  private struct LongSession {
    var first: (item: TablePart.Item, bytes: [UInt8])
    var start: SortedRows<TablePart.Item>.Position
    var end: SortedRows<TablePart.Item>.Position
    var rowCount: Int
    /// Rows that were handed out.
    var handedOut = 0
    /// Of the first slice, among all that is handed out of the part.
    var byteOffset = 0
    var sliceBytes: Int
  }

  private struct State: ~Copyable {
    var rows: SortedRows<TablePart.Item>
    /// Whole sessions on their way out.
    var window: TablePart?
    /// The long session that was handed out last.
    var long: LongSession?
    /// Of what is handed out next, among all that is.
    var byteOffset = 0
    var storedBytes: Int
  }

  /// What is known of the part beside its rows.
  private let part: TablePart.Rows
  private let place: SpillPlace
  private let state: Mutex<State>

  /// Sorts the rows of a part.
  ///
  /// - Throws: ``RunError`` for want of room, and when the run is to stop.
  init(
    _ part: TablePart.Rows, _ blocks: RowSpill.Blocks, in place: SpillPlace
  ) throws(RunError) {
    self.part = part
    self.place = place
    try place.requireRoom(for: blocks.writtenBytes, of: "a long session")
    var blocks = blocks
    var rows = SortedRows<TablePart.Item>(in: place.directory)
    var bytes: [UInt8] = []
    while let more = try RunError.onFiles({ () throws(FileError) in try blocks.next() }) {
      bytes += more
      guard bytes.count >= Self.runBytes else { continue }
      try Self.sort(bytes, part, into: &rows)
      bytes.removeAll(keepingCapacity: true)
      try place.check()
    }
    try Self.sort(bytes + blocks.rest, part, into: &rows)
    do throws(FileError) { try rows.begin() } catch {
      throw RunError(.fileAccess, error.description)
    }
    state = Mutex(State(rows: rows, storedBytes: part.storedBytes))
  }

  private static func sort(
    _ bytes: [UInt8], _ part: TablePart.Rows, into rows: inout SortedRows<TablePart.Item>
  ) throws(RunError) {
    var run = part
    (run.entries, run.bytes) = (RowSpill.entries(in: bytes), bytes)
    let items = TablePart(run).items
    do throws(FileError) {
      try rows.addRun(rows: items.count) { number, out in
        TablePart.Item.append(items[number].entry, of: bytes, to: &out)
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }

  /// The next sessions as a batch; nil when all have been handed out.
  ///
  /// What was not fetched of a long session is passed.
  /// - Throws: ``RunError`` when rows cannot be read back, and when the run is to stop.
  func nextBatch(batchBytes: Int) throws(RunError) -> SourceBatch? {
    try place.check()
    do throws(FileError) {
      return try state.withLock { state throws(FileError) in
        if let long = state.long.take() { try state.rows.go(to: long.end) }
        while true {
          if let segment = state.window?.nextSegment(batchBytes: batchBytes) {
            return Self.batch(segment, &state)
          }
          if let end = state.window?.byteOffset { state.byteOffset = end }
          state.window = nil
          guard let taken = try takeWindow(&state.rows, batchBytes) else {
            guard let segment = try beginLong(&state, batchBytes) else { return nil }
            return Self.batch(segment, &state)
          }
          guard !taken.entries.isEmpty else { return nil }
          state.window = TablePart(taken, byteOffset: state.byteOffset)
        }
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }

  private static func batch(_ segment: InputSegment, _ state: inout State) -> SourceBatch {
    defer { state.storedBytes = 0 }
    return SourceBatch(segments: [segment], storedBytes: state.storedBytes)
  }

  /// Takes about a batch of whole sessions: of nothing at the end, nil where the next one is more than a batch.
  private func takeWindow(
    _ rows: inout SortedRows<TablePart.Item>, _ batchBytes: Int
  ) throws(FileError) -> TablePart.Rows? {
    var window = part
    /// The last row, in the window's bytes.
    var last: TablePart.Item?
    var session = (first: 0, start: 0, position: rows.position)
    while let item = rows.first {
      let isFurther =
        last.map { TablePart.Item.areOneSession($0, window.bytes, item, rows.bytes) } ?? false
      if !isFurther {
        guard window.bytes.count < batchBytes else { break }
        session = (window.entries.count, window.bytes.count, rows.position)
      } else if window.bytes.count - session.start >= batchBytes {
        try rows.go(to: session.position)
        guard session.first > 0 else { return nil }
        window.entries.removeSubrange(session.first...)
        window.bytes.removeSubrange(session.start...)
        break
      }
      last = window.append(item, of: rows.bytes)
      try rows.pass()
    }
    return window
  }

  // MARK: Long sessions

  private func beginLong(
    _ state: inout State, _ batchBytes: Int
  ) throws(FileError) -> InputSegment? {
    var head = part
    let start = state.rows.position
    guard let item = state.rows.first else { return nil }
    let first = head.append(item, of: state.rows.bytes)
    var facts = TablePart.SessionFacts()
    var (count, bytes) = (0, [Int32: Int]())
    while let item = state.rows.first,
      TablePart.Item.areOneSession(first, head.bytes, item, state.rows.bytes)
    {
      facts.add(item.row, of: state.rows.bytes, user: head.bytes[first.row.user])
      facts.digest = WyHash.hash(state.rows.bytes.span, item.range, seed: facts.digest)
      count += 1
      bytes[item.place.input, default: 0] += item.row.json.count
      try state.rows.pass()
    }
    var segment = TablePart(head, byteOffset: state.byteOffset).headSegment(facts)
    segment.slices = ConversationSlices(part: self, messageCount: count, rowBytes: bytes)
    state.byteOffset += segment.bytes.count
    state.long = LongSession(
      first: (first, head.bytes), start: start, end: state.rows.position, rowCount: count,
      byteOffset: state.byteOffset, sliceBytes: batchBytes)
    state.byteOffset += count
    return segment
  }

  func rewind() throws(RunError) {
    do throws(FileError) {
      try state.withLock { state throws(FileError) in
        state.long?.handedOut = 0
        if let start = state.long?.start { try state.rows.go(to: start) }
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }

  func nextSlice(messageLimit: Int) throws(RunError) -> InputSegment? {
    try place.check()
    do throws(FileError) {
      return try state.withLock { state throws(FileError) in
        guard let long = state.long else { return nil }
        var window = part
        while window.entries.count < messageLimit, window.bytes.count < long.sliceBytes,
          let item = state.rows.first,
          TablePart.Item.areOneSession(
            long.first.item, long.first.bytes, item, state.rows.bytes)
        {
          _ = window.append(item, of: state.rows.bytes)
          try state.rows.pass()
        }
        guard !window.entries.isEmpty else { return nil }
        state.long?.handedOut += window.entries.count
        return TablePart(window, byteOffset: long.byteOffset + long.handedOut)
          .sliceSegment(from: long.handedOut)
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }
}

extension TablePart.Rows {
  /// Appends a row that lies in bytes; gives it as it lies in these.
  fileprivate mutating func append(_ item: TablePart.Item, of source: [UInt8]) -> TablePart.Item {
    let start = bytes.count
    bytes.append(item.range, of: source)
    var entry = item.entry
    entry.range = start..<bytes.count
    entries.append(entry)
    return TablePart.Item(
      hash: item.hash, place: item.place, row: TableRow(bytes.span, entry.range))
  }
}

extension TablePart.Item {
  /// The row as it is spilled.
  var entry: RowSpill.Entry {
    RowSpill.Entry(hash: hash, layout: 0, place: place, range: range)
  }
}
