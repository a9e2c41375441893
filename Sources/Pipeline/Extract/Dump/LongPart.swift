internal import Archive
internal import Synchronization

/// A part of a dump that is more than is held at once, as a conversation of a million messages makes it.
///
/// Its rows are sorted by way of a file. Conversations are handed out as ``DumpPart`` does; of one that is more than a
/// batch by itself there is a record without messages, and ``ConversationSlices`` to fetch these from. One
/// worker has it, and the lock is never waited for.
///
/// Memory: about three batches, and what ``SortedRows`` takes.
final class LongPart: SlicedPart {
  /// A part that is no more than this, or than two batches if that is less, is held whole.
  static let leastBytes = 8 << 20
  /// Rows that are sorted at once.
  private static let runBytes = 4 << 20

  private struct State: ~Copyable {
    var rows: SortedRows<DumpPart.Item>
    /// Whole conversations on their way out.
    var window: DumpPart?
    /// The long conversation that was handed out last.
    var long: LongConversation?
    /// Of what is handed out next, among all that is.
    var byteOffset = 0
    var storedBytes: Int
  }

  /// What is known of the part beside its rows.
  private let part: DumpSource.Rows
  private let place: SpillPlace
  private let state: Mutex<State>

  /// Sorts the rows of a part.
  ///
  /// - Throws: ``RunError`` for want of room, and when the run is to stop.
  init(
    _ part: DumpSource.Rows, _ blocks: RowSpill.Blocks, in place: SpillPlace
  ) throws(RunError) {
    self.part = part
    self.place = place
    try place.requireRoom(for: blocks.writtenBytes, of: "a long conversation")
    var blocks = blocks
    var rows = SortedRows<DumpPart.Item>(in: place.directory)
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
    _ bytes: [UInt8], _ part: DumpSource.Rows, into rows: inout SortedRows<DumpPart.Item>
  ) throws(RunError) {
    var run = part
    run.entries = RowSpill.entries(in: bytes)
    run.rows = SourceRows(bytes: bytes, layouts: part.rows.layouts)
    run.files = nil
    let sorted = try DumpPart(run)
    let (items, keys) = (sorted.items, sorted.keys)
    do throws(FileError) {
      try rows.addRun(rows: items.count) { number, out in
        items[number].append(to: &out, key: keys, row: bytes)
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }

  /// The next conversations as a batch; nil when all have been handed out.
  ///
  /// What was not fetched of a long conversation is passed.
  /// - Throws: ``RunError`` when rows cannot be read back, and when the run is to stop.
  func nextBatch(batchBytes: Int) throws(RunError) -> SourceBatch? {
    try place.check()
    return try state.withLock { state throws(RunError) in
      if let long = state.long {
        state.long = nil
        try RunError.onFiles { () throws(FileError) in try state.rows.go(to: long.end) }
      }
      while true {
        if let segment = state.window?.nextSegment(batchBytes: batchBytes) {
          return batch(segment, &state)
        }
        if let end = state.window?.byteOffset { state.byteOffset = end }
        state.window = nil
        let taken: RowWindow?
        do throws(FileError) { taken = try Self.takeWindow(&state.rows, batchBytes) } catch {
          throw RunError(.fileAccess, error.description)
        }
        guard let taken else { return try longBatch(&state, batchBytes) }
        guard !taken.items.isEmpty else { return nil }
        state.window = try makePart(taken, byteOffset: state.byteOffset)
      }
    }
  }

  private func batch(_ segment: InputSegment, _ state: inout State) -> SourceBatch {
    defer { state.storedBytes = 0 }
    return SourceBatch(segments: [segment], storedBytes: state.storedBytes)
  }

  /// Takes about a batch of whole conversations: of nothing at the end, nil where the next one is more than a batch.
  private static func takeWindow(
    _ rows: inout SortedRows<DumpPart.Item>, _ batchBytes: Int
  ) throws(FileError) -> RowWindow? {
    var window = RowWindow()
    var conversation = (first: 0, start: 0, position: rows.position)
    while let item = rows.first {
      let isFurther =
        window.items.last.map {
          DumpPart.Item.areOneConversation($0, window.keys, item, rows.bytes)
        } ?? false
      if !isFurther {
        guard window.bytes.count < batchBytes else { break }
        conversation = (window.items.count, window.bytes.count, rows.position)
      } else if window.bytes.count - conversation.start >= batchBytes {
        try rows.go(to: conversation.position)
        guard conversation.first > 0 else { return nil }
        window.keepFirst(conversation.first)
        break
      }
      window.append(item, of: rows.bytes)
      try rows.pass()
    }
    return window
  }

  // MARK: Long conversations

  private func longBatch(
    _ state: inout State, _ batchBytes: Int
  ) throws(RunError) -> SourceBatch? {
    let head: RowWindow
    let long: LongConversation
    do throws(FileError) {
      (head, long) = try LongConversation.begin(&state.rows, sliceBytes: batchBytes)
    } catch { throw RunError(.fileAccess, error.description) }
    var part = try makePart(head, byteOffset: state.byteOffset)
    var segment = part.headSegment(contents: long.digest)
    state.long = long
    state.long?.byteOffset = state.byteOffset + segment.bytes.count
    state.byteOffset += segment.bytes.count + long.rowBytes.values.reduce(0, +)
    var slices = ConversationSlices(
      part: self, messageCount: long.messageCount, rowBytes: long.rowBytes)
    // The record's own row is one of them where the conversation has none.
    if let first = head.items.first, first.isMessage {
      slices.rowBytes[first.entry.place.input, default: 0] -= first.entry.range.count
    }
    segment.slices = slices
    return batch(segment, &state)
  }

  func rewind() throws(RunError) {
    try state.withLock { state throws(RunError) in
      state.long?.rewind()
      guard let start = state.long?.start else { return }
      try RunError.onFiles { () throws(FileError) in try state.rows.go(to: start) }
    }
  }

  func nextSlice(messageLimit: Int) throws(RunError) -> InputSegment? {
    try place.check()
    return try state.withLock { state throws(RunError) in
      guard var long = state.long.take() else { return nil }
      defer { state.long = long }
      let slice: (window: RowWindow, turns: [DumpPart.Turn], first: Int)?
      do throws(FileError) {
        slice = try long.next(&state.rows, messageLimit: messageLimit)
      } catch { throw RunError(.fileAccess, error.description) }
      guard let slice else { return nil }
      // Every message has a byte, so that no two slices have one offset.
      var part = try makePart(slice.window, byteOffset: long.byteOffset + slice.first)
      return part.sliceSegment(slice.turns, from: slice.first)
    }
  }

  private func makePart(_ window: RowWindow, byteOffset: Int) throws(RunError) -> DumpPart {
    var rows = part
    rows.rows = SourceRows(bytes: window.bytes, layouts: part.rows.layouts)
    return try DumpPart(rows, window, byteOffset: byteOffset)
  }
}
