internal import Archive
internal import Postgres

/// Reads rows off a COPY … TO STDOUT as lines of an archive.
struct LineSource {
  private enum Rows {
    /// Binary rows, rendered here.
    case rendered(RowRenderer)
    /// Lines the server wrote, passed on.
    case written(WrittenLines)
    /// Binary rows of a line, a key and a time.
    case conversations(ConversationLines)
  }

  private let rows: Rows
  private var bounds = RowRenderer.Bounds()

  init(_ table: ExportedTable, _ format: ArchiveFormat) {
    switch format {
    case .jsonl: rows = .rendered(RowRenderer(table.columns))
    case .copy: rows = .written(WrittenLines(table.columns))
    case .conversations: rows = .conversations(ConversationLines())
    }
  }

  /// Waits for the next row and appends its line, the end included.
  ///
  /// - Returns: false behind the last row.
  mutating func appendNext(
    of reader: borrowing CopyOutReader, to lines: inout [UInt8]
  ) throws -> Bool {
    switch rows {
    case .rendered(let renderer):
      try reader.nextBinaryRow { row in try renderer.append(row, to: &lines, &bounds) }
    case .written(let written):
      try reader.next { line in try written.append(line, to: &lines, &bounds) }
    case .conversations(let conversations):
      try reader.nextBinaryRow { row in conversations.append(row, to: &lines, &bounds) }
    }
  }

  /// Ends a member: gives what is known of its rows, and forgets it.
  mutating func take() -> RowRenderer.Bounds {
    defer { bounds = RowRenderer.Bounds() }
    return bounds
  }
}

/// Rows as the server writes them in COPY's text format.
struct WrittenLines {
  private let fields: LineFields

  init(_ columns: [ExportedColumn]) {
    let archived = columns.map(\.archived)
    let (key, time) = (columns.first { $0.isKey }?.name, columns.first { $0.isTime }?.name)
    fields = LineFields(archived, .copy, [key, time])
  }

  func append(
    _ line: Span<UInt8>, to lines: inout [UInt8], _ bounds: inout RowRenderer.Bounds
  ) throws(RunError) {
    lines.append(addingCapacity: line.count) { $0.append(0..<line.count, of: line) }
    var ranges: [Range<Int>?] = [nil, nil]
    _ = try fields.find(line, from: 0, &ranges)
    if let key = ranges[0].flatMap({ line.uuid($0) }) { bounds.add(key: key) }
    if let range = ranges[1] { bounds.add(time: line.postgresTime(range)) }
    bounds.rows += 1
  }
}

/// Sessions, each with what belongs to it, as the server puts them together.
struct ConversationLines {
  /// Takes a row of the line, the session's id and its time.
  func append(
    _ row: Span<UInt8>, to lines: inout [UInt8], _ bounds: inout RowRenderer.Bounds
  ) {
    var at = 2
    var fields: [Range<Int>] = []
    for _ in 0..<3 {
      let count = Int(row.integer(at: at, as: Int32.self))
      at += 4
      fields.append(at..<at + max(0, count))
      at += max(0, count)
    }
    var start = fields[0].lowerBound
    // In JSON an end of line stands between values only: in a string it is written as \n.
    while let stop = row.firstIndex(of: 0x0A, in: start..<fields[0].upperBound) {
      lines.append(addingCapacity: stop - start) { $0.append(start..<stop, of: row) }
      lines.append(UInt8(ascii: " "))
      start = stop + 1
    }
    lines.append(addingCapacity: fields[0].upperBound - start) {
      $0.append(start..<fields[0].upperBound, of: row)
    }
    lines.append(0x0A)
    if fields[1].count == 16 { bounds.add(key: row.integer(at: fields[1].lowerBound)) }
    if fields[2].count == 8 { bounds.add(time: row.integer(at: fields[2].lowerBound)) }
    bounds.rows += 1
  }
}

extension RowRenderer.Bounds {
  /// Takes in a row's key.
  mutating func add(key: UInt128) {
    leastKey = min(leastKey, key)
    greatestKey = max(greatestKey, key)
  }

  /// Takes in a row's time, in microseconds since 2000.
  mutating func add(time: Int64) {
    leastTime = min(leastTime, time)
    greatestTime = max(greatestTime, time)
  }
}
