/// Length and quick hash of a text as it is written: different texts have different ones, but for one pair in
/// some 10^19.
struct TextDigest: Equatable, Sendable {
  let length: Int
  let hash: UInt64

  /// The digest of no text at all.
  init() { (length, hash) = (0, 0) }

  /// The digest that has been written down.
  init(length: Int, hash: UInt64) { (self.length, self.hash) = (length, hash) }

  /// Digests a range.
  init(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    length = range.count
    hash = WyHash.hash(bytes, range)
  }
}
