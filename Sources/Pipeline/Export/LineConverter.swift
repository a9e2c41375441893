internal import Archive

/// Turns lines of an archive back into rows of COPY's text format (PostgreSQL documentation, COPY,
/// "Text Format").
///
/// The two escape alike: of what a JSON string of an archive holds, only `\"` and `\u00XX` differ, so that
/// most of a text is copied as it is.
struct LineConverter {
  private struct Column: Sendable {
    /// The name as a member's, with its colon.
    let key: [UInt8]
    let isJSON: Bool
    /// Whether it can be written; a generated one makes itself.
    let isWritten: Bool
  }

  private let columns: [Column]

  init(_ columns: [ArchivedColumn]) {
    self.columns = columns.map { column in
      var key: [UInt8] = []
      let name = Array(column.name.utf8)
      key.appendJSONString(name.span, 0..<name.count)
      key.append(UInt8(ascii: ":"))
      return Column(key: key, isJSON: column.form == "json", isWritten: !column.isGenerated)
    }
  }

  /// Appends the rows of whole lines.
  ///
  /// - Throws: ``RunError`` where a line is not as convoy writes them.
  func append(_ lines: Span<UInt8>, to rows: inout [UInt8]) throws(RunError) {
    var at = 0
    while at < lines.count {
      try appendRow(lines, &at, to: &rows)
    }
  }

  private func appendRow(
    _ lines: Span<UInt8>, _ at: inout Int, to rows: inout [UInt8]
  ) throws(RunError) {
    var isFirst = true
    var separator = UInt8(ascii: "{")
    for column in columns {
      if column.isWritten {
        if !isFirst { rows.append(UInt8(ascii: "\t")) }
        isFirst = false
      }
      // A column that is NULL is not in the line.
      guard at < lines.count, lines[at] == separator, lines.holds(column.key.span, at: at + 1)
      else {
        if column.isWritten { rows.append(staticText: "\\N") }
        continue
      }
      at += 1 + column.key.count
      separator = UInt8(ascii: ",")
      let end = try lines.endOfJSONValue(at)
      if column.isWritten { append(lines, at..<end, isJSON: column.isJSON, to: &rows) }
      at = end
    }
    if separator == UInt8(ascii: "{") {
      guard at < lines.count, lines[at] == separator else { throw lines.unexpected(at) }
      at += 1
    }
    guard at + 1 < lines.count, lines[at] == UInt8(ascii: "}"), lines[at + 1] == 0x0A else {
      throw lines.unexpected(at)
    }
    at += 2
    rows.append(0x0A)
  }

  private func append(
    _ lines: Span<UInt8>, _ range: Range<Int>, isJSON: Bool, to rows: inout [UInt8]
  ) {
    switch lines[range.lowerBound] {
    case _ where isJSON: rows.append(lines, range, doubling: true)
    case UInt8(ascii: "\""):
      rows.appendUnquoted(lines, range.lowerBound + 1..<range.upperBound - 1)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      var literal: [UInt8] = []
      ArrayLiteral.append(lines, range, to: &literal)
      rows.appendCopyText(literal)
    default: rows.append(lines, range, doubling: false)
    }
  }
}

extension Span<UInt8> {
  /// The place behind a JSON value that begins at an offset; strings are not looked into.
  fileprivate func endOfJSONValue(_ start: Int) throws(RunError) -> Int {
    var at = start
    var depth = 0
    while at < count {
      switch self[at] {
      case UInt8(ascii: "\""):
        at = try endOfString(at)
        if depth == 0 { return at }
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if depth == 0 { return at }
        depth -= 1
        if depth == 0 { return at + 1 }
      case UInt8(ascii: ",") where depth == 0: return at
      case 0x0A: throw unexpected(at)
      default: break
      }
      at += 1
    }
    throw unexpected(start)
  }

  /// The place behind a JSON string that begins at an offset.
  fileprivate func endOfString(_ start: Int) throws(RunError) -> Int {
    var at = start + 1
    while true {
      at = firstToEscape(in: at..<count)
      guard at < count, self[at] >= 0x20 else { throw unexpected(start) }
      if self[at] == UInt8(ascii: "\"") { return at + 1 }
      guard at + 2 <= count else { throw unexpected(start) }
      at += 2
    }
  }

  fileprivate func holds(_ other: borrowing Span<UInt8>, at start: Int) -> Bool {
    start + other.count <= count && matches(start..<start + other.count, other, at: 0)
  }

  fileprivate func unexpected(_ offset: Int) -> RunError {
    RunError(.overBudget, "a line is not as convoy writes them, at byte \(offset) of its member")
  }
}

extension [UInt8] {
  /// Appends bytes without control characters, with each backslash twice where they are no COPY text yet.
  fileprivate mutating func append(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>, doubling: Bool
  ) {
    guard doubling else {
      return append(addingCapacity: range.count) { $0.append(range, of: bytes) }
    }
    var start = range.lowerBound
    while start < range.upperBound {
      let stop =
        bytes.firstIndex(of: UInt8(ascii: "\\"), in: start..<range.upperBound) ?? range.upperBound
      append(addingCapacity: stop - start) { $0.append(start..<stop, of: bytes) }
      guard stop < range.upperBound else { return }
      append(staticText: "\\\\")
      start = stop + 1
    }
  }

  /// Appends any text as COPY text.
  fileprivate mutating func appendCopyText(_ text: [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\\"): append(staticText: "\\\\")
      case 0x0A: append(staticText: "\\n")
      case 0x0D: append(staticText: "\\r")
      case 0x09: append(staticText: "\\t")
      default: append(byte)
      }
    }
  }

  /// Appends the inside of a JSON string as COPY text.
  fileprivate mutating func appendUnquoted(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound {
      let stop =
        bytes.firstIndex(of: UInt8(ascii: "\\"), in: start..<range.upperBound) ?? range.upperBound
      append(addingCapacity: stop - start) { $0.append(start..<stop, of: bytes) }
      guard stop < range.upperBound else { return }
      switch bytes[stop + 1] {
      case UInt8(ascii: "\""):
        append(UInt8(ascii: "\""))
        start = stop + 2
      case UInt8(ascii: "u"):
        append(bytes.byteOfEscape(at: stop + 4))
        start = stop + 6
      case let other:
        append(UInt8(ascii: "\\"))
        append(other)
        start = stop + 2
      }
    }
  }
}

extension Span<UInt8> {
  /// The value of two hexadecimal digits.
  func byteOfEscape(at offset: Int) -> UInt8 {
    func digit(_ byte: UInt8) -> UInt8 {
      byte < UInt8(ascii: "a") ? byte & 0xF : byte - UInt8(ascii: "a") + 10
    }
    return digit(self[offset]) << 4 | digit(self[offset + 1])
  }
}
