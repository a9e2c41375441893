internal import Archive
internal import Postgres

/// Turns lines of an archive back into rows of a binary COPY, which costs the server less than text.
///
/// Only for tables all of whose columns have types this writes; any other goes by ``LineConverter``.
struct BinaryConverter {
  private enum Form: Sendable {
    case boolean, int16, int32, int64, numeric, text, jsonb, uuid, timestamp

    /// Decides by the type as the server writes it; nil for one that goes as text.
    init?(_ column: ArchivedColumn) {
      switch column.type {
      case "boolean": self = .boolean
      case "smallint": self = .int16
      case "integer": self = .int32
      case "bigint": self = .int64
      case "text", "character varying", "json": self = .text
      case "jsonb": self = .jsonb
      case "uuid": self = .uuid
      case "timestamp with time zone", "timestamp without time zone": self = .timestamp
      case let type where type.hasPrefix("character varying("): self = .text
      // With fewer digits than a DecimalNumber takes.
      case let type where type.hasPrefix("numeric("):
        guard let digits = Int(type.dropFirst(8).prefix { $0 != "," }), digits <= 38 else {
          return nil
        }
        self = .numeric
      default: return nil
      }
    }
  }

  private let walk: JSONLineWalk
  /// Nil for a generated column, which makes itself.
  private let forms: [Form?]
  private let fieldCount: Int16

  init?(_ columns: [ArchivedColumn]) {
    var forms: [Form?] = []
    for column in columns {
      let form = Form(column)
      guard column.isGenerated || form != nil else { return nil }
      forms.append(column.isGenerated ? nil : form)
    }
    self.forms = forms
    walk = JSONLineWalk(columns)
    fieldCount = Int16(forms.count { $0 != nil })
    guard fieldCount > 0 else { return nil }
  }

  /// Appends the rows of whole lines.
  ///
  /// - Throws: ``RunError`` where a line is not as convoy writes them.
  func append(_ lines: Span<UInt8>, to rows: inout [UInt8]) throws(RunError) {
    var at = 0
    while at < lines.count {
      rows.append(bigEndian: fieldCount)
      try walk.forEachColumn(of: lines, &at) { index, value throws(RunError) in
        guard let form = forms[index] else { return }
        guard let value else { return rows.appendNull() }
        let start = rows.count
        rows.append(bigEndian: Int32(0))
        try Self.append(form, lines, value, to: &rows)
        rows.overwrite(bigEndian: Int32(rows.count - start - 4), at: start)
      }
    }
  }

  private static func append(
    _ form: Form, _ lines: Span<UInt8>, _ value: Range<Int>, to rows: inout [UInt8]
  ) throws(RunError) {
    let inside = value.count < 2 ? value : value.lowerBound + 1..<value.upperBound - 1
    switch form {
    case .text: rows.appendDecoded(lines, inside)
    case .jsonb:
      rows.append(1)
      rows.append(addingCapacity: value.count) { $0.append(value, of: lines) }
    case .uuid:
      guard let key = lines.uuid(inside) else { throw lines.unexpected(value.lowerBound) }
      rows.append(bigEndian: key)
    case .timestamp:
      guard let time = ArchivedTime.microseconds(lines, inside) else {
        throw lines.unexpected(value.lowerBound)
      }
      rows.append(bigEndian: time)
    case .boolean: rows.append(lines[value.lowerBound] == UInt8(ascii: "t") ? 1 : 0)
    case .int16: rows.append(bigEndian: Int16(truncatingIfNeeded: try integer(lines, value)))
    case .int32: rows.append(bigEndian: Int32(truncatingIfNeeded: try integer(lines, value)))
    case .int64: rows.append(bigEndian: try integer(lines, value))
    case .numeric:
      if lines[value.lowerBound] == UInt8(ascii: "\"") {
        // "NaN"; a column with a precision holds no infinities.
        for field in [0, 0, 0xC000, 0] as [UInt16] { rows.append(bigEndian: field) }
      } else if let number = DecimalNumber(lines.extracting(value)) {
        number.appendNumeric(to: &rows)
      } else {
        throw lines.unexpected(value.lowerBound)
      }
    }
  }

  private static func integer(
    _ lines: Span<UInt8>, _ range: Range<Int>
  ) throws(RunError) -> Int64 {
    let isNegative = lines[range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    // Downwards, because the least number has no positive of its own.
    for index in (isNegative ? range.dropFirst() : range) {
      let digit = lines[index] &- UInt8(ascii: "0")
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      guard digit < 10, !isTooLarge else { throw lines.unexpected(range.lowerBound) }
      value = product &- Int64(digit)
    }
    return isNegative ? value : 0 &- value
  }
}

/// Times as ``JSONTimes`` writes them, back into the server's counts.
enum ArchivedTime {
  /// Microseconds since 2000-01-01T00:00:00; nil for what is not written so.
  static func microseconds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    var at = range.lowerBound
    if at < range.upperBound, bytes[at] == UInt8(ascii: "i") { return .max }
    if at < range.upperBound, bytes[at] == UInt8(ascii: "-") { return .min }
    func number(_ atMost: Int) -> Int {
      var value = 0
      let start = at
      while at < range.upperBound, at - start < atMost, bytes[at] &- UInt8(ascii: "0") < 10 {
        value = value * 10 + Int(bytes[at] &- UInt8(ascii: "0"))
        at += 1
      }
      return value
    }
    func take(_ byte: Unicode.Scalar) -> Bool {
      guard at < range.upperBound, bytes[at] == UInt8(ascii: byte) else { return false }
      at += 1
      return true
    }
    var year = number(6)
    guard take("-") else { return nil }
    let month = number(2)
    guard take("-") else { return nil }
    let day = number(2)
    guard take("T") else { return nil }
    let hour = number(2)
    guard take(":") else { return nil }
    let minute = number(2)
    guard take(":") else { return nil }
    var microseconds = ((hour * 60 + minute) * 60 + number(2)) * 1_000_000
    if take(".") {
      let start = at
      var fraction = number(6)
      for _ in (at - start)..<6 { fraction *= 10 }
      microseconds += fraction
    }
    if take("+") { at += 5 }
    if take(" ") {
      guard take("B"), take("C") else { return nil }
      year = 1 - year
    }
    guard at == range.upperBound, let date = CivilDate(year: year, month: month, day: day) else {
      return nil
    }
    return Int64(date.daysSince1970 - 10_957) * Timestamp.microsecondsPerDay + Int64(microseconds)
  }
}

extension [UInt8] {
  /// Appends the text that the inside of a JSON string stands for.
  fileprivate mutating func appendDecoded(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound {
      let stop =
        bytes.firstIndex(of: UInt8(ascii: "\\"), in: start..<range.upperBound) ?? range.upperBound
      append(addingCapacity: stop - start) { $0.append(start..<stop, of: bytes) }
      guard stop < range.upperBound else { return }
      start = stop + 2
      switch bytes[stop + 1] {
      case UInt8(ascii: "n"): append(0x0A)
      case UInt8(ascii: "r"): append(0x0D)
      case UInt8(ascii: "t"): append(0x09)
      case UInt8(ascii: "u"):
        append(bytes.byteOfEscape(at: stop + 4))
        start = stop + 6
      case let other: append(other)
      }
    }
  }
}
