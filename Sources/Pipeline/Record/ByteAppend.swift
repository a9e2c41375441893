/// Appending without the generic detours of `append(contentsOf:)`, which cost more than short texts do.
extension [UInt8] {
  /// Appends part of another array.
  mutating func append(_ range: Range<Int>, of source: [UInt8]) {
    unsafe source.withUnsafeBufferPointer { bytes in
      unsafe append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range]))
    }
  }

  /// Appends a literal's bytes without making a String of it.
  mutating func append(staticText text: StaticString) {
    unsafe append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a whole number in decimal digits.
  mutating func append(decimal value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    let start = count
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}

extension StaticString {
  /// Whether both have the same bytes.
  func reads(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    for offset in 0..<utf8CodeUnitCount
    where unsafe utf8Start[offset] != other.utf8Start[offset] {
      return false
    }
    return true
  }
}
