/// Some rows of a part that follow each other in its order, with the bytes they lie in.
struct RowWindow {
  var items: [DumpPart.Item] = []
  /// What the items' keys are in.
  var keys: [UInt8] = []
  var bytes: [UInt8] = []

  /// Appends a row that lies in bytes, with its key that lies in others.
  mutating func append(_ item: DumpPart.Item, key others: [UInt8], row source: [UInt8]) {
    var own = item
    let (keyStart, start) = (keys.count, bytes.count)
    keys.append(item.key, of: others)
    bytes.append(item.entry.range, of: source)
    own.key = keyStart..<keys.count
    own.entry.range = start..<bytes.count
    items.append(own)
  }

  /// Appends a row that lies in bytes with its key.
  mutating func append(_ item: DumpPart.Item, of source: [UInt8]) {
    append(item, key: source, row: source)
  }

  /// Keeps only so many of its rows.
  mutating func keepFirst(_ count: Int) {
    guard count < items.count else { return }
    keys.removeSubrange(items[count].key.lowerBound...)
    bytes.removeSubrange(items[count].entry.range.lowerBound...)
    items.removeSubrange(count...)
  }
}

/// A row as it is written down while a long part is sorted: numbers of fixed length, the key, why there is nothing
/// to be made of the row, and the row.
extension DumpPart.Item: OrderedRow {
  private static let headBytes = 81

  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let isMessage = Flags(rawValue: 1)
    static let isAssistant = Flags(rawValue: 2)
    static let hasProblem = Flags(rawValue: 4)
    /// The record is in the bits above.
    static let recordShift: UInt8 = 4
  }

  func append(to out: inout [UInt8], key keys: [UInt8], row bytes: [UInt8]) {
    var flags = Flags(rawValue: UInt8(record.rawValue) << Flags.recordShift)
    if isMessage { flags.insert(.isMessage) }
    if isAssistant { flags.insert(.isAssistant) }
    if problem != nil { flags.insert(.hasProblem) }
    let reason = Array((problem ?? "").utf8)
    out.append(little: entry.hash)
    out.append(little: UInt64(bitPattern: time))
    out.append(little: UInt64(bitPattern: Int64(entry.place.line)))
    out.append(little: UInt64(bitPattern: Int64(entry.place.byteOffset)))
    out.append(little: UInt32(truncatingIfNeeded: entry.layout))
    out.append(little: UInt32(bitPattern: entry.place.input))
    out.append(flags.rawValue)
    for digest in [id, content] {
      out.append(little: UInt64(digest.length))
      out.append(little: digest.hash)
    }
    out.append(little: UInt32(key.count))
    out.append(little: UInt32(reason.count))
    out.append(key, of: keys)
    out += reason
    out.append(entry.range, of: bytes)
  }

  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    let at = range.lowerBound
    func digest(_ offset: Int) -> TextDigest {
      TextDigest(
        length: Int(bytes.little(at: at + offset, as: UInt64.self)),
        hash: bytes.little(at: at + offset + 8, as: UInt64.self))
    }
    let flags = Flags(rawValue: bytes[at + 40])
    let keyStart = at + Self.headBytes
    let keyEnd = keyStart + Int(bytes.little(at: at + 73, as: UInt32.self))
    let start = keyEnd + Int(bytes.little(at: at + 77, as: UInt32.self))
    let place = Place(
      input: Int32(bitPattern: bytes.little(at: at + 36, as: UInt32.self)),
      line: Int(bytes.little(at: at + 16, as: UInt64.self)),
      byteOffset: Int(bytes.little(at: at + 24, as: UInt64.self)),
      byteLength: range.upperBound - start)
    self.init(
      entry: RowSpill.Entry(
        hash: bytes.little(at: at, as: UInt64.self),
        layout: Int(bytes.little(at: at + 32, as: UInt32.self)), place: place,
        range: start..<range.upperBound),
      key: keyStart..<keyEnd,
      record: DumpTable.Record(rawValue: Int(flags.rawValue >> Flags.recordShift)) ?? .conversation,
      isMessage: flags.contains(.isMessage))
    if flags.contains(.hasProblem) {
      problem = String(decoding: (keyEnd..<start).map { bytes[$0] }, as: UTF8.self)
    }
    time = Int64(bitPattern: bytes.little(at: at + 8, as: UInt64.self))
    isAssistant = flags.contains(.isAssistant)
    id = digest(41)
    content = digest(57)
  }
}
