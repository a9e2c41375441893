extension [UInt8] {
  /// Appends bytes in base64 (RFC 4648, section 4), padding included.
  mutating func append(base64 range: Range<Int>, of source: borrowing Span<UInt8>) {
    var at = range.lowerBound
    reserveCapacity(count + (range.count + 2) / 3 * 4)
    while at + 3 <= range.upperBound {
      append(
        base64Bits: UInt32(source[at]) << 16 | UInt32(source[at + 1]) << 8 | UInt32(source[at + 2]),
        digits: 4)
      at += 3
    }
    switch range.upperBound - at {
    case 1: append(base64Bits: UInt32(source[at]) << 16, digits: 2)
    case 2: append(base64Bits: UInt32(source[at]) << 16 | UInt32(source[at + 1]) << 8, digits: 3)
    default: break
    }
  }

  @inline(__always)
  private mutating func append(base64Bits bits: UInt32, digits: Int) {
    for place in 0..<4 {
      guard place < digits else {
        append(UInt8(ascii: "="))
        continue
      }
      append(Self.base64Digit(UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * place)) & 63))
    }
  }

  @inline(__always)
  private static func base64Digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: value + UInt8(ascii: "A")
    case 26..<52: value - 26 + UInt8(ascii: "a")
    case 52..<62: value - 52 + UInt8(ascii: "0")
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}
