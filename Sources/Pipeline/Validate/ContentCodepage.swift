/// `content.codepage`: a text of UTF-8 that somebody read as if it were of Windows-1252, and wrote as that.
///
/// Each of its bytes has become a character of its own: `é` is `Ã©`, `’` is `â€™`, and an emoji begins with `ðŸ`.
/// Nothing is put right, for nobody knows how often it happened. A text that was read in a codepage of DOS cannot be
/// told from another one.
enum ContentCodepage {
  /// `hasNumbers` where a character of the text is written by its number.
  static func isBroken(byText range: Range<Int>, of tape: borrowing JSONTape, hasNumbers: Bool)
    -> Bool
  {
    let bytes = tape.bytes.span
    // Every first character of a broken pair is one of U+00C0 to U+00FF.
    var at = range.lowerBound
    while let hit = bytes.firstIndex(of: 0xC3, in: at..<range.upperBound) {
      if isPair(bytes, hit + 1, within: range) { return true }
      at = hit + 1
    }
    return hasNumbers && isWrittenAsEscapes(bytes, range)
  }

  /// Whether what was one character stands behind the first byte of `Â`, `Ã`, `â`, `ð`, `Ð` or `Ñ`.
  private static func isPair(
    _ bytes: borrowing Span<UInt8>, _ at: Int, within range: Range<Int>
  ) -> Bool {
    guard at + 2 < range.upperBound else { return false }
    let (first, second) = (bytes[at + 1], bytes[at + 2])
    switch bytes[at] {
    case 0x82, 0x83, 0x90, 0x91: return first == 0xC2 && (0xA0...0xBF).contains(second)
    case 0xA2: return first == 0xE2 && second == 0x82 || first == 0xC2 && second == 0x80
    case 0xB0: return first == 0xC5 && second == 0xB8 || first == 0xC2 && second == 0x9F
    default: return false
    }
  }

  private static let escapedPairs: [StaticString] = [
    "\\u00c2\\u00a", "\\u00c2\\u00b", "\\u00c3\\u00a", "\\u00c3\\u00b", "\\u00e2\\u20ac",
    "\\u00f0\\u0178", "\\u00d0\\u00b", "\\u00d1\\u00b",
  ]

  /// The same as escapes in small letters, as Python and JavaScript write them.
  private static func isWrittenAsEscapes(
    _ bytes: borrowing Span<UInt8>, _ range: Range<Int>
  ) -> Bool {
    var at = range.lowerBound
    while let hit = bytes.firstIndex(of: UInt8(ascii: "\\"), in: at..<range.upperBound) {
      // Nearly every escape is a line end: a look at its letter is all that those take.
      if hit + 1 < range.upperBound, bytes[hit + 1] == UInt8(ascii: "u"),
        escapedPairs.contains(where: { bytes.reads($0, at: hit, within: range) })
      {
        return true
      }
      at = min(hit + 2, range.upperBound)
    }
    return false
  }
}
