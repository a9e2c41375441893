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
      // Bytes 0–5 are the time, bytes 6–15 the digest's first ten with version and variant put in.
      let time = UInt64(bitPattern: max(0, milliseconds)) << 16
      let tail = words.high << 16 | words.low >> 48
      return RowId(
        high: time | 0x8000 | words.high >> 48 & 0x0FFF, low: tail & ~(3 << 62) | 1 << 63)
    case .v5:
      var hash = Insecure.SHA1()
      update(&hash, namespace + key, text, range)
      let words = Self.words(of: hash.finalize())
      return RowId(high: words.high & ~0xF000 | 0x5000, low: words.low & ~(3 << 62) | 1 << 63)
    }
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
  /// Reads `8-4-4-4-12` hexadecimal digits; nil of anything else.
  init?(uuid text: borrowing Span<UInt8>) {
    guard text.count == 36 else { return nil }
    var words: (high: UInt64, low: UInt64) = (0, 0)
    var digits = 0
    for index in 0..<36 {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard text[index] == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = hexValue(text[index]) else { return nil }
      if digits < 16 {
        words.high = words.high << 4 | UInt64(digit)
      } else {
        words.low = words.low << 4 | UInt64(digit)
      }
      digits += 1
    }
    self.init(high: words.high, low: words.low)
  }
}
