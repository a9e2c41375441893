/// Length and 64 bits of a text as it is written: different texts have different ones, but for one pair in
/// some 10^19.
struct TextDigest: Equatable, Sendable {
  let length: Int
  let hash: UInt64

  /// Digests a range; sixteen bytes a step, two words multiplied and folded, as wyhash does it.
  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    length = range.count
    var hash = UInt64(truncatingIfNeeded: range.count) ^ Self.odd.0
    var at = range.lowerBound
    while at + 16 <= range.upperBound {
      hash = Self.fold(
        bytes.word(at: at).littleEndian ^ Self.odd.1, bytes.word(at: at + 8).littleEndian ^ hash)
      at += 16
    }
    var (low, high) = (UInt64(0), UInt64(0))
    for place in at..<range.upperBound {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(bytes[place])
    }
    self.hash = Self.fold(
      Self.fold(low ^ Self.odd.1, high ^ hash), UInt64(truncatingIfNeeded: range.count) ^ Self.odd.2
    )
  }

  private static let odd: (UInt64, UInt64, UInt64) = (
    0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3
  )

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
