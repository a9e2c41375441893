/// Turns Windows-1252 into UTF-8; ISO 8859-1 is the same but for controls that texts do not have.
enum Windows1252 {
  /// The characters of the bytes 80 to 9F; the five that stand for none are the controls of their number
  /// (WHATWG Encoding Standard, index windows-1252).
  private static let characters: [UInt16] = [
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
  ]

  /// Appends the UTF-8 of some bytes, of which each is a character.
  static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    output.append(addingCapacity: 3 * bytes.count) { tail in
      for index in bytes.indices {
        let byte = bytes[index]
        guard byte >= 0x80 else {
          tail.append(byte)
          continue
        }
        let character = byte < 0xA0 ? characters[Int(byte - 0x80)] : UInt16(byte)
        if character < 0x800 {
          tail.append(0xC0 | UInt8(truncatingIfNeeded: character >> 6))
        } else {
          tail.append(0xE0 | UInt8(truncatingIfNeeded: character >> 12))
          tail.append(0x80 | UInt8(truncatingIfNeeded: character >> 6 & 0x3F))
        }
        tail.append(0x80 | UInt8(truncatingIfNeeded: character & 0x3F))
      }
    }
  }
}
