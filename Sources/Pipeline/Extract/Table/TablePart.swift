internal import Crypto

/// The rows of one part of the legacy table, put together to a record a session.
///
/// A record is `{"key", "user", "rule", "start", "users", "rows": [{…}, …]}`: what the session is called, whose
/// it is, what made the rows one, when it began where its name says that, and of how many rows somebody else's
/// name stands, where there are any.
///
/// Memory: the part's rows, and about a batch of records.
struct TablePart: ~Copyable {
  /// The rows as they were spilled.
  struct Rows {
    var number: Int
    var entries: [RowSpill.Entry]
    var bytes: [UInt8]
    var digest: [UInt8]
    /// Stored bytes that count for the part.
    var storedBytes: Int
    var idleGap: String
  }

  /// A row and what decides where it goes.
  struct Item {
    var hash: UInt64
    var place: Place
    var row: TableRow
  }

  let rows: Rows
  let items: [Item]
  private var storedBytes: Int
  private var next = 0
  private(set) var byteOffset: Int

  /// The first bytes of the rows' records are at `byteOffset` of what the part hands out.
  init(_ rows: Rows, byteOffset: Int = 0) {
    self.rows = rows
    self.byteOffset = byteOffset
    storedBytes = rows.storedBytes
    let bytes = rows.bytes
    items = rows.entries.map { entry in
      Item(hash: entry.hash, place: entry.place, row: TableRow(bytes.span, entry.range))
    }.sorted { Item.precedes($0, bytes, $1, bytes) }
  }

  /// The next sessions as a batch; nil when all have been handed out.
  mutating func nextBatch(batchBytes: Int) -> SourceBatch? {
    defer { storedBytes = 0 }
    return nextSegment(batchBytes: batchBytes).map {
      SourceBatch(segments: [$0], storedBytes: storedBytes)
    }
  }

  /// The next sessions, about `batchBytes` of them; nil when all have been handed out.
  mutating func nextSegment(batchBytes: Int) -> InputSegment? {
    guard next < items.count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(batchBytes + batchBytes / 8, rows.bytes.count * 2))
    var records: [Range<Int>] = []
    var spans: [SourceSpan] = []
    while next < items.count, bytes.count < batchBytes {
      var end = next + 1
      while end < items.count,
        Item.areOneSession(items[next], rows.bytes, items[end], rows.bytes)
      {
        end += 1
      }
      let start = bytes.count
      compose(next..<end, to: &bytes, &spans)
      records.append(start..<bytes.count)
      bytes.append(UInt8(ascii: "\n"))
      next = end
    }
    defer { byteOffset += bytes.count }
    return segment(bytes, records, spans)
  }

  private func segment(
    _ bytes: [UInt8], _ records: [Range<Int>], _ spans: [SourceSpan], contents: UInt64 = 0
  ) -> InputSegment {
    InputSegment(
      input: spans[0].place.input, bytes: bytes, layout: .documents, records: records,
      byteOffset: byteOffset, firstLine: spans[0].place.line, isFirst: false, isLast: false,
      fingerprint: fingerprint(bytes, contents), spans: spans)
  }

  /// A record without rows, of the first row of a session and of what `facts` say of all.
  func headSegment(_ facts: SessionFacts) -> InputSegment {
    var bytes: [UInt8] = []
    composeHead(items[0].row, facts, to: &bytes)
    // It has the place of its first row, and no byte of it.
    var place = items[0].place
    place.byteLength = 0
    let span = SourceSpan(range: bytes.count..<bytes.count, place: place)
    bytes += Array("]}".utf8)
    return segment(
      bytes + [UInt8(ascii: "\n")], [0..<bytes.count], [span], contents: facts.digest)
  }

  /// All rows, the first of them at the position `first` of its session.
  func sliceSegment(from first: Int) -> InputSegment {
    var bytes = Array(#"{"rows":["#.utf8)
    bytes.reserveCapacity(rows.bytes.count)
    var spans: [SourceSpan] = []
    composeRows(0..<items.count, to: &bytes, &spans)
    bytes += Array("]}".utf8)
    var segment = segment(bytes + [UInt8(ascii: "\n")], [0..<bytes.count], spans)
    segment.firstMessage = first
    return segment
  }

  /// What all rows of a session say together.
  struct SessionFacts {
    /// Which of ``TableRow/nameFields`` named it, a bit each.
    var fields: UInt8 = 0
    /// Rows of another user than the first.
    var others = 0
    /// Of all rows, where they are not the record's.
    var digest: UInt64 = 0

    /// Adds a row that lies in bytes, of a session whose first user is `user`.
    mutating func add(_ row: TableRow, of bytes: [UInt8], user: some Sequence<UInt8>) {
      fields |= row.fields
      if !bytes[row.user].elementsEqual(user) { others += 1 }
    }
  }

  private func compose(_ range: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]) {
    let first = items[range.lowerBound].row
    var facts = SessionFacts()
    for number in range {
      facts.add(items[number].row, of: rows.bytes, user: rows.bytes[first.user])
    }
    composeHead(first, facts, to: &out)
    composeRows(range, to: &out, &spans)
    out.append(staticText: "]}")
  }

  /// What a record says before its rows, up to where these begin.
  private func composeHead(_ first: TableRow, _ facts: SessionFacts, to out: inout [UInt8]) {
    out.append(staticText: #"{"key":"#)
    appendKey(first, to: &out)
    out.append(staticText: #","user":"#)
    out.appendJSONString(rows.bytes.span, first.user)
    out.append(staticText: #","rule":"#)
    out.appendJSONString(rule(first.kind, facts.fields).utf8)
    if first.kind == .timed {
      out.append(staticText: #","start":""#)
      Timestamp(microseconds: first.start).appendRFC3339(to: &out)
      out.append(UInt8(ascii: "\""))
    }
    if facts.others > 0 {
      out.append(staticText: #","users":"#)
      out.append(decimal: facts.others)
    }
    out.append(staticText: #","rows":["#)
  }

  private func composeRows(
    _ range: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]
  ) {
    for number in range {
      if number > range.lowerBound { out.append(UInt8(ascii: ",")) }
      let start = out.count
      out.append(items[number].row.json, of: rows.bytes)
      var place = items[number].place
      place.byteLength = out.count - start
      spans.append(SourceSpan(range: start..<out.count, place: place))
    }
  }

  /// What the session is called: the id its rows have, or one made of user and beginning.
  private func appendKey(_ row: TableRow, to out: inout [UInt8]) {
    guard row.kind != .named else {
      out.appendJSONString(rows.bytes.span, row.key)
      return
    }
    var key = Array("conversations:".utf8)
    key.append(row.user, of: rows.bytes)
    key.append(UInt8(ascii: ":"))
    if row.kind == .timed {
      Timestamp(microseconds: row.start).appendRFC3339(to: &key)
    } else {
      key.append(staticText: "untimed")
    }
    out.appendJSONString(key.span, 0..<key.count)
  }

  /// What made the rows one session, in words.
  private func rule(_ kind: TableRow.Kind, _ fields: UInt8) -> String {
    switch kind {
    case .named:
      return TableRow.nameFields.indices.filter { fields & 1 << UInt8($0) != 0 }
        .map { "meta.\(TableRow.nameFields[$0])" }.joined(separator: ", ")
    case .timed: return "user_id, idle gap \(rows.idleGap)"
    case .untimed: return "user_id, no time"
    }
  }

  private func fingerprint(_ bytes: [UInt8], _ seed: UInt64) -> [UInt8] {
    let content = WyHash.hash(bytes.span, 0..<bytes.count, seed: seed)
    var hash = SHA256()
    hash.update(data: rows.digest)
    hash.update(data: Array("\(rows.number) \(byteOffset) \(content)".utf8))
    return Array(hash.finalize())
  }
}

extension TablePart.Item: OrderedRow {
  private static let headBytes = 28

  /// Appends a row as it is written down while a long part is sorted: numbers of fixed length, and the row.
  static func append(_ entry: RowSpill.Entry, of bytes: [UInt8], to out: inout [UInt8]) {
    out.append(little: entry.hash)
    out.append(little: UInt64(bitPattern: Int64(entry.place.line)))
    out.append(little: UInt64(bitPattern: Int64(entry.place.byteOffset)))
    out.append(little: UInt32(bitPattern: entry.place.input))
    out.append(entry.range, of: bytes)
  }

  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    let at = range.lowerBound
    hash = bytes.little(at: at, as: UInt64.self)
    place = Place(
      input: Int32(bitPattern: bytes.little(at: at + 24, as: UInt32.self)),
      line: Int(bytes.little(at: at + 8, as: UInt64.self)),
      byteOffset: Int(bytes.little(at: at + 16, as: UInt64.self)),
      byteLength: range.count - Self.headBytes)
    row = TableRow(bytes, at + Self.headBytes..<range.upperBound)
  }

  static func precedes(_ left: Self, _ bytes: [UInt8], _ right: Self, _ others: [UInt8]) -> Bool {
    if left.hash != right.hash { return left.hash < right.hash }
    if !left.row.isOfSession(right.row, bytes, others) {
      return left.row.precedesSession(of: right.row, bytes, others)
    }
    if left.row.time != right.row.time { return left.row.time < right.row.time }
    // Ids grow as rows come in; of equal ones, which partitions may have, the place decides.
    if left.place.line != right.place.line { return left.place.line < right.place.line }
    return left.place.byteOffset < right.place.byteOffset
  }

  /// Whether two rows are of one session; each with the bytes it lies in.
  static func areOneSession(
    _ left: Self, _ bytes: [UInt8], _ right: Self, _ others: [UInt8]
  ) -> Bool {
    left.hash == right.hash && left.row.isOfSession(right.row, bytes, others)
  }

  /// Where all of the row is.
  var range: Range<Int> { row.json.upperBound - place.byteLength..<row.json.upperBound }
}
