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
