internal import Archive

/// Turns lines of an archive back into rows of COPY's text format (PostgreSQL documentation, COPY,
/// "Text Format").
///
/// The two escape alike: of what a JSON string of an archive holds, only `\"` and `\u00XX` differ, so that
/// most of a text is copied as it is.
struct LineConverter {
  private struct Column: Sendable {
    let isJSON: Bool
    /// Whether it can be written; a generated one makes itself.
    let isWritten: Bool
  }

  private let columns: [Column]
  private let walk: JSONLineWalk

  init(_ columns: [ArchivedColumn]) {
    self.columns = columns.map { column in
      Column(isJSON: column.form == "json", isWritten: !column.isGenerated)
    }
    walk = JSONLineWalk(columns)
  }

  /// Appends the rows of whole lines.
  ///
  /// - Throws: ``RunError`` where a line is not as convoy writes them.
  func append(_ lines: Span<UInt8>, to rows: inout [UInt8]) throws(RunError) {
    var at = 0
    while at < lines.count {
      var isFirst = true
      try walk.forEachColumn(of: lines, &at) { index, value throws(RunError) in
        let column = columns[index]
        guard column.isWritten else { return }
        if !isFirst { rows.append(UInt8(ascii: "\t")) }
        isFirst = false
        if let value {
          append(lines, value, isJSON: column.isJSON, to: &rows)
        } else {
          rows.append(staticText: "\\N")
        }
      }
      rows.append(0x0A)
    }
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
  mutating func appendCopyText(_ text: [UInt8]) {
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
