internal import Crypto

/// SHA-256 of an object's content.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
  /// Its 32 bytes.
  public let bytes: [UInt8]

  /// Takes a digest made elsewhere; nil unless it has 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == SHA256.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits, of either case.
  public init?(hex: String) {
    let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == 2 * SHA256.byteCount, hex.utf8.count == digits.count else { return nil }
    bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Hashes bytes that are in memory.
  public init(of content: [UInt8]) { bytes = Array(SHA256.hash(data: content)) }

  init(_ digest: SHA256.Digest) { bytes = Array(digest) }

  /// 64 hexadecimal digits, in lower case.
  public var description: String {
    bytes.reduce(into: "") { text, byte in
      text += byte < 16 ? "0" : ""
      text += String(byte, radix: 16)
    }
  }
}
