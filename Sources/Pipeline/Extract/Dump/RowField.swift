/// Where one value of a row is, and how it is written.
struct RowField: Equatable {
  enum Form: Equatable {
    case null
    /// `'…'`, with quotes doubled.
    case quoted
    /// `E'…'`, with backslash escapes.
    case escaped
    /// As it is: between dollar quotes, or a number or a truth value.
    case plain
    /// A field of COPY's text form.
    case copyText
    /// A field of CSV in quotes, which are doubled.
    case csvQuoted
    /// Something to be computed, which is nothing to be loaded.
    case expression
  }

  var form: Form
  /// Of the value's text, without its quotes.
  var range: Range<Int>
}

/// Splits rows into their values; nothing is copied.
extension Span<UInt8> {
  /// Splits the tuple that begins with the parenthesis at `start`.
  ///
  /// - Returns: behind its closing parenthesis; nil where the bytes end before.
  func sqlTuple(at start: Int, into fields: inout [RowField]) -> Int? {
    fields.removeAll(keepingCapacity: true)
    var at = start + 1
    while true {
      guard let token = sqlToken(from: at) else { return nil }
      if self[token] == UInt8(ascii: ")"), fields.isEmpty { return token + 1 }
      guard let value = sqlValue(at: token) else { return nil }
      fields.append(value.field)
      if self[value.end] == UInt8(ascii: ")") { return value.end + 1 }
      at = value.end + 1
    }
  }

  /// The value at `start`, and the comma or parenthesis that ends it.
  private func sqlValue(at start: Int) -> (field: RowField, end: Int)? {
    guard let (field, behind) = sqlLiteral(at: start) else { return nil }
    var form = field.form
    guard var at = sqlToken(from: behind) else { return nil }
    while at + 1 < count, self[at] == UInt8(ascii: ":"), self[at + 1] == UInt8(ascii: ":") {
      guard let end = sqlTypeEnd(from: at + 2), let next = sqlToken(from: end) else { return nil }
      at = next
    }
    if self[at] == UInt8(ascii: ",") || self[at] == UInt8(ascii: ")") {
      return (RowField(form: form, range: field.range), at)
    }
    form = .expression
    var depth = 0
    while at < count {
      switch self[at] {
      case UInt8(ascii: ","), UInt8(ascii: ")"):
        if depth == 0 { return (RowField(form: form, range: start..<at), at) }
        if self[at] == UInt8(ascii: ")") { depth -= 1 }
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      default: break
      }
      guard let next = sqlStep(over: at) else { return nil }
      at = next
    }
    return nil
  }

  /// The constant at `start`, and where it ends; an expression of no length where there is none.
  private func sqlLiteral(at start: Int) -> (field: RowField, end: Int)? {
    guard start + 1 < count else { return nil }
    switch self[start] {
    case UInt8(ascii: "'"):
      guard let end = sqlQuoteEnd(UInt8(ascii: "'"), from: start + 1, escapes: false) else {
        return nil
      }
      return (RowField(form: .quoted, range: start + 1..<end - 1), end)
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      guard self[start + 1] == UInt8(ascii: "'") else { break }
      guard let end = sqlQuoteEnd(UInt8(ascii: "'"), from: start + 2, escapes: true) else {
        return nil
      }
      return (RowField(form: .escaped, range: start + 2..<end - 1), end)
    case UInt8(ascii: "$"):
      guard let found = sqlDollarText(at: start) else { return nil }
      guard !found.isNone else { break }
      return (
        RowField(form: .plain, range: found.text),
        found.text.upperBound + found.text.lowerBound - start
      )
    default: break
    }
    var end = start
    while end < count,
      isSQLNameByte(self[end]) || self[end] == UInt8(ascii: ".")
        || self[end] == UInt8(ascii: "+") || self[end] == UInt8(ascii: "-")
    {
      end += 1
    }
    guard end < count else { return nil }
    let word = start..<end
    if sqlIs(word, "NULL") || sqlIs(word, "DEFAULT") {
      return (RowField(form: .null, range: start..<start), end)
    }
    if isSQLNumber(word) || sqlIs(word, "TRUE") || sqlIs(word, "FALSE") {
      return (RowField(form: .plain, range: word), end)
    }
    return (RowField(form: .expression, range: start..<start), start)
  }

  private func isSQLNumber(_ range: Range<Int>) -> Bool {
    var hasDigit = false
    for at in range {
      let byte = self[at]
      if isSQLDigit(byte) {
        hasDigit = true
      } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") {
        guard at == range.lowerBound || self[at - 1] | 0x20 == UInt8(ascii: "e") else {
          return false
        }
      } else if byte | 0x20 == UInt8(ascii: "e") {
        guard hasDigit else { return false }
      } else if byte != UInt8(ascii: ".") {
        return false
      }
    }
    return hasDigit
  }

  /// Behind the name of a type: `text`, `public."role"`, `numeric(10,6)`, `timestamp with time zone`, `text[]`.
  private func sqlTypeEnd(from start: Int) -> Int? {
    var at = start
    while at < count {
      switch self[at] {
      case UInt8(ascii: "\""):
        guard let next = sqlStep(over: at) else { return nil }
        at = next
      case UInt8(ascii: "("):
        guard let close = firstIndex(of: UInt8(ascii: ")"), in: at..<count) else { return nil }
        at = close + 1
      case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: " "): at += 1
      case let byte where isSQLNameByte(byte): at += 1
      default: return at
      }
    }
    return nil
  }

  /// Splits the line of COPY's text form in a range at its tabs.
  func copyFields(_ line: Range<Int>, into fields: inout [RowField]) {
    fields.removeAll(keepingCapacity: true)
    var at = line.lowerBound
    while true {
      let end = firstIndex(of: 0x09, in: at..<line.upperBound) ?? line.upperBound
      let isNull =
        end - at == 2 && self[at] == UInt8(ascii: "\\") && self[at + 1] == UInt8(ascii: "N")
      fields.append(RowField(form: isNull ? .null : .copyText, range: at..<end))
      guard end < line.upperBound else { return }
      at = end + 1
    }
  }

  /// Splits the CSV row that begins at `start` (RFC 4180); an empty field without quotes is null.
  ///
  /// `isEnd` tells whether nothing comes after these bytes. The answer is where the row ends and where the
  /// next one begins; nil where the bytes end before.
  func csvRow(
    at start: Int, isEnd: Bool, into fields: inout [RowField]
  ) -> (end: Int, next: Int)? {
    fields.removeAll(keepingCapacity: true)
    var at = start
    while true {
      if at < count, self[at] == UInt8(ascii: "\"") {
        var end = sqlQuoteEnd(UInt8(ascii: "\""), from: at + 1, escapes: false)
        if end == nil, isEnd, count - at > 1, self[count - 1] == UInt8(ascii: "\"") { end = count }
        guard let end else { return nil }
        fields.append(RowField(form: .csvQuoted, range: at + 1..<end - 1))
        at = end
        // What stands behind a closing quote makes the row one that is refused.
        if at < count, !isCSVEnd(self[at]) {
          fields[fields.count - 1].form = .expression
          while at < count, !isCSVEnd(self[at]) { at += 1 }
        }
      } else {
        let first = at
        while at < count, !isCSVEnd(self[at]) { at += 1 }
        fields.append(RowField(form: at == first ? .null : .plain, range: first..<at))
      }
      guard at < count else { return isEnd ? (at, at) : nil }
      if self[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      guard self[at] == UInt8(ascii: "\r") else { return (at, at + 1) }
      guard at + 1 < count else { return isEnd ? (at, at + 1) : nil }
      return (at, self[at + 1] == 0x0A ? at + 2 : at + 1)
    }
  }
}

@inline(__always)
private func isCSVEnd(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ",") || byte == 0x0A || byte == 0x0D
}

/// The values' text.
extension RowField {
  /// Appends the text of a value that is not null.
  func append(of bytes: [UInt8], to out: inout [UInt8]) {
    switch form {
    case .null: break
    case .plain, .expression: out.append(range, of: bytes)
    case .quoted: Self.append(range, undoubling: UInt8(ascii: "'"), of: bytes, to: &out)
    case .csvQuoted: Self.append(range, undoubling: UInt8(ascii: "\""), of: bytes, to: &out)
    case .escaped: Self.append(range, of: bytes, doubles: true, to: &out)
    case .copyText: Self.append(range, of: bytes, doubles: false, to: &out)
    }
  }

  private static func append(
    _ range: Range<Int>, undoubling quote: UInt8, of bytes: [UInt8], to out: inout [UInt8]
  ) {
    var at = range.lowerBound
    while let hit = bytes.firstIndex(of: quote, in: at..<range.upperBound) {
      out.append(at..<hit + 1, of: bytes)
      at = min(hit + 2, range.upperBound)
    }
    out.append(at..<range.upperBound, of: bytes)
  }

  /// Backslash escapes of COPY and of E'…', which are the same but for `\u` and `\v`; `doubles` tells E'…',
  /// where a doubled quote is one.
  private static func append(
    _ range: Range<Int>, of bytes: [UInt8], doubles: Bool, to out: inout [UInt8]
  ) {
    var at = range.lowerBound
    while at < range.upperBound {
      let stop = bytes.firstIndex(of: UInt8(ascii: "\\"), in: at..<range.upperBound)
      let end = stop ?? range.upperBound
      if doubles {
        append(at..<end, undoubling: UInt8(ascii: "'"), of: bytes, to: &out)
      } else {
        out.append(at..<end, of: bytes)
      }
      guard stop != nil, end + 1 < range.upperBound else {
        if stop != nil { out.append(UInt8(ascii: "\\")) }
        return
      }
      at = appendEscape(end + 1, range.upperBound, of: bytes, hasUnicode: doubles, to: &out)
    }
  }

  /// Appends what the escape stands for whose letter is at `at`, and answers where it ends.
  private static func appendEscape(
    _ at: Int, _ end: Int, of bytes: [UInt8], hasUnicode: Bool, to out: inout [UInt8]
  ) -> Int {
    switch bytes[at] {
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "v") where !hasUnicode: out.append(0x0B)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      return appendNumber(at, min(at + 3, end), of: bytes, radix: 8, to: &out)
    case UInt8(ascii: "x") where at + 1 < end && hexValue(bytes[at + 1]) != nil:
      return appendNumber(at + 1, min(at + 3, end), of: bytes, radix: 16, to: &out)
    case UInt8(ascii: "u") where hasUnicode: return appendScalar(at + 1, 4, end, bytes, &out)
    case UInt8(ascii: "U") where hasUnicode: return appendScalar(at + 1, 8, end, bytes, &out)
    case let other: out.append(other)
    }
    return at + 1
  }

  private static func appendNumber(
    _ start: Int, _ limit: Int, of bytes: [UInt8], radix: UInt32, to out: inout [UInt8]
  ) -> Int {
    var (at, value) = (start, UInt32(0))
    while at < limit, let digit = hexValue(bytes[at]), digit < radix {
      value = value * radix + digit
      at += 1
    }
    out.append(UInt8(truncatingIfNeeded: value))
    return at
  }

  /// A code point of `length` hexadecimal digits; half a pair stays the three bytes that are no UTF-8.
  private static func appendScalar(
    _ start: Int, _ length: Int, _ end: Int, _ bytes: [UInt8], _ out: inout [UInt8]
  ) -> Int {
    guard start + length <= end else {
      out.append(bytes[start - 1])
      return start
    }
    var value: UInt32 = 0
    for at in start..<start + length {
      guard let digit = hexValue(bytes[at]), value < 0x110_0000 else {
        out.append(bytes[start - 1])
        return start
      }
      value = value << 4 | digit
    }
    var next = start + length
    if value & 0xFFFF_FC00 == 0xD800, length == 4, next + 6 <= end,
      bytes[next] == UInt8(ascii: "\\"), bytes[next + 1] == UInt8(ascii: "u")
    {
      var low: UInt32 = 0
      for at in next + 2..<next + 6 { low = low << 4 | (hexValue(bytes[at]) ?? 0xFFFF) }
      if low & 0xFFFF_FC00 == 0xDC00 {
        value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
        next += 6
      }
    }
    out.append(contentsOf: UTF8Form(value))
    return next
  }

  /// The bytes of a code point, half pairs among them.
  private static func UTF8Form(_ value: UInt32) -> [UInt8] {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift & 0x3F) | 0x80 }
    switch value {
    case 0..<0x80: return [UInt8(truncatingIfNeeded: value)]
    case 0x80..<0x800: return [UInt8(truncatingIfNeeded: value >> 6) | 0xC0, tail(0)]
    case 0x800..<0x10000:
      return [UInt8(truncatingIfNeeded: value >> 12) | 0xE0, tail(6), tail(0)]
    default:
      return [UInt8(truncatingIfNeeded: value >> 18) | 0xF0, tail(12), tail(6), tail(0)]
    }
  }
}
