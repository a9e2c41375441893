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

  private struct Item {
    var hash: UInt64
    var place: Place
    var row: TableRow
  }

  private let rows: Rows
  private var items: [Item]
  private var storedBytes: Int
  private var next = 0
  private var byteOffset = 0

  init(_ rows: Rows) {
    self.rows = rows
    storedBytes = rows.storedBytes
    let bytes = rows.bytes
    items = rows.entries.map { entry in
      Item(hash: entry.hash, place: entry.place, row: TableRow(bytes.span, entry.range))
    }
    items.sort { left, right in
      if left.hash != right.hash { return left.hash < right.hash }
      if !left.row.isOfSession(right.row, bytes) {
        return left.row.precedesSession(of: right.row, bytes)
      }
      if left.row.time != right.row.time { return left.row.time < right.row.time }
      // Ids grow as rows come in; of equal ones, which partitions may have, the place decides.
      if left.place.line != right.place.line { return left.place.line < right.place.line }
      return left.place.byteOffset < right.place.byteOffset
    }
  }

  /// The next sessions as a batch; nil when all have been handed out.
  mutating func nextBatch(batchBytes: Int) -> SourceBatch? {
    guard next < items.count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(batchBytes + batchBytes / 8, rows.bytes.count * 2))
    var records: [Range<Int>] = []
    var spans: [SourceSpan] = []
    while next < items.count, bytes.count < batchBytes {
      var end = next + 1
      while end < items.count, items[next].hash == items[end].hash,
        items[next].row.isOfSession(items[end].row, rows.bytes)
      {
        end += 1
      }
      let start = bytes.count
      compose(next..<end, to: &bytes, &spans)
      records.append(start..<bytes.count)
      bytes.append(UInt8(ascii: "\n"))
      next = end
    }
    defer {
      byteOffset += bytes.count
      storedBytes = 0
    }
    let segment = InputSegment(
      input: spans[0].place.input, bytes: bytes, layout: .documents, records: records,
      byteOffset: byteOffset, firstLine: spans[0].place.line, isFirst: false, isLast: false,
      fingerprint: fingerprint(bytes), spans: spans)
    return SourceBatch(segments: [segment], storedBytes: storedBytes)
  }

  private func compose(_ range: Range<Int>, to out: inout [UInt8], _ spans: inout [SourceSpan]) {
    let first = items[range.lowerBound].row
    out.append(staticText: #"{"key":"#)
    appendKey(first, to: &out)
    out.append(staticText: #","user":"#)
    out.appendJSONString(rows.bytes.span, first.user)
    out.append(staticText: #","rule":"#)
    out.appendJSONString(rule(of: range).utf8)
    if first.kind == .timed {
      out.append(staticText: #","start":""#)
      Timestamp(microseconds: first.start).appendRFC3339(to: &out)
      out.append(UInt8(ascii: "\""))
    }
    let others = range.count {
      !rows.bytes[items[$0].row.user].elementsEqual(rows.bytes[first.user])
    }
    if others > 0 {
      out.append(staticText: #","users":"#)
      out.append(decimal: others)
    }
    out.append(staticText: #","rows":["#)
    for number in range {
      if number > range.lowerBound { out.append(UInt8(ascii: ",")) }
      let start = out.count
      out.append(items[number].row.json, of: rows.bytes)
      var place = items[number].place
      place.byteLength = out.count - start
      spans.append(SourceSpan(range: start..<out.count, place: place))
    }
    out.append(staticText: "]}")
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
  private func rule(of range: Range<Int>) -> String {
    switch items[range.lowerBound].row.kind {
    case .named:
      let fields = range.reduce(UInt8(0)) { $0 | items[$1].row.fields }
      return TableRow.nameFields.indices.filter { fields & 1 << UInt8($0) != 0 }
        .map { "meta.\(TableRow.nameFields[$0])" }.joined(separator: ", ")
    case .timed: return "user_id, idle gap \(rows.idleGap)"
    case .untimed: return "user_id, no time"
    }
  }

  private func fingerprint(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: rows.digest)
    hash.update(
      data: Array("\(rows.number) \(byteOffset) \(WyHash.hash(bytes.span, 0..<bytes.count))".utf8))
    return Array(hash.finalize())
  }
}
