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
