/// A sum over rows that no order of them changes: equal sums mean, but for one chance in 2⁶⁴, equal rows.
///
/// Of each row as it is encoded for COPY a hash is taken by folded multiplication, sixteen bytes at a time
/// (the construction of wyhash), and the hashes are added. It guards against mistakes, not against malice.
struct RowChecksum: Sendable, Hashable {
  private(set) var rows = 0
  private(set) var sum: UInt64 = 0

  /// Adds all rows of a buffer.
  mutating func add(_ buffer: borrowing RowBuffer) {
    let bytes = buffer.bytes.span
    for index in buffer.rows.indices { sum &+= bytes.rowHash(buffer.byteRange(index..<index + 1)) }
    rows += buffer.rows.count
  }

  static func += (left: inout RowChecksum, right: RowChecksum) {
    left.rows += right.rows
    left.sum &+= right.sum
  }

  /// Sixteen hexadecimal digits.
  var text: String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Span<UInt8> {
  /// The hash of some bytes.
  func rowHash(_ range: Range<Int>) -> UInt64 {
    var hash = UInt64(range.count) ^ 0x9E37_79B9_7F4A_7C15
    var at = range.lowerBound
    while range.upperBound - at >= 16 {
      hash = folded(word(at: at) ^ hash, word(at: at + 8) ^ 0xE703_7ED1_A0B4_28DB)
      at += 16
    }
    var (first, second) = (UInt64(0), UInt64(0))
    for index in at..<range.upperBound {
      if index - at < 8 {
        first = first << 8 | UInt64(self[index])
      } else {
        second = second << 8 | UInt64(self[index])
      }
    }
    hash = folded(first ^ hash, second ^ 0x8EBC_6AF0_9C88_C6E3)
    return folded(hash ^ 0x5896_5CC7_5374_CC3D, 0x1D8E_4E27_C47D_124F)
  }

  @inline(__always)
  private func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
