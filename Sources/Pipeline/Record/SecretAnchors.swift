internal import CSimdjson

/// The bytes one of which is in every secret that can be told by its form: `-`, `_`, `@`, `I`, `J`.
///
/// With what stands before each in a secret they are rare in prose and in keys, so texts are passed with a few
/// vector instructions for 32 bytes, and only where there is one of them does anybody look closer.
enum SecretAnchors {
  /// Bytes that have to be there before a range, and behind it.
  static let bytesBefore = 1
  static let bytesBehind = 5

  /// The first byte of a range that may be an anchor.
  static func first(_ bytes: borrowing Span<UInt8>, in range: Range<Int>) -> Int? {
    precondition(
      range.lowerBound >= bytesBefore && range.upperBound + bytesBehind <= bytes.count,
      "range outside the bytes")
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let place = unsafe convoy_secret_anchor(base, range.lowerBound, range.upperBound)
      return place < range.upperBound ? place : nil
    }
  }

  /// Whether one byte may be an anchor, whatever stands before it.
  static func isAnchor(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "I"),
      UInt8(ascii: "J"):
      true
    default: false
    }
  }
}
