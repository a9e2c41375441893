internal import CSimdjson

extension Span<UInt8> {
  /// First place in a range of a byte that a JSON string cannot hold as it is; else the range's end.
  func firstToEscape(in range: Range<Int>) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the bytes")
    return unsafe withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return range.upperBound }
      return unsafe convoy_to_escape(base, range.lowerBound, range.upperBound)
    }
  }
}

extension [UInt8] {
  /// Appends text as a JSON string that holds every character but `"`, `\` and U+0000 to U+001F as it is.
  mutating func appendJSONString(_ text: borrowing Span<UInt8>, _ range: Range<Int>) {
    append(UInt8(ascii: "\""))
    var start = range.lowerBound
    while true {
      let stop = text.firstToEscape(in: start..<range.upperBound)
      if stop > start {
        append(addingCapacity: stop - start) { $0.append(start..<stop, of: text) }
      }
      guard stop < range.upperBound else { break }
      appendEscape(of: text[stop])
      start = stop + 1
    }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendEscape(of byte: UInt8) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0D: append(UInt8(ascii: "r"))
    case 0x09: append(UInt8(ascii: "t"))
    default:
      append(staticText: "u00")
      append(hexadecimal: byte)
    }
  }

  /// Appends two lower-case hexadecimal digits.
  @inline(__always)
  mutating func append(hexadecimal byte: UInt8) {
    append(Self.hexadecimalDigit(byte >> 4))
    append(Self.hexadecimalDigit(byte & 0xF))
  }

  @inline(__always)
  private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }
}
