internal import Crypto

/// SHA-256 of some bytes (FIPS 180-4).
public struct ContentDigest: Sendable, Hashable {
  /// The first 16 bytes, most significant first.
  public let high: UInt128
  /// The last 16 bytes, most significant first.
  public let low: UInt128

  /// Hashes bytes that are there as a whole.
  public init(of bytes: Span<UInt8>) {
    var hash = ContentHash()
    hash.update(bytes)
    self = hash.digest
  }

  init(high: UInt128, low: UInt128) {
    (self.high, self.low) = (high, low)
  }

  init(_ digest: SHA256.Digest) {
    var (high, low, index) = (UInt128(0), UInt128(0), 0)
    for byte in digest {
      if index < 16 { high = high << 8 | UInt128(byte) } else { low = low << 8 | UInt128(byte) }
      index += 1
    }
    (self.high, self.low) = (high, low)
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64,
      let high = UInt128(hex: hex.utf8.prefix(32)), let low = UInt128(hex: hex.utf8.dropFirst(32))
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  /// 64 lower-case hexadecimal digits, as sha256sum prints them.
  public var hex: String { high.hex + low.hex }
}

/// SHA-256 of bytes that come in pieces.
public struct ContentHash: Sendable {
  private var hash = SHA256()

  /// Begins with no bytes.
  public init() {}

  /// Takes the next bytes; how they are cut into calls has no meaning.
  public mutating func update(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// The digest of all bytes so far.
  public var digest: ContentDigest { ContentDigest(hash.finalize()) }
}

extension ContentDigest: Codable {
  /// Reads the hexadecimal form.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = ContentDigest(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a SHA-256 in 64 hexadecimal digits")
    }
    self = digest
  }

  /// Writes the hexadecimal form.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

extension UInt128 {
  /// Reads exactly as many hexadecimal digits as there are, 32 at most; nil if one of them is none.
  public init?(hex digits: some Sequence<UInt8>) {
    var value = UInt128(0)
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt128(digit & 0xF)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt128(digit - 87)
      default: return nil
      }
    }
    self = value
  }

  /// 32 lower-case hexadecimal digits.
  public var hex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}
