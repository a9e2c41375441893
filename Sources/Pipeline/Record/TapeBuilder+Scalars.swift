/// Strings, numbers and literals: where each ends, and whether it is what it seems.
extension TapeBuilder {
  /// Where the text of a string ends that begins with the quote at `at`; `limit` is where the next token is.
  @inline(__always)
  static func stringEnd(_ at: Int, _ limit: Int, of bytes: borrowing Span<UInt8>) -> Int? {
    var end = limit - 1
    while end > at, bytes[end] != UInt8(ascii: "\"") {
      guard isJSONSpace(bytes[end]) else { return nil }
      end -= 1
    }
    return end > at ? end : nil
  }

  /// Checks every escape of a string in the stretch that was indexed last, the first of which is given; nil
  /// if one is not JSON.
  @inline(never)
  static func escapes(
    _ first: Int, _ end: Int, of bytes: borrowing Span<UInt8>, _ backslashes: borrowing Backslashes,
    _ mended: MendedEscapes
  ) -> Flags? {
    var flags: Flags = .escaped
    var next: Int? = first
    while let backslash = next {
      guard backslash + 1 < end else { return nil }
      var at = backslash + 2
      switch bytes[backslash + 1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
        UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        break
      case UInt8(ascii: "u"):
        guard let unit = codeUnit(backslash, end, of: bytes) else { return nil }
        at = backslash + 6
        flags.insert(.numbered)
        if unit == 0 { flags.insert(.nul) }
        if unit & 0xF800 == 0xD800 {
          if unit < 0xDC00, lowHalf(at, end, of: bytes, mended: mended) != nil {
            at += 6
          } else {
            flags.insert(.surrogate)
          }
        }
      default: return nil
      }
      next = backslashes.first(in: at..<end)
    }
    return flags
  }

  /// The second half of a surrogate pair, if its escape starts at `at`.
  static func lowHalf(
    _ at: Int, _ end: Int, of bytes: borrowing Span<UInt8>, mended: MendedEscapes?
  ) -> UInt32? {
    guard let unit = codeUnit(at, end, of: bytes), unit & 0xFC00 == 0xDC00,
      mended?.contains(at) != true
    else { return nil }
    return unit
  }

  /// The code unit of a `\uXXXX` that starts at `at`, if there is one.
  static func codeUnit(_ at: Int, _ end: Int, of bytes: borrowing Span<UInt8>) -> UInt32? {
    guard at + 6 <= end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var unit: UInt32 = 0
    for digit in at + 2..<at + 6 {
      guard let value = hexValue(bytes[digit]) else { return nil }
      unit = unit << 4 | value
    }
    return unit
  }

  struct Scalar {
    var kind: JSONTape.Kind
    var flags: Flags
    var end: Int
  }

  /// A number or literal that begins at `at`; `limit` is where the next token is.
  @inline(__always)
  static func scalar(_ at: Int, _ limit: Int, of bytes: borrowing Span<UInt8>) -> Scalar? {
    var end = limit
    while end > at, isJSONSpace(bytes[end - 1]) { end -= 1 }
    switch bytes[at] {
    case UInt8(ascii: "t"):
      return bytes.reads("true", at..<end) ? Scalar(kind: .true_, flags: [], end: end) : nil
    case UInt8(ascii: "f"):
      return bytes.reads("false", at..<end) ? Scalar(kind: .false_, flags: [], end: end) : nil
    case UInt8(ascii: "n"):
      return bytes.reads("null", at..<end) ? Scalar(kind: .null, flags: [], end: end) : nil
    default:
      guard let size = JSONNumber.check(bytes, at..<end) else { return nil }
      return Scalar(kind: .number, flags: size == .huge ? .hugeNumber : [], end: end)
    }
  }
}

extension Span<UInt8> {
  /// Whether a literal stands in all of a range.
  @inline(__always)
  fileprivate func reads(_ literal: StaticString, _ range: Range<Int>) -> Bool {
    guard range.count == literal.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count
    where unsafe self[range.lowerBound + offset] != literal.utf8Start[offset] {
      return false
    }
    return true
  }
}

/// White space as JSON has it (RFC 8259, section 2).
func isJSONSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

/// Value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
