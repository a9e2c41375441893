/// Escapes that mending put in place of one byte each; they are half a pair and never the other half of
/// one of the source's.
struct MendedEscapes {
  /// Where they begin, in order.
  var offsets: [Int] = []

  /// Whether the escape at an offset stands for a byte the source has in its place.
  func contains(_ offset: Int) -> Bool {
    var left = 0..<offsets.count
    while !left.isEmpty {
      let middle = (left.lowerBound + left.upperBound) / 2
      if offsets[middle] == offset { return true }
      left =
        offsets[middle] < offset
        ? middle + 1..<left.upperBound : left.lowerBound..<middle
    }
    return false
  }
}
