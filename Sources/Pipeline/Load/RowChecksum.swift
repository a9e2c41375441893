/// A sum over rows that no order of them changes: equal sums mean, but for one chance in 2⁶⁴, equal rows.
///
/// Of each row as it is encoded for COPY the quick hash is taken, and the hashes are added. It guards against
/// mistakes, not against malice.
struct RowChecksum: Sendable, Hashable {
  private(set) var rows = 0
  private(set) var sum: UInt64 = 0

  /// Adds all rows of a buffer.
  mutating func add(_ buffer: borrowing RowBuffer) {
    let bytes = buffer.bytes.span
    for index in buffer.rows.indices {
      sum &+= WyHash.hash(bytes, buffer.byteRange(index..<index + 1))
    }
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
