internal import CSimdjson

/// The bytes one of which is in every secret that can be told by its form: `-`, `_`, `@`, `I`, `J`.
///
/// With what stands before each in a secret they are rare in prose and in keys, so 64 bytes at a time are
/// passed with a few vector instructions, and only where there is one of them does anybody look closer.
enum SecretAnchors {
  static let blockBytes = 64
  /// Bytes that have to be there before a block, and behind it.
  static let bytesBefore = 1
  static let bytesBehind = 5

  /// A bit for each byte of the 64 at an offset that may be an anchor, the first byte's the lowest.
  @inline(__always)
  static func marks(_ bytes: borrowing Span<UInt8>, at offset: Int) -> UInt64 {
    precondition(
      offset >= bytesBefore && offset + blockBytes + bytesBehind <= bytes.count,
      "block outside the bytes")
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe convoy_secret_anchors(base + offset)
    }
  }

  /// Whether one byte may be an anchor.
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
