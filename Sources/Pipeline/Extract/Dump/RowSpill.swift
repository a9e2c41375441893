internal import Archive

/// Rows of a dump or a table on their way to the conversation they belong to: put into parts by a hash of its id, in one
/// file without a name, which is gone when the value or the process ends.
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

  private let directory: String
  /// What a hash is divided by before it tells a part: rows of one part of another spill go to several here.
  private let divisor: UInt64
  private var file: ScratchFile?
  private var open: [[UInt8]]
  /// Where in the file each part's blocks are.
  private var blocks: [[Range<Int>]]
  private let blockBytes: Int
  private var written = 0

  /// - Parameters:
  ///   - directory: where the file is made, if it comes to that.
  ///   - partCount: how many parts there are.
  ///   - divisor: the number of parts of the spill that the rows come from, if they do.
  init(directory: String, partCount: Int, divisor: Int = 1) {
    self.directory = directory
    self.divisor = UInt64(divisor)
    open = Array(repeating: [], count: partCount)
    blocks = Array(repeating: [], count: partCount)
    blockBytes = max(4 << 10, min(256 << 10, Self.memoryLimit / partCount))
  }

  /// The number of parts that lets each hold some MiB of a dump of that size.
  static func partCount(inputBytes: Int) -> Int {
    max(1, min(4096, inputBytes / (4 << 20)))
  }

  var partCount: Int { open.count }

  /// Bytes that are in the file.
  var byteCount: Int { written }

  mutating func add(
    _ row: Range<Int>, of bytes: [UInt8], hash: UInt64, layout: Int, place: Place
  ) throws(FileError) {
    let part = Int(hash / divisor % UInt64(open.count))
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
    var scratch: ScratchFile
    if let made = file.take() {
      scratch = made
    } else {
      scratch = try ScratchFile(in: directory)
    }
    let start = scratch.size
    var block: [UInt8] = []
    swap(&block, &open[part])
    try scratch.append(block.span)
    blocks[part].append(start..<scratch.size)
    written = scratch.size
    block.removeAll(keepingCapacity: true)
    swap(&block, &open[part])
    file = consume scratch
  }

  /// The rows of a part, in the order they were added, and the bytes they lie in.
  ///
  /// What was held of it in memory is given up.
  mutating func take(_ part: Int) throws(FileError) -> (entries: [Entry], bytes: [UInt8]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(blocks[part].reduce(open[part].count) { $0 + $1.count })
    for block in blocks[part] {
      guard let more = try file?.bytes(at: block.lowerBound, count: block.count) else { continue }
      bytes.append(0..<more.count, of: more)
    }
    bytes += open[part]
    open[part] = []
    return (Self.entries(bytes), bytes)
  }

  /// Bytes of a part's rows.
  func byteCount(of part: Int) -> Int { blocks[part].reduce(open[part].count) { $0 + $1.count } }

  /// Hands the rows of a part over to another spill, some at a time and in their order.
  mutating func move(_ part: Int, to other: inout RowSpill) throws(FileError) {
    func hand(_ bytes: [UInt8], to other: inout RowSpill) throws(FileError) {
      for entry in Self.entries(bytes) {
        try other.add(
          entry.range, of: bytes, hash: entry.hash, layout: entry.layout, place: entry.place)
      }
    }
    for block in blocks[part] {
      guard let bytes = try file?.bytes(at: block.lowerBound, count: block.count) else { continue }
      try hand(bytes, to: &other)
    }
    try hand(open[part], to: &other)
    open[part] = []
    blocks[part] = []
  }

  private static func entries(_ bytes: [UInt8]) -> [Entry] {
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
