/// Makes a record that simdjson refuses for its bytes into one it takes, without losing a byte.
///
/// Inside strings, a byte that is not UTF-8 becomes the escape `\udcXX` (Python's surrogateescape) and a
/// bare control character its own escape. Both then meet the text policy field by field, so that one
/// damaged message does not cost its whole session. Outside strings nothing is touched.
enum JSONMending {
  /// What a mended record had wrong with it.
  struct Damage: Equatable {
    var invalidBytes = 0
    var controlCharacters = 0
  }

  /// Mends one record.
  ///
  /// - Parameters:
  ///   - source: bytes that hold the record.
  ///   - range: where in them it is.
  /// - Returns: the mended record, and offsets in it of the escapes that stand for one byte each.
  static func mend(
    _ source: [UInt8], _ range: Range<Int>
  ) -> (bytes: [UInt8], escapes: [Int], damage: Damage) {
    var out: [UInt8] = []
    var escapes: [Int] = []
    out.reserveCapacity(range.count + 64)
    var damage = Damage()
    var inString = false
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = source[at]
      guard inString else {
        inString = byte == UInt8(ascii: "\"")
        out.append(byte)
        at += 1
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        inString = false
        out.append(byte)
        at += 1
      case UInt8(ascii: "\\")
      where at + 1 < range.upperBound && source[at + 1] >= 0x20
        && source[at + 1] < 0x80:
        out.append(byte)
        out.append(source[at + 1])
        at += 2
      case UInt8(ascii: "\\")
      where at + 1 < range.upperBound
        && (source[at + 1] < 0x20 || scalarLength(source, at + 1, range.upperBound) == 0):
        // The byte behind it is mended on its own; the backslash stays one.
        escapes.append(out.count)
        out.appendEscape(UInt32(byte))
        at += 1
      case 0..<0x20:
        damage.controlCharacters += 1
        escapes.append(out.count)
        out.appendEscape(UInt32(byte))
        at += 1
      case 0x20..<0x80:
        out.append(byte)
        at += 1
      default:
        let length = scalarLength(source, at, range.upperBound)
        if length == 0 {
          damage.invalidBytes += 1
          escapes.append(out.count)
          out.appendEscape(0xDC00 | UInt32(byte))
          at += 1
        } else {
          out.append(contentsOf: source[at..<at + length])
          at += length
        }
      }
    }
    return (out, escapes, damage)
  }

  /// The offset in the source, counted from the record's start, of an offset in the mended record.
  static func sourceOffset(_ mended: Int, escapes: [Int]) -> Int {
    var before = 0..<escapes.count
    while !before.isEmpty {
      let middle = (before.lowerBound + before.upperBound) / 2
      before =
        escapes[middle] < mended ? middle + 1..<before.upperBound : before.lowerBound..<middle
    }
    // Each escape has six bytes in place of one.
    return mended - 5 * before.lowerBound
  }

  /// Bytes of the well-formed multi-byte character at `at`; 0 if there is none (Unicode, table 3-7).
  static func scalarLength(_ source: [UInt8], _ at: Int, _ end: Int) -> Int {
    func isTail(_ index: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
      index < end && source[index] >= low && source[index] <= high
    }
    switch source[at] {
    case 0xC2...0xDF: return isTail(at + 1) ? 2 : 0
    case 0xE0: return isTail(at + 1, 0xA0) && isTail(at + 2) ? 3 : 0
    case 0xED: return isTail(at + 1, 0x80, 0x9F) && isTail(at + 2) ? 3 : 0
    case 0xE1...0xEF: return isTail(at + 1) && isTail(at + 2) ? 3 : 0
    case 0xF0: return isTail(at + 1, 0x90) && isTail(at + 2) && isTail(at + 3) ? 4 : 0
    case 0xF1...0xF3: return isTail(at + 1) && isTail(at + 2) && isTail(at + 3) ? 4 : 0
    case 0xF4: return isTail(at + 1, 0x80, 0x8F) && isTail(at + 2) && isTail(at + 3) ? 4 : 0
    default: return 0
    }
  }
}
