internal import Foundation
internal import Testing

@testable import Pipeline

@Suite struct LongTablePartTests {
  /// What a source hands out of one table: each record with its rows, the bytes a reject of it would keep, and its place.
  fileprivate struct Records: Equatable {
    var texts: [String] = []
    var kept: [String] = []
    /// Of records, and of every row.
    var places: [Place] = []
    var byteCount = 0
    /// Of records whose rows come in slices.
    var counts: [Int] = []
    var sliceCount = 0
    var digests: Set<[UInt8]> = []
  }

  /// A row of the table: its session where it names one, its user, its time and its columns.
  fileprivate struct Row {
    var key = ""
    var user: String
    var seconds: Int?
    var text: String
    var place: Int
  }

  private static func read(
    _ rows: [Row], batchBytes: Int, longPartBytes: Int, messageLimit: Int = .max
  ) throws -> Records {
    var records = Records()
    try ScratchFiles.with { files in
      let input = PlannedInput(
        index: 0, path: "conversations", dialect: .conversationsTable, name: "conversations",
        isTable: true)
      let source = BatchSource(
        inputs: [input], batchBytes: batchBytes,
        spillingTo: SpillPlace(directory: files.path) {}, longPartBytes: longPartBytes)
      let tables = try #require(source.tables)
      try tables.begin(
        TableRows.Facts(
          input: 0, digest: [1], expectedBytes: 1 << 20, storedBytes: 1 << 20, idleGap: "30m"))
      for row in rows { try tables.add(row) }
      var own = BatchSource.Own()
      while let batch = try source.next(&own) {
        for segment in batch.segments where !segment.records.isEmpty {
          records.digests.insert(segment.fingerprint)
          records.byteCount += segment.spans.reduce(0) { $0 + $1.range.count }
          for record in segment.records {
            var place = try #require(segment.gatheredPlace(record))
            records.kept.append(text(try segment.recordBytes(place)))
            // A record has its own length, with its rows or without.
            place.byteLength = 0
            records.places.append(place)
          }
          guard let slices = segment.slices else {
            records.texts += segment.records.map { text(Array(segment.bytes[$0])) }
            records.places += segment.spans.map(\.place)
            continue
          }
          try records.add(segment, slices, messageLimit)
        }
      }
    }
    return records
  }

  /// Rows of named, timed and untimed sessions, one of these a long one, in random order.
  private static func rows(_ random: inout SeededNumbers, long: Int) -> [Row] {
    let sessions = [
      Row(key: "s-1", user: "ada", text: "", place: 0),
      Row(user: "ada", seconds: 0, text: "", place: 0), Row(user: "bob", text: "", place: 0),
      Row(key: "s-2", user: "\"bob\"", text: "", place: 0),
    ]
    var rows: [Row] = []
    for (number, session) in sessions.enumerated() {
      for _ in 0..<(number == long ? 400 : 5) {
        var row = session
        row.place = rows.count
        // A named session has rows of two users.
        if !row.key.isEmpty, row.place.isMultiple(of: 3) { row.user = "eve" }
        if row.seconds != nil || !row.key.isEmpty {
          row.seconds = Int.random(in: 0..<200, using: &random)
        }
        row.text = String(
          repeating: "é[\n", count: Int.random(in: 0..<30, using: &random))
        rows.append(row)
      }
    }
    return rows.shuffled(using: &random)
  }

  @Test(arguments: [(1, 0), (10, 1), (70, 2), (399, 3), (Int.max, 0)])
  func `slices of any size are together the session as it is handed out whole`(
    limit: Int, long: Int
  ) throws {
    var random = SeededNumbers(seed: UInt64(truncatingIfNeeded: limit))
    let rows = Self.rows(&random, long: long)
    let whole = try Self.read(rows, batchBytes: .max >> 8, longPartBytes: .max)
    #expect(whole.texts.count == 4)
    #expect(whole.texts.contains { $0.contains(#""users":"#) })
    let sorted = try Self.read(rows, batchBytes: 1 << 20, longPartBytes: 0)
    #expect(sorted.texts == whole.texts && sorted.kept == whole.texts)
    #expect(sorted.counts == [])
    let sliced = try Self.read(
      rows, batchBytes: 4_000, longPartBytes: 0, messageLimit: limit)
    #expect(sliced.texts == whole.texts)
    #expect(sliced.kept == whole.texts)
    #expect(sliced.places == whole.places.ordered(by: sliced.places))
    #expect(sliced.byteCount == whole.byteCount)
    #expect(sliced.counts == [400])
    #expect(sliced.sliceCount >= max(5, 400 / limit))
  }

  @Test func `what names a long session in the ledger depends on each of its rows`() throws {
    var random = SeededNumbers(seed: 1)
    var rows = Self.rows(&random, long: 1)
    let one = try Self.read(rows, batchBytes: 4_000, longPartBytes: 0)
    let same = try Self.read(rows, batchBytes: 4_000, longPartBytes: 0)
    #expect(one.digests == same.digests)
    let last = try #require(
      rows.indices.filter { rows[$0].key.isEmpty && rows[$0].user == "ada" }
        .max { (rows[$0].seconds ?? 0) < (rows[$1].seconds ?? 0) })
    rows[last].text += "."
    let changed = try Self.read(rows, batchBytes: 4_000, longPartBytes: 0)
    #expect(!one.digests.subtracting(changed.digests).isEmpty)
  }
}

extension [Place] {
  /// The same places in the order of others, which must be the same ones.
  fileprivate func ordered(by others: [Place]) -> [Place] {
    let own = Set(map { "\($0)" })
    return count == others.count ? others.filter { own.contains("\($0)") } : self
  }
}

extension TableRows {
  /// Takes one row as reading the table gives it.
  fileprivate func add(_ row: LongTablePartTests.Row) throws {
    let names = Array((row.key + row.user).utf8)
    let (key, end) = (row.key.utf8.count, names.count)
    let kind: TableRow.Kind = key > 0 ? .named : row.seconds == nil ? .untimed : .timed
    var bytes: [UInt8] = []
    TableRow.appendHead(
      kind, fields: key > 0 ? 1 << UInt8(row.place % 3) : 0,
      time: row.seconds.map { Int64($0) * 1_000_000 } ?? TableRow.noTime, start: 0, key: 0..<key,
      user: key..<end, of: names.span, to: &bytes)
    bytes += Array(#"{"id":\#(row.place),"text":"#.utf8)
    bytes.appendJSONString(row.text.utf8)
    bytes += Array("}".utf8)
    let hash = TableRow(bytes.span, 0..<bytes.count).sessionHash(bytes.span)
    let place = Place(input: 0, line: row.place, byteOffset: row.place % 7, byteLength: bytes.count)
    try add([Entry(hash: hash, place: place, range: 0..<bytes.count)], of: bytes)
  }
}

extension LongTablePartTests.Records {
  /// Puts the rows of a long session into its record, and sees that they come a second time as well.
  fileprivate mutating func add(
    _ head: InputSegment, _ slices: ConversationSlices, _ messageLimit: Int
  ) throws {
    counts.append(slices.messageCount)
    byteCount += slices.rowBytes.values.reduce(0, +)
    let record = text(Array(head.bytes[head.records[0]]))
    #expect(record.hasSuffix(#""rows":[]}"#))
    let tries = try (0..<2).map { number in
      var lists: [String] = []
      var first = 0
      try slices.rewind()
      while let slice = try slices.next(messageLimit: messageLimit) {
        #expect(slice.firstMessage == first)
        #expect(slice.spans.count > 0 && slice.spans.count <= messageLimit)
        if number == 0 {
          digests.insert(slice.fingerprint)
          places += slice.spans.map(\.place)
        }
        let list = text(Array(slice.bytes[slice.records[0]]))
        lists.append(String(list.dropFirst(#"{"rows":["#.count).dropLast(2)))
        first += slice.spans.count
      }
      #expect(first == slices.messageCount)
      return lists
    }
    #expect(tries[0] == tries[1])
    sliceCount += tries[0].count
    texts.append(String(record.dropLast(2)) + tries[0].joined(separator: ",") + "]}")
  }
}
