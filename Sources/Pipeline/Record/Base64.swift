/// Base64 (RFC 4648, section 4), as quick as its bytes come.
extension [UInt8] {
  /// Appends bytes in base64, padding included.
  mutating func append(base64 range: Range<Int>, of source: borrowing Span<UInt8>) {
    append(addingCapacity: (range.count + 2) / 3 * 4) { digits in
      var at = range.lowerBound
      while at + 3 <= range.upperBound {
        let bits = UInt32(source[at]) << 16 | UInt32(source[at + 1]) << 8 | UInt32(source[at + 2])
        digits.append(Self.base64Digit(bits >> 18))
        digits.append(Self.base64Digit(bits >> 12))
        digits.append(Self.base64Digit(bits >> 6))
        digits.append(Self.base64Digit(bits))
        at += 3
      }
      guard at < range.upperBound else { return }
      let isOne = at + 1 == range.upperBound
      let bits = UInt32(source[at]) << 16 | (isOne ? 0 : UInt32(source[at + 1]) << 8)
      digits.append(Self.base64Digit(bits >> 18))
      digits.append(Self.base64Digit(bits >> 12))
      digits.append(isOne ? UInt8(ascii: "=") : Self.base64Digit(bits >> 6))
      digits.append(UInt8(ascii: "="))
    }
  }

  /// The digit of the six low bits; without a branch, which data as good as random would mislead.
  @inline(__always)
  private static func base64Digit(_ bits: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: bits) & 63
    var digit = value &+ UInt8(ascii: "A")
    digit &+= value > 25 ? 6 : 0
    digit &-= value > 51 ? 75 : 0
    digit &-= value > 61 ? 15 : 0
    digit &+= value > 62 ? 3 : 0
    return digit
  }

  /// What groups of four digits stand for; nil where there is anything else, padding too.
  init?(base64Groups digits: Range<Int>, of source: borrowing Span<UInt8>) {
    guard digits.count % 4 == 0 else { return nil }
    self = []
    var seen: UInt32 = 0
    append(addingCapacity: digits.count / 4 * 3) { bytes in
      let values = base64Values.span
      var at = digits.lowerBound
      while at < digits.upperBound {
        let first = UInt32(values[Int(source[at])])
        let second = UInt32(values[Int(source[at + 1])])
        let third = UInt32(values[Int(source[at + 2])])
        let fourth = UInt32(values[Int(source[at + 3])])
        seen |= first | second | third | fourth
        let bits = first << 18 | second << 12 | third << 6 | fourth
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits))
        at += 4
      }
    }
    guard seen < 64 else { return nil }
  }
}

/// What each byte stands for as a digit; 64 of one that is none.
private let base64Values: [UInt8] = {
  var values = [UInt8](repeating: 64, count: 256)
  for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    .enumerated()
  {
    values[Int(digit)] = UInt8(value)
  }
  return values
}()
