internal import Crypto

/// The rows of one part of a dump, put together to a record a conversation.
///
/// A record is `{"key", "conversation": {…}, "messages": [{"row": {…}, "merged": [{…}], …}]}`, where a row is
/// an object of its columns and `merged` are the rows of the same answer by another writer; a row of the bus has
/// its payload beside it. A thread's is `{"key", "value": text, "row": {…}}`.
///
/// Memory: the part's rows twice, as they stood and as JSON about a batch at a time.
struct DumpPart: ~Copyable {
  /// A row and what decides where it goes.
  struct Item {
    /// Of a row without a time: behind all others, and far from what would overflow.
    static let noTime = Int64.max / 2

    var entry: RowSpill.Entry
    /// In ``keys``; empty of a row that names no conversation.
    var key: Range<Int>
    /// Why there is nothing to be made of it.
    var problem: String?
    /// Microseconds since 1970.
    var time = Item.noTime
    var record: DumpTable.Record
    var isMessage: Bool
    var isAssistant = false
    var id = TextDigest()
    var content = TextDigest()
  }

  let rows: SourceRows
  /// For each layout, which columns have doubled backslashes.
  let doubled: [[Bool]]
  /// Ids that messages of other conversations keep.
  let repeatedIds: RepeatedMessageIds
  /// Where rows about files are, which want to know what their conversations are called.
  let files: FileTables?
  /// Of times without one.
  let zone: ZoneRules
  let number: Int
  private let digest: [UInt8]
  private var storedBytes: Int
  var items: [Item] = []
  var keys: [UInt8] = []
  private var next = 0
  private(set) var byteOffset = 0
  var repeated = RepeatedRows()
  var tape: JSONTape
  var fields: [RowField] = []
  var text: [UInt8] = []
  /// Nil where the part has no rows of the bus.
  var bus: Optional<BusReader>

  init(_ part: DumpSource.Rows) throws(RunError) {
    try self.init(part, RowWindow(), byteOffset: 0)
    items.reserveCapacity(part.entries.count)
    for entry in part.entries { add(entry) }
    sort()
  }

  /// Takes rows of a long part that are in their order; the first bytes of their records are at `byteOffset` of what
  /// the part hands out.
  init(_ part: DumpSource.Rows, _ window: RowWindow, byteOffset: Int) throws(RunError) {
    guard let tape = JSONTape() else { throw RunError(.failed, "out of memory") }
    let hasBus = part.rows.layouts.contains { $0.table == .messageBus }
    bus = hasBus ? try BusReader() : nil
    self.tape = tape
    number = part.number
    rows = part.rows
    doubled = part.doubled
    files = part.files
    repeatedIds = part.repeatedIds
    zone = part.zone
    digest = part.digest
    storedBytes = part.storedBytes
    items = window.items
    keys = window.keys
    self.byteOffset = byteOffset
  }

  /// The next conversations as a batch.
  mutating func nextBatch(batchBytes: Int) -> SourceBatch? {
    defer { storedBytes = 0 }
    return nextSegment(batchBytes: batchBytes).map {
      SourceBatch(segments: [$0], storedBytes: storedBytes)
    }
  }

  /// The next conversations, about `batchBytes` of them; nil when all have been handed out.
  mutating func nextSegment(batchBytes: Int) -> InputSegment? {
    guard next < items.count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(batchBytes, rows.bytes.count * 2))
    var records: [Range<Int>] = []
    var spans: [SourceSpan] = []
    let isOfThreads = items[next].record == .thread
    while next < items.count, bytes.count < batchBytes,
      (items[next].record == .thread) == isOfThreads
    {
      var end = next + 1
      while end < items.count, isOneConversation(items[next], items[end]) { end += 1 }
      let start = bytes.count
      compose(next..<end, to: &bytes, &spans)
      records.append(start..<bytes.count)
      bytes.append(UInt8(ascii: "\n"))
      next = end
    }
    defer { byteOffset += bytes.count }
    var segment = InputSegment(
      input: spans[0].place.input, bytes: bytes, layout: .documents, records: records,
      byteOffset: byteOffset, firstLine: spans[0].place.line, isFirst: false, isLast: false,
      fingerprint: fingerprint(bytes), spans: spans, rows: rows)
    if isOfThreads { segment.dialect = .threads }
    return segment
  }

  /// What names bytes that are handed out; `seed` stands for further bytes of theirs.
  func fingerprint(_ bytes: [UInt8], seed: UInt64 = 0) -> [UInt8] {
    let content = WyHash.hash(bytes.span, 0..<bytes.count, seed: seed)
    var hash = SHA256()
    hash.update(data: digest)
    hash.update(data: Array("\(number) \(byteOffset) \(content)".utf8))
    return Array(hash.finalize())
  }
}
