internal import Archive

/// Finds the values of some columns in the lines of an archive, without looking into the others.
struct LineFields: Sendable {
  private struct Column: Sendable {
    /// The name as a member's, with its colon.
    let key: [UInt8]
    /// The place among what is looked for; nil for a column that is only passed by.
    let place: Int?
  }

  private let format: ArchiveFormat
  /// The columns in their order, up to the last one that is looked for.
  private let columns: [Column]

  /// - Parameters:
  ///   - columns: all columns of the lines' table.
  ///   - format: how the lines are written.
  ///   - names: the columns to look for; one that no line has is never found.
  init(_ columns: [ArchivedColumn], _ format: ArchiveFormat, _ names: [String?]) {
    self.format = format
    let written = columns.filter { format != .copy || !$0.isGenerated }
    let last = written.lastIndex { names.contains($0.name) } ?? -1
    self.columns = written.prefix(last + 1).map { column in
      Column(key: column.jsonKey, place: names.firstIndex(of: column.name))
    }
  }

  /// Looks through one line.
  ///
  /// - Parameters:
  ///   - lines: hold it.
  ///   - start: where it begins.
  ///   - ranges: gets the place of each value, a string's without its quotes; nil for NULL.
  /// - Returns: the place behind the line's end.
  /// - Throws: ``RunError`` where the line is not as convoy writes them.
  func find(
    _ lines: Span<UInt8>, from start: Int, _ ranges: inout [Range<Int>?]
  ) throws(RunError) -> Int {
    for index in ranges.indices { ranges[index] = nil }
    let end = lines.firstIndex(of: 0x0A, in: start..<lines.count) ?? lines.count
    switch format {
    case .jsonl, .conversations: try findMembers(lines, start..<end, &ranges)
    case .copy: findFields(lines, start..<end, &ranges)
    }
    return min(end + 1, lines.count)
  }

  /// A text as it stands in a line.
  func written(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var written: [UInt8] = []
    switch format {
    case .jsonl, .conversations:
      written.appendJSONString(bytes.span, 0..<bytes.count)
      return Array(written.dropFirst().dropLast())
    case .copy:
      written.appendCopyText(bytes)
      return written
    }
  }

  private func findMembers(
    _ lines: Span<UInt8>, _ line: Range<Int>, _ ranges: inout [Range<Int>?]
  ) throws(RunError) {
    var at = line.lowerBound
    for column in columns {
      guard at < line.upperBound, lines.holds(column.key.span, at: at + 1) else { continue }
      let value = at + 1 + column.key.count
      at = try lines.endOfJSONValue(value)
      guard let place = column.place, lines[value] != UInt8(ascii: "n") else { continue }
      let isString = lines[value] == UInt8(ascii: "\"")
      ranges[place] = isString ? value + 1..<at - 1 : value..<at
    }
  }

  private func findFields(
    _ lines: Span<UInt8>, _ line: Range<Int>, _ ranges: inout [Range<Int>?]
  ) {
    var start = line.lowerBound
    for column in columns where start <= line.upperBound {
      let end =
        lines.firstIndex(of: UInt8(ascii: "\t"), in: start..<line.upperBound)
        ?? line.upperBound
      if let place = column.place, !lines.isCopyNull(start..<end) { ranges[place] = start..<end }
      start = end + 1
    }
  }
}

extension Span<UInt8> {
  /// Whether a field of COPY's text format is NULL.
  func isCopyNull(_ range: Range<Int>) -> Bool {
    range.count == 2 && self[range.lowerBound] == UInt8(ascii: "\\")
      && self[range.lowerBound + 1] == UInt8(ascii: "N")
  }

  /// A uuid of 36 characters.
  func uuid(_ range: Range<Int>) -> UInt128? {
    guard range.count == 36 else { return nil }
    guard let id = RowId(uuid: extracting(range)) else { return nil }
    return UInt128(id.high) << 64 | UInt128(id.low)
  }

  /// A time with its zone, as microseconds since 2000-01-01T00:00:00Z.
  ///
  /// What comes before year 1 is as early as can be, what has more than four digits for its year as late: more
  /// than whether they are in a range is never asked of such times.
  func postgresTime(_ range: Range<Int>) -> Int64 {
    if case .instant(let time) = ParsedTime(extracting(range)) { return time.postgresMicroseconds }
    let isEarly =
      self[range.lowerBound] == UInt8(ascii: "-")
      || self[range.upperBound - 1] == UInt8(ascii: "C")
    return isEarly ? .min : .max
  }
}

extension String {
  /// A uuid of 36 characters.
  var uuidValue: UInt128? {
    let bytes = Array(utf8)
    return bytes.span.uuid(0..<bytes.count)
  }

  /// A time of a manifest, as microseconds since 2000-01-01T00:00:00Z.
  var postgresTime: Int64 {
    let bytes = Array(utf8)
    return bytes.isEmpty ? .max : bytes.span.postgresTime(0..<bytes.count)
  }
}
