/// Writing of UTF-8 text as the inside of a JSON string.
enum JSONEscape {
  /// Appends `text` from `position` on until all of it is written or `out` holds `limit` bytes.
  ///
  /// Escaped are `"`, `\`, C0 and C1 controls, DEL and U+2028/2029, so that a line stays a line for
  /// every reader and may be shown on a terminal; all else is copied.
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - position: index of a scalar's first byte.
  ///   - out: may end a few bytes above `limit`.
  ///   - limit: where to stop, so that a long text needs no second copy of itself.
  /// - Returns: the position to go on from; the count of `text` when all is written.
  static func append(
    _ text: borrowing Span<UInt8>, from position: Int, to out: inout [UInt8], limit: Int = .max
  ) -> Int {
    var index = position
    while index < text.count && out.count < limit {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        out.append(UInt8(ascii: "\\"))
        out.append(byte)
      case UInt8(ascii: "\n"): out.append(contentsOf: #"\n"#.utf8)
      case UInt8(ascii: "\r"): out.append(contentsOf: #"\r"#.utf8)
      case UInt8(ascii: "\t"): out.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20, 0x7F: appendUnit(UInt16(byte), to: &out)
      // U+0080 to U+009F.
      case 0xC2 where text[index + 1] < 0xA0:
        appendUnit(UInt16(text[index + 1]), to: &out)
        index += 1
      // U+2028 and U+2029.
      case 0xE2 where text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8:
        appendUnit(0x2000 | UInt16(text[index + 2] & 0x3F), to: &out)
        index += 2
      default: out.append(byte)
      }
      index += 1
    }
    return index
  }

  private static func appendUnit(_ unit: UInt16, to out: inout [UInt8]) {
    out.append(contentsOf: #"\u"#.utf8)
    out.append(digit(unit >> 12))
    out.append(digit(unit >> 8 & 0xF))
    out.append(digit(unit >> 4 & 0xF))
    out.append(digit(unit & 0xF))
  }

  private static func digit(_ value: UInt16) -> UInt8 {
    UInt8(value) + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }
}
