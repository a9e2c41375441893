internal import Crypto
internal import FoundationEssentials

/// A row's UUID as a function of the data: the same record has the same id in every run.
///
/// Version 8 (RFC 9562, section 5.8): 48 bits of the record's own time in milliseconds, so that the
/// primary key grows at its right edge, then bits of SHA-256 over the natural key's parts joined by
/// U+001F. Version 5 is SHA-1 of a fixed namespace and the same text (RFC 9562, section 5.5).
struct RowId: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  /// Namespace of version 5 ids: the version 5 id of `convoy` in the DNS namespace of RFC 9562.
  static let namespace: [UInt8] = [
    0x7A, 0x08, 0xAA, 0xC7, 0x11, 0xA6, 0x54, 0x19, 0x8E, 0xE9, 0x8E, 0xED, 0x3F, 0xD3, 0xA7, 0x7D,
  ]

  /// Makes the id of one row.
  ///
  /// `milliseconds` is the record's own time since 1970, or its session's, or zero; never an inferred one.
  /// `key` is the parts of the natural key, joined by 0x1F, the kind of row first. Of `text` the bytes of
  /// `range` are hashed behind the key, so that a long text is not copied.
  static func make(
    scheme: IdScheme, milliseconds: Int64, key: [UInt8], text: [UInt8] = [],
    _ range: Range<Int> = 0..<0
  ) -> RowId {
    switch scheme {
    case .v8:
      var hash = SHA256()
      update(&hash, key, text, range)
      let words = Self.words(of: hash.finalize())
      return v8(
        milliseconds: milliseconds, digest: UInt128(words.high) << 64 | UInt128(words.low))
    case .v5:
      var hash = Insecure.SHA1()
      update(&hash, namespace + key, text, range)
      let words = Self.words(of: hash.finalize())
      return RowId(high: words.high & ~0xF000 | 0x5000, low: words.low & ~(3 << 62) | 1 << 63)
    }
  }

  /// The id of version 8 with a time and the first sixteen bytes of a digest.
  static func v8(milliseconds: Int64, digest: UInt128) -> RowId {
    let words = (
      high: UInt64(truncatingIfNeeded: digest >> 64), low: UInt64(truncatingIfNeeded: digest)
    )
    // Bytes 0–5 are the time, bytes 6–15 the digest's first ten with version and variant put in.
    let time = UInt64(bitPattern: max(0, milliseconds)) << 16
    let tail = words.high << 16 | words.low >> 48
    return RowId(
      high: time | 0x8000 | words.high >> 48 & 0x0FFF, low: tail & ~(3 << 62) | 1 << 63)
  }

  private static func update(
    _ hash: inout some HashFunction, _ key: [UInt8], _ text: [UInt8], _ range: Range<Int>
  ) {
    unsafe key.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    guard !range.isEmpty else { return }
    unsafe text.withUnsafeBytes { unsafe hash.update(bufferPointer: .init(rebasing: $0[range])) }
  }

  private static func words(of digest: some Digest) -> (high: UInt64, low: UInt64) {
    unsafe digest.withUnsafeBytes { buffer in
      unsafe (
        UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// The sixteen bytes in order.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    for word in [high, low] {
      for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(word >> shift & 0xFF)) }
    }
    return out
  }

  /// Lower-case text with hyphens.
  var text: String {
    let digits = Array("0123456789abcdef")
    var out = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { out.append("-") }
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    return out
  }
}

extension RowId {
  /// Bytes of `8-4-4-4-12` hexadecimal digits.
  static let textLength = 36

  /// Reads `8-4-4-4-12` hexadecimal digits; nil of anything else.
  init?(uuid text: borrowing Span<UInt8>) {
    guard text.count == Self.textLength, text[8] == UInt8(ascii: "-"),
      text[13] == UInt8(ascii: "-"), text[18] == UInt8(ascii: "-"), text[23] == UInt8(ascii: "-")
    else { return nil }
    func digits(_ first: Int, _ second: Int) -> UInt64 {
      text.word(at: first).littleEndian & 0xFFFF_FFFF | text.word(at: second).littleEndian << 32
    }
    guard let first = Self.value(ofDigits: text.word(at: 0).littleEndian),
      let second = Self.value(ofDigits: digits(9, 14)),
      let third = Self.value(ofDigits: digits(19, 24)),
      let fourth = Self.value(ofDigits: text.word(at: 28).littleEndian)
    else { return nil }
    self.init(high: first << 32 | second, low: third << 32 | fourth)
  }

  /// The number that eight hexadecimal digits are, the first of them in the lowest byte; nil if one is none.
  ///
  /// All eight at a time, as in Hacker's Delight, section 6-1: a byte's highest bit takes what is found of it.
  private static func value(ofDigits word: UInt64) -> UInt64? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highest = ones &* 0x80
    guard word & highest == 0 else { return nil }
    let lower = word | ones &* 0x20
    let isDigit = (word &+ ones &* (0x80 - 0x30)) & ~(word &+ ones &* (0x80 - 0x3A))
    let isLetter = (lower &+ ones &* (0x80 - 0x61)) & ~(lower &+ ones &* (0x80 - 0x67))
    guard (isDigit | isLetter) & highest == highest else { return nil }
    // The codes of letters go on from 1 and have a bit that those of digits have not.
    var value = (word & (ones &* 0x0F)) &+ (word >> 6 & ones) &* 9
    value = (value << 4 | value >> 8) & 0x00FF_00FF_00FF_00FF
    value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt64(UInt32(truncatingIfNeeded: value | value >> 16).byteSwapped)
  }
}
