/// The bytes one of which is in every secret that can be told by its form: `-`, `_`, `@`, `I`, `J`.
///
/// Each is rare in prose, so 32 bytes at a time are passed with a few vector instructions, and only where
/// there is one of them does anybody look closer.
enum SecretAnchors {
  static let blockBytes = 32

  /// A byte of 0xFF for each anchor of the 32 bytes at an offset, in words of eight.
  @inline(__always)
  static func marks(_ bytes: borrowing Span<UInt8>, at offset: Int) -> SIMD4<UInt64> {
    precondition(offset >= 0 && offset + blockBytes <= bytes.count, "block outside the bytes")
    let block = unsafe bytes.bytes.unsafeLoadUnaligned(
      fromByteOffset: offset, as: SIMD32<UInt8>.self)
    let found =
      (block .== UInt8(ascii: "-")) .| (block .== UInt8(ascii: "_"))
      .| (block .== UInt8(ascii: "@")) .| (block .== UInt8(ascii: "I"))
      .| (block .== UInt8(ascii: "J"))
    return unsafe unsafeBitCast(found, to: SIMD4<UInt64>.self)
  }

  /// The same for one byte.
  @inline(__always)
  static func isAnchor(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "I"),
      UInt8(ascii: "J"):
      true
    default: false
    }
  }
}
