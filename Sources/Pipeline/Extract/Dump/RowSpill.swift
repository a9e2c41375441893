internal import Archive

/// Rows of a dump or a table on their way to the conversation they belong to: put into parts by a hash of its id, in one
/// file without a name.
///
/// Memory: `blockBytes` a part.
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

  private let file: SpillFile
  private var open: [[UInt8]]
  /// Where in the file each part's blocks are.
  private var blocks: [[Range<Int>]]
  private let blockBytes: Int

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - partCount: how many parts there are.
  init(directory: String, partCount: Int) {
    file = SpillFile(in: directory)
    open = Array(repeating: [], count: partCount)
    blocks = Array(repeating: [], count: partCount)
    blockBytes = max(4 << 10, min(256 << 10, Self.memoryLimit / partCount))
  }

  /// The number of parts that lets each hold some MiB of a dump of that size.
  static func partCount(inputBytes: Int) -> Int {
    max(1, min(4096, inputBytes / (4 << 20)))
  }

  var partCount: Int { open.count }

  mutating func add(
    _ row: Range<Int>, of bytes: [UInt8], hash: UInt64, layout: Int, place: Place
  ) throws(FileError) {
    let part = Int(hash % UInt64(open.count))
    open[part].append(little: hash)
    open[part].append(little: UInt64(bitPattern: Int64(place.line)))
    open[part].append(little: UInt64(bitPattern: Int64(place.byteOffset)))
    open[part].append(little: UInt32(truncatingIfNeeded: layout))
    open[part].append(little: UInt32(bitPattern: place.input))
    open[part].append(little: UInt32(truncatingIfNeeded: row.count))
    open[part].append(row, of: bytes)
    if open[part].count >= blockBytes { try write(part) }
  }

  private mutating func write(_ part: Int) throws(FileError) {
    var block: [UInt8] = []
    swap(&block, &open[part])
    blocks[part].append(try file.append(block))
    block.removeAll(keepingCapacity: true)
    swap(&block, &open[part])
  }

  /// Bytes of a part.
  func byteCount(of part: Int) -> Int {
    blocks[part].reduce(open[part].count) { $0 + $1.count }
  }

  /// The rows of a part, in the order they were added, and the bytes they lie in.
  ///
  /// What was held of it in memory is given up.
  mutating func take(_ part: Int) throws(FileError) -> (entries: [Entry], bytes: [UInt8]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount(of: part))
    let blocks = takeBlocks(part)
    for block in blocks.ranges {
      let more = try blocks.file.bytes(block)
      bytes.append(0..<more.count, of: more)
    }
    bytes += blocks.rest
    return (Self.entries(in: bytes), bytes)
  }

  /// A part that is more than is held at once, to be read block by block; each has whole rows.
  struct Blocks: Sendable {
    var file: SpillFile
    var ranges: [Range<Int>]
    /// What was not written.
    var rest: [UInt8]
  }

  /// The blocks of a part, in the order their rows were added; what was held in memory is given up.
  mutating func takeBlocks(_ part: Int) -> Blocks {
    defer { open[part] = [] }
    return Blocks(file: file, ranges: blocks[part], rest: open[part])
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
