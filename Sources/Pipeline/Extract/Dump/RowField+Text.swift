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
