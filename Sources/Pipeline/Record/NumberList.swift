extension Span<UInt8> {
  /// Whether the bytes of a range are a JSON array of numbers and nothing else (RFC 8259, sections 5 and 6),
  /// as an embedding's text is.
  func isNumberList(_ range: Range<Int>) -> Bool {
    var at = skipSpace(range.lowerBound, range.upperBound)
    guard at < range.upperBound, self[at] == UInt8(ascii: "[") else { return false }
    at = skipSpace(at + 1, range.upperBound)
    if at < range.upperBound, self[at] == UInt8(ascii: "]") {
      return skipSpace(at + 1, range.upperBound) == range.upperBound
    }
    while let end = endOfNumber(at, range.upperBound) {
      at = skipSpace(end, range.upperBound)
      guard at < range.upperBound else { return false }
      switch self[at] {
      case UInt8(ascii: ","): at = skipSpace(at + 1, range.upperBound)
      case UInt8(ascii: "]"): return skipSpace(at + 1, range.upperBound) == range.upperBound
      default: return false
      }
    }
    return false
  }

  private func skipSpace(_ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end, isJSONSpace(self[at]) { at += 1 }
    return at
  }

  /// The end of the number at an offset; nil where there is none.
  private func endOfNumber(_ start: Int, _ end: Int) -> Int? {
    var at = start
    if at < end, self[at] == UInt8(ascii: "-") { at += 1 }
    guard at < end, isDigit(at) else { return nil }
    if self[at] == UInt8(ascii: "0") { at += 1 } else { at = skipDigits(at, end) }
    if at < end, self[at] == UInt8(ascii: ".") {
      let fraction = skipDigits(at + 1, end)
      guard fraction > at + 1 else { return nil }
      at = fraction
    }
    guard at < end, self[at] == UInt8(ascii: "e") || self[at] == UInt8(ascii: "E") else {
      return at
    }
    at += 1
    if at < end, self[at] == UInt8(ascii: "+") || self[at] == UInt8(ascii: "-") { at += 1 }
    let exponent = skipDigits(at, end)
    return exponent > at ? exponent : nil
  }

  private func isDigit(_ at: Int) -> Bool { self[at] &- UInt8(ascii: "0") < 10 }

  private func skipDigits(_ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end, isDigit(at) { at += 1 }
    return at
  }
}
