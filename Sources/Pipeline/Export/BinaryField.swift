extension Span<UInt8> {
  /// The integer in network byte order at an offset.
  @inline(__always)
  func integer<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self)
    -> T
  {
    precondition(offset >= 0 && offset + T.bitWidth / 8 <= count, "integer outside the bytes")
    return unsafe T(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }
}

extension [UInt8] {
  /// Appends a whole number with at least as many digits.
  mutating func append(decimal value: Int, digits: Int) {
    var unit = 1
    for _ in 1..<digits { unit *= 10 }
    while unit > 1, unit > value {
      append(UInt8(ascii: "0"))
      unit /= 10
    }
    if value > 0 || unit == 1 { append(decimal: value) }
  }
}
