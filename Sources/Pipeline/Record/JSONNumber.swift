/// The grammar of a JSON number (RFC 8259, section 6), and what PostgreSQL's numeric can hold of it.
enum JSONNumber {
  enum Size { case fits, huge }

  /// Digits before the point beyond this, or as many behind it, are left to nobody's luck: numeric
  /// holds 131072 and 16383 (PostgreSQL documentation, "Numeric Types").
  static let digitLimit = 16_000

  /// Whether `range` is one whole number, and if so, its size; nil if it is not a number.
  static func check(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Size? {
    var at = range.lowerBound
    let end = range.upperBound
    if at < end, bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard isDigit(bytes, at, end) else { return nil }
    if bytes[at] == UInt8(ascii: "0") {
      at += 1
    } else {
      while isDigit(bytes, at, end) { at += 1 }
    }
    if at < end, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard isDigit(bytes, at, end) else { return nil }
      while isDigit(bytes, at, end) { at += 1 }
    }
    var exponent = 0
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard isDigit(bytes, at, end) else { return nil }
      while isDigit(bytes, at, end) {
        exponent = min(exponent * 10 + Int(bytes[at] - UInt8(ascii: "0")), 1_000_000)
        at += 1
      }
    }
    guard at == end else { return nil }
    return range.count + exponent > digitLimit ? .huge : .fits
  }

  @inline(__always)
  private static func isDigit(
    _ bytes: borrowing Span<UInt8>, _ index: Int, _ end: Int
  ) -> Bool {
    index < end && bytes[index] &- UInt8(ascii: "0") < 10
  }
}
