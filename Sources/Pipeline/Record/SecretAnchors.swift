internal import CSimdjson

/// The bytes one of which is in every secret that can be told by its form: `-`, `_`, `@`, `I`, `J`.
///
/// Each is rare in prose, so 64 bytes at a time are passed with a few vector instructions, and only where
/// there is one of them does anybody look closer.
enum SecretAnchors {
  static let blockBytes = 64

  /// A bit for each anchor of the 64 bytes at an offset, the first byte's the lowest.
  @inline(__always)
  static func marks(_ bytes: borrowing Span<UInt8>, at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset + blockBytes <= bytes.count, "block outside the bytes")
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe convoy_secret_anchors(base + offset)
    }
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
