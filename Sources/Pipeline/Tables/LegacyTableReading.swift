internal import Postgres

/// Reads the legacy table into parts that hold whole sessions.
struct LegacyTableReading: Sendable {
  private let source: SourceDatabase
  private let table: LegacyTable
  private let plan: PipelineSpec
  private let stop: StopSignal

  /// Looks at the table.
  ///
  /// - Throws: ``RunError`` for one that is not the legacy table.
  init(_ source: SourceDatabase, _ plan: PipelineSpec, stop: StopSignal) throws(RunError) {
    self.source = source
    self.plan = plan
    self.stop = stop
    table = try LegacyTable(source.tables[0], plan)
  }

  /// Reads every row.
  ///
  /// - Throws: ``RunError`` for what the database refuses, for want of room, and on a stop signal.
  func read(into rows: TableRows) async throws {
    let (starts, embeddingBytes) = try await source.ask(stop: stop) { connection in
      // What cannot be selected is told of before anything is sorted.
      _ = try connection.query(table.sample)
      let bytes = try connection.query(table.embeddingBytes).first?.integer(0) ?? 0
      return (try await readStarts(connection), bytes)
    }
    let input = source.inputs[0]
    try rows.begin(
      TableRows.Facts(
        input: input.index, digest: input.fingerprint ?? [],
        expectedBytes: expectedBytes(input.size ?? 0, embeddingBytes),
        storedBytes: input.size ?? 0, idleGap: SpecDuration.text(plan.source.idleGapSeconds)))
    try await source.read(stop: stop, selection: { [table] _ in table.selection }) {
      [table] range, reader in
      var writer = TableRowWriter(table, starts, range)
      while try reader.nextBinaryRow({ row in try writer.append(row, to: rows) }) {}
      try writer.flush(to: rows)
    }
  }

  /// Bytes the rows take about: an embedding that is text has up to three times the bytes it is stored in, a vector
  /// in base64 a third more.
  private func expectedBytes(_ size: Int, _ embeddingBytes: Int) -> Int {
    let rest = max(0, size - embeddingBytes)
    switch table.columns.lazy.compactMap(\.embedding).first {
    case .vector: return rest + embeddingBytes / 3 * 4
    case .text: return rest + embeddingBytes * 3
    case nil: return rest
    }
  }

  private func readStarts(_ connection: borrowing PostgresConnection) async throws -> SessionStarts
  {
    var starts: [SessionStarts.Start] = []
    try await connection.copyOut(table.copyStarts) { reader in
      while try reader.nextBinaryRow({ row in
        let length = Int(row.integer(at: 2, as: Int32.self))
        let time = Int64(row.integer(at: 6 + length + 4, as: Int64.self))
        starts.append(
          SessionStarts.Start(
            user: WyHash.hash(row, 6..<6 + length), time: time + Timestamp.postgresEpoch))
      }) {}
    }
    return SessionStarts(starts)
  }
}

extension Timestamp {
  /// Microseconds from 1970 to 2000, since when the server counts.
  static let postgresEpoch: Int64 = 946_684_800_000_000
}

/// Makes of rows as the server sends them what is spilled of them, some hundred KiB at a time.
struct TableRowWriter {
  private static let flushBytes = 256 << 10

  private let table: LegacyTable
  private let starts: SessionStarts
  private let range: TableRange
  private var bytes: [UInt8] = []
  private var entries: [TableRows.Entry] = []
  private var fields: [Range<Int>?] = []

  init(_ table: LegacyTable, _ starts: SessionStarts, _ range: TableRange) {
    self.table = table
    self.starts = starts
    self.range = range
  }

  /// Takes a row; hands over those it has once they are enough.
  mutating func append(_ row: Span<UInt8>, to rows: TableRows) throws(RunError) {
    try split(row)
    let start = bytes.count
    appendHead(row)
    appendObject(row)
    let spilled = TableRow(bytes.span, start..<bytes.count)
    entries.append(
      TableRows.Entry(
        hash: spilled.sessionHash(bytes.span), place: place(of: row), range: start..<bytes.count))
    if bytes.count >= Self.flushBytes { try flush(to: rows) }
  }

  /// Hands over what is left.
  mutating func flush(to rows: TableRows) throws(RunError) {
    guard !entries.isEmpty else { return }
    try rows.add(entries, of: bytes)
    entries.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func split(_ row: Span<UInt8>) throws(RunError) {
    fields.removeAll(keepingCapacity: true)
    let count = Int(row.integer(at: 0, as: Int16.self))
    guard count == LegacyTable.leadingValues + table.columns.count else {
      throw RunError(.failed, "the server sent a row of other columns than the table has")
    }
    var at = 2
    for _ in 0..<count {
      let length = Int(row.integer(at: at, as: Int32.self))
      at += 4
      fields.append(length < 0 ? nil : at..<at + length)
      at += max(0, length)
    }
  }

  private mutating func appendHead(_ row: Span<UInt8>) {
    let user = fields[2] ?? 0..<0
    var time = TableRow.noTime
    if let range = fields[3] {
      let since2000: Int64 = row.integer(at: range.lowerBound)
      // The infinities are times as well, and far from what would overflow.
      time = min(max(since2000, .min / 2), TableRow.noTime - 1) + Timestamp.postgresEpoch
      time = min(time, TableRow.noTime - 1)
    }
    if let name = fields[0] {
      let member = fields[1].map { Int(row.integer(at: $0.lowerBound, as: Int16.self)) } ?? 0
      TableRow.appendHead(
        .named, fields: 1 << UInt8(truncatingIfNeeded: member), time: time, start: 0, key: name,
        user: user, of: row, to: &bytes)
      return
    }
    let start =
      time == TableRow.noTime ? nil : starts.start(user: WyHash.hash(row, user), time: time)
    TableRow.appendHead(
      start == nil ? .untimed : .timed, fields: 0, time: time, start: start ?? 0, key: 0..<0,
      user: user, of: row, to: &bytes)
  }

  /// Appends the columns that are not NULL; an embedding that was not read as `true`.
  private mutating func appendObject(_ row: Span<UInt8>) {
    var separator = UInt8(ascii: "{")
    for (number, column) in table.columns.enumerated() {
      guard let range = fields[LegacyTable.leadingValues + number] else { continue }
      bytes.append(separator)
      separator = UInt8(ascii: ",")
      bytes.append(0..<column.key.count, of: column.key)
      if column.embedding == .vector {
        bytes.append(staticText: #"{"float32":""#)
        bytes.append(
          base64: min(range.lowerBound + 4, range.upperBound)..<range.upperBound, of: row)
        bytes.append(staticText: #""}"#)
      } else if column.isJSON || column.embedding == .text && row.isNumberList(range) {
        bytes.append(addingCapacity: range.count) { $0.append(range, of: row) }
      } else {
        bytes.append(column.form, row, range)
      }
    }
    let isEmbeddingRead = table.columns.contains { $0.embedding != nil }
    if !isEmbeddingRead, let range = fields[6], row[range.lowerBound] != 0 {
      bytes.append(separator)
      separator = UInt8(ascii: ",")
      bytes.append(staticText: "\"embedding\":true")
    }
    if separator == UInt8(ascii: "{") { bytes.append(separator) }
    bytes.append(UInt8(ascii: "}"))
  }

  /// The table, the row's id as its line, and where the table has it: heap, block and number in the block.
  private func place(of row: Span<UInt8>) -> Place {
    let id = fields[4].map { Int(row.integer(at: $0.lowerBound, as: Int64.self)) } ?? 0
    var offset = range.heap << 48
    if let place = fields[5] {
      offset |= Int(row.integer(at: place.lowerBound, as: UInt32.self)) << 16
      offset |= Int(row.integer(at: place.lowerBound + 4, as: UInt16.self))
    }
    return Place(input: Int32(range.table), line: id, byteOffset: offset, byteLength: 0)
  }
}
