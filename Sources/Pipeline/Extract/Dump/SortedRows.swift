internal import Archive

/// A row that is sorted with others, of which not all are in memory at once.
protocol OrderedRow {
  /// Reads a row out of the bytes that were written of it, which `range` is.
  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>)

  /// Whether a row comes before another one; each with the bytes it was read from.
  static func precedes(
    _ left: Self, _ leftBytes: [UInt8], _ right: Self, _ rightBytes: [UInt8]
  ) -> Bool
}

/// Rows in their order, sorted in runs that are written down and then merged as they are read; any stretch of them
/// may be read again.
///
/// Memory: ``bufferBytes`` for all runs together, and the longest row of each run where that is longer.
struct SortedRows<Row: OrderedRow>: ~Copyable {
  /// Where the next row of each run is in the file.
  struct Position {
    fileprivate var offsets: [Int]
  }

  private struct Run {
    /// In the file.
    let range: Range<Int>
    var bytes: [UInt8] = []
    /// Where ``bytes`` begin in the file.
    var start: Int
    /// Where in ``bytes`` the row under way begins, with the length before it.
    var at = 0
    var end = 0
    /// Nil at the end.
    var row: Row?
  }

  private static var bufferBytes: Int { 8 << 20 }
  private static var lengthBytes: Int { 8 }

  private let file: SpillFile
  private var runs: [Run] = []
  /// Runs that are not at their end, the one with the first row before all others: a binary heap.
  private var heap: [Int] = []

  init(in directory: String) { file = SpillFile(in: directory) }

  // MARK: Writing

  /// Writes a run of `count` rows down, which `append` gives in their order: what each is read from later.
  mutating func addRun(
    rows count: Int, _ append: (Int, inout [UInt8]) -> Void
  ) throws(FileError) {
    var range: Range<Int>?
    var bytes: [UInt8] = []
    for number in 0..<count {
      let start = bytes.count
      bytes.append(little: UInt64(0))
      append(number, &bytes)
      let length = UInt64(bytes.count - start - Self.lengthBytes)
      for index in 0..<Self.lengthBytes {
        bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt64(8 * index))
      }
      guard bytes.count >= 1 << 20 || number == count - 1 else { continue }
      let written = try file.append(bytes)
      range = (range?.lowerBound ?? written.lowerBound)..<written.upperBound
      bytes.removeAll(keepingCapacity: true)
    }
    if let range { runs.append(Run(range: range, start: range.lowerBound)) }
  }

  // MARK: Reading

  /// Begins with the first row of all.
  mutating func begin() throws(FileError) {
    try go(to: Position(offsets: runs.map(\.range.lowerBound)))
  }

  /// Where the first row is that has not been passed.
  var position: Position { Position(offsets: runs.map { $0.start + $0.at }) }

  /// Goes back, or on, to a row.
  mutating func go(to position: Position) throws(FileError) {
    heap.removeAll(keepingCapacity: true)
    for index in runs.indices {
      let offset = position.offsets[index]
      let buffered = runs[index].start...runs[index].start + runs[index].bytes.count
      if buffered.contains(offset) {
        runs[index].at = offset - runs[index].start
      } else {
        runs[index].bytes.removeAll(keepingCapacity: true)
        (runs[index].start, runs[index].at) = (offset, 0)
      }
      try load(index)
      guard runs[index].row != nil else { continue }
      heap.append(index)
      siftUp(heap.count - 1)
    }
  }

  /// The first row that has not been passed; nil at the end.
  var first: Row? { heap.first.flatMap { runs[$0].row } }

  /// The bytes that ``first`` was read from.
  var bytes: [UInt8] { heap.first.map { runs[$0].bytes } ?? [] }

  /// Passes the first row.
  mutating func pass() throws(FileError) {
    guard let index = heap.first else { return }
    runs[index].at = runs[index].end
    try load(index)
    if runs[index].row == nil {
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
    }
    siftDown(0)
  }

  /// Reads the row that a run is at.
  private mutating func load(_ index: Int) throws(FileError) {
    runs[index].row = nil
    guard runs[index].start + runs[index].at < runs[index].range.upperBound else { return }
    try fill(index, Self.lengthBytes)
    let at = runs[index].at
    let length = Int(runs[index].bytes.span.little(at: at, as: UInt64.self))
    try fill(index, Self.lengthBytes + length)
    let start = runs[index].at + Self.lengthBytes
    runs[index].end = start + length
    runs[index].row = Row(runs[index].bytes.span, start..<start + length)
  }

  /// Sees to it that so many bytes from where a run is are in memory.
  private mutating func fill(_ index: Int, _ count: Int) throws(FileError) {
    guard runs[index].bytes.count - runs[index].at < count else { return }
    let start = runs[index].start + runs[index].at
    let wanted = max(count, max(4 << 10, min(256 << 10, Self.bufferBytes / runs.count)))
    let end = min(start + wanted, runs[index].range.upperBound)
    runs[index].bytes = []
    runs[index].bytes = try file.bytes(start..<end)
    (runs[index].start, runs[index].at) = (start, 0)
  }

  // MARK: Heap

  /// Whether the run at one place of the heap goes before that at another; of equal rows the earlier run's does.
  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let (left, right) = (heap[left], heap[right])
    guard let one = runs[left].row, let other = runs[right].row else { return false }
    if Row.precedes(one, runs[left].bytes, other, runs[right].bytes) { return true }
    return left < right && !Row.precedes(other, runs[right].bytes, one, runs[left].bytes)
  }

  private mutating func siftUp(_ place: Int) {
    var place = place
    while place > 0, precedes(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func siftDown(_ place: Int) {
    var place = place
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && precedes(child, least) {
        least = child
      }
      guard least != place else { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
