internal import Archive

/// A conversation that is more than a batch, as its rows pass in their order.
///
/// Memory: the rows of a slice, and those behind them that may yet turn out to be part of one of them: at most
/// ``RepeatedRows/rowsLookedBackAt``, and what is part of these.
struct LongConversation {
  /// A message that was met and not handed out.
  private struct Pending {
    var turn: DumpPart.Turn
    /// Which of the conversation's rows it is.
    var row: Int
    var time: Int64
    var byteCount: Int
  }

  /// Of its first message.
  let start: SortedRows<DumpPart.Item>.Position
  /// Behind its last message.
  let end: SortedRows<DumpPart.Item>.Position
  let messageCount: Int
  /// Bytes of its messages' rows of each input.
  let rowBytes: [Int32: Int]
  /// Of all its messages' rows.
  let digest: UInt64
  /// Of the first slice, among all that is handed out of the part.
  var byteOffset = 0
  private let sliceBytes: Int
  private let first: (item: DumpPart.Item, keys: [UInt8])
  private var window = RowWindow()
  private var pending: [Pending] = []
  private var repeated = RepeatedRows()
  /// Messages that were handed out.
  private var handedOut = 0

  /// Begins with the conversation that rows are at, and goes through it to see what there is of it.
  ///
  /// - Returns: the rows that are no messages, or the first one that is where there are none.
  static func begin(
    _ rows: inout SortedRows<DumpPart.Item>, sliceBytes: Int
  ) throws(FileError) -> (head: RowWindow, LongConversation) {
    var head = RowWindow()
    while let item = rows.first, !item.isMessage {
      head.append(item, of: rows.bytes)
      try rows.pass()
    }
    let start = rows.position
    if head.items.isEmpty, let item = rows.first { head.append(item, of: rows.bytes) }
    let first = (item: head.items[0], keys: head.keys)
    var repeated = RepeatedRows()
    var (rowBytes, digest) = ([Int32: Int](), UInt64(0))
    while let item = rows.first,
      DumpPart.Item.areOneConversation(first.item, first.keys, item, rows.bytes)
    {
      _ = repeated.add(item)
      rowBytes[item.entry.place.input, default: 0] += item.entry.range.count
      digest = WyHash.hash(rows.bytes.span, item.entry.range, seed: digest)
      try rows.pass()
    }
    return (
      head,
      LongConversation(
        start: start, end: rows.position, messageCount: repeated.turnCount, rowBytes: rowBytes,
        digest: digest, sliceBytes: sliceBytes, first: first)
    )
  }

  private init(
    start: SortedRows<DumpPart.Item>.Position, end: SortedRows<DumpPart.Item>.Position,
    messageCount: Int, rowBytes: [Int32: Int], digest: UInt64, sliceBytes: Int,
    first: (item: DumpPart.Item, keys: [UInt8])
  ) {
    (self.start, self.end) = (start, end)
    (self.messageCount, self.rowBytes, self.digest) = (messageCount, rowBytes, digest)
    (self.sliceBytes, self.first) = (sliceBytes, first)
  }

  /// Forgets what was handed out; the rows are gone back to ``start`` then.
  mutating func rewind() {
    window = RowWindow()
    pending.removeAll()
    repeated.clear()
    handedOut = 0
  }

  /// The next messages, as numbers of rows of a window; nil behind the last one.
  mutating func next(
    _ rows: inout SortedRows<DumpPart.Item>, messageLimit: Int
  ) throws(FileError) -> (window: RowWindow, turns: [DumpPart.Turn], first: Int)? {
    /// Messages, the first of those that are pending, to which no row to come can belong, and their bytes.
    var (settled, settledBytes) = (0, 0)
    while settled < messageLimit, settledBytes < sliceBytes {
      guard let item = rows.first,
        DumpPart.Item.areOneConversation(first.item, first.keys, item, rows.bytes)
      else {
        settled = min(pending.count, messageLimit)
        break
      }
      add(item, of: rows.bytes)
      try rows.pass()
      while settled < pending.count, settled < messageLimit, settledBytes < sliceBytes,
        isSettled(pending[settled], before: item)
      {
        settledBytes += pending[settled].byteCount
        settled += 1
      }
    }
    guard settled > 0 else { return nil }
    return take(settled)
  }

  private mutating func add(_ item: DumpPart.Item, of bytes: [UInt8]) {
    let turn = repeated.add(item)
    window.append(item, of: bytes)
    let number = window.items.count - 1
    let place = turn - handedOut
    if place < pending.count {
      pending[place].turn.losers.append(number)
      pending[place].byteCount += item.entry.range.count
    } else {
      pending.append(
        Pending(
          turn: DumpPart.Turn(number: number), row: repeated.rowCount - 1, time: item.time,
          byteCount: item.entry.range.count))
    }
  }

  /// Whether no row behind one that was met can be part of a message.
  private func isSettled(_ message: Pending, before item: DumpPart.Item) -> Bool {
    repeated.rowCount - message.row > RepeatedRows.rowsLookedBackAt
      || item.time - message.time > RepeatedRows.twoWritersMicroseconds
  }

  /// Takes the first pending messages with their rows; those of the others go on in a window of their own.
  private mutating func take(
    _ count: Int
  ) -> (window: RowWindow, turns: [DumpPart.Turn], first: Int) {
    defer { handedOut += count }
    let taken = (window: window, turns: pending[..<count].map(\.turn), first: handedOut)
    pending.removeSubrange(..<count)
    window = RowWindow()
    for index in pending.indices {
      let former = pending[index].turn
      pending[index].turn = DumpPart.Turn(number: move(former.number, of: taken.window))
      for loser in former.losers {
        pending[index].turn.losers.append(move(loser, of: taken.window))
      }
    }
    return taken
  }

  /// Puts a row of another window into this one; gives its number here.
  private mutating func move(_ number: Int, of other: RowWindow) -> Int {
    window.append(other.items[number], key: other.keys, row: other.bytes)
    return window.items.count - 1
  }
}
