internal import Archive

/// Rows of a dump or a table on their way to the conversation they belong to: put into parts by a hash of its id, in one
/// file without a name.
///
/// Memory: `blockBytes` a part, which is 16 MiB for all of them.
struct RowSpill: ~Copyable {
  /// One row as it lies in a part.
  struct Entry {
    var hash: UInt64
    var layout: Int
    var place: Place
    /// In the part's bytes.
    var range: Range<Int>

    static let headBytes = 36
  }

  private static let memoryLimit = 16 << 20

  private struct Part {
    /// Rows that were not written.
    var open: [UInt8] = []
    /// The block that was written last.
    var last: Range<Int>?
    /// Of the rows in all blocks.
    var writtenBytes = 0
  }

  private let file: SpillFile
  private var parts: [Part]
  private let blockBytes: Int

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - partCount: how many parts there are.
  init(directory: String, partCount: Int) {
    file = SpillFile(in: directory)
    parts = Array(repeating: Part(), count: partCount)
    blockBytes = max(4 << 10, min(256 << 10, Self.memoryLimit / partCount))
  }

  /// The number of parts that lets each hold some MiB of a dump of that size.
  static func partCount(inputBytes: Int) -> Int {
    max(1, min(4096, inputBytes / (4 << 20)))
  }

  var partCount: Int { parts.count }

  mutating func add(
    _ row: Range<Int>, of bytes: [UInt8], hash: UInt64, layout: Int, place: Place
  ) throws(FileError) {
    let number = Int(hash % UInt64(parts.count))
    let length = Entry.headBytes + row.count
    // Buffers never grow beyond a block, as many as there are.
    if parts[number].open.count + length > blockBytes { try write(number) }
    var block: [UInt8] = []
    swap(&block, &parts[number].open)
    if block.isEmpty { block.reserveCapacity(max(blockBytes, length) + Blocks.linkBytes) }
    block.append(little: hash)
    block.append(little: UInt64(bitPattern: Int64(place.line)))
    block.append(little: UInt64(bitPattern: Int64(place.byteOffset)))
    block.append(little: UInt32(truncatingIfNeeded: layout))
    block.append(little: UInt32(bitPattern: place.input))
    block.append(little: UInt32(truncatingIfNeeded: row.count))
    block.append(row, of: bytes)
    swap(&block, &parts[number].open)
    if length > blockBytes {
      try write(number)
      parts[number].open = []
    }
  }

  private mutating func write(_ number: Int) throws(FileError) {
    guard !parts[number].open.isEmpty else { return }
    var block: [UInt8] = []
    swap(&block, &parts[number].open)
    parts[number].writtenBytes += block.count
    let former = parts[number].last ?? 0..<0
    block.append(little: UInt64(former.lowerBound))
    block.append(little: UInt64(former.upperBound))
    parts[number].last = try file.append(block)
    block.removeAll(keepingCapacity: true)
    swap(&block, &parts[number].open)
  }

  /// Bytes of a part.
  func byteCount(of part: Int) -> Int { parts[part].writtenBytes + parts[part].open.count }

  /// The rows of a part, in the order they were added, and the bytes they lie in.
  ///
  /// What was held of it in memory is given up.
  mutating func take(_ part: Int) throws(FileError) -> (entries: [Entry], bytes: [UInt8]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount(of: part))
    let blocks = takeBlocks(part)
    for block in try blocks.ranges().reversed() {
      let more = try file.bytes(block)
      bytes.append(0..<more.count - Blocks.linkBytes, of: more)
    }
    bytes += blocks.rest
    return (Self.entries(in: bytes), bytes)
  }

  /// A part that is more than is held at once, to be read block by block from the last one on; each has whole rows.
  ///
  /// A block ends with where the one before it is, so that nobody remembers it.
  struct Blocks: Sendable {
    fileprivate static let linkBytes = 16

    fileprivate let file: SpillFile
    /// Of the rows that were written.
    let writtenBytes: Int
    fileprivate var last: Range<Int>?
    /// What was not written.
    let rest: [UInt8]

    /// The rows of one more block; nil behind the first one of the part.
    mutating func next() throws(FileError) -> [UInt8]? {
      guard let range = last else { return nil }
      var bytes = try file.bytes(range)
      last = Self.link(at: bytes.count - Self.linkBytes, in: bytes)
      bytes.removeLast(Self.linkBytes)
      return bytes
    }

    /// Where the blocks are, the last one first.
    fileprivate func ranges() throws(FileError) -> [Range<Int>] {
      var ranges: [Range<Int>] = []
      var next = last
      while let range = next {
        ranges.append(range)
        next = Self.link(
          at: 0, in: try file.bytes(range.upperBound - Self.linkBytes..<range.upperBound))
      }
      return ranges
    }

    private static func link(at offset: Int, in bytes: [UInt8]) -> Range<Int>? {
      let start = Int(bytes.span.little(at: offset, as: UInt64.self))
      let end = Int(bytes.span.little(at: offset + 8, as: UInt64.self))
      return start < end ? start..<end : nil
    }
  }

  /// The blocks of a part; what was held in memory is given up.
  mutating func takeBlocks(_ part: Int) -> Blocks {
    defer { parts[part].open = [] }
    return Blocks(
      file: file, writtenBytes: parts[part].writtenBytes, last: parts[part].last,
      rest: parts[part].open)
  }

  /// The rows that bytes of a part hold.
  static func entries(in bytes: [UInt8]) -> [Entry] {
    var entries: [Entry] = []
    var at = 0
    while at + Entry.headBytes <= bytes.count {
      let length = Int(bytes.span.little(at: at + 32, as: UInt32.self))
      let start = at + Entry.headBytes
      entries.append(
        Entry(
          hash: bytes.span.little(at: at, as: UInt64.self),
          layout: Int(bytes.span.little(at: at + 24, as: UInt32.self)),
          place: Place(
            input: Int32(bitPattern: bytes.span.little(at: at + 28, as: UInt32.self)),
            line: Int(bytes.span.little(at: at + 8, as: UInt64.self)),
            byteOffset: Int(bytes.span.little(at: at + 16, as: UInt64.self)), byteLength: length),
          range: start..<start + length))
      at = start + length
    }
    return entries
  }
}

extension [UInt8] {
  /// Appends an integer, its low byte first.
  @inline(__always)
  mutating func append<T: FixedWidthInteger>(little value: T) {
    var rest = value
    for _ in 0..<T.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
}

extension Span<UInt8> {
  /// The integer whose low byte is at an offset.
  func little<T: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: T.Type
  ) -> T {
    var value: T = 0
    for index in (0..<T.bitWidth / 8).reversed() { value = value << 8 | T(self[offset + index]) }
    return value
  }
}
