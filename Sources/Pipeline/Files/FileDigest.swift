internal import Crypto

/// A SHA-256 value.
public struct FileDigest: Hashable, Sendable {
  /// Bytes of a value.
  static let byteCount = 32

  /// The value as four big-endian numbers, so that a million of them are no million arrays.
  private var words = SIMD4<UInt64>()

  init(_ digest: SHA256Digest) {
    for (index, byte) in digest.enumerated() { put(byte, at: index) }
  }

  /// Takes the value's own bytes; nil unless they are 32.
  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    for (index, byte) in bytes.enumerated() { put(byte, at: index) }
  }

  /// Reads 64 hexadecimal digits, large or small; nil for anything else.
  init?(hexadecimal digits: some Collection<UInt8>) {
    guard digits.count == 2 * Self.byteCount else { return nil }
    for (index, digit) in digits.enumerated() {
      guard let value = Self.value(ofDigit: digit) else { return nil }
      words[index / 16] = words[index / 16] << 4 | value
    }
  }

  private static func value(ofDigit digit: UInt8) -> UInt64? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Digest of a value held in memory.
  static func of(_ bytes: some Collection<UInt8>) -> FileDigest {
    FileDigest(SHA256.hash(data: Array(bytes)))
  }

  private mutating func put(_ byte: UInt8, at index: Int) {
    words[index / 8] = words[index / 8] << 8 | UInt64(byte)
  }

  /// The first eight bytes as a number.
  var leadingWord: UInt64 { words[0] }

  /// Appends the value's own bytes.
  func appendBytes(to out: inout [UInt8]) {
    for index in 0..<4 {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        out.append(UInt8(truncatingIfNeeded: words[index] >> shift))
      }
    }
  }

  /// Appends 64 small hexadecimal digits.
  func appendHexadecimal(to out: inout [UInt8]) {
    for index in 0..<4 {
      for shift in stride(from: 60, through: 0, by: -4) {
        let value = UInt8(truncatingIfNeeded: words[index] >> UInt64(shift)) & 15
        out.append(value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
      }
    }
  }

  /// 64 small hexadecimal digits.
  public var hexadecimal: String {
    var digits: [UInt8] = []
    appendHexadecimal(to: &digits)
    return String(decoding: digits, as: UTF8.self)
  }
}
