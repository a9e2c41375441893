/// A quick sum of a content: tells whoever has hashed it whether it is still the same when it is read again.
///
/// XXH64 with the seed 0 (Yann Collet, github.com/Cyan4973/xxHash, doc/xxhash_spec.md), which takes a tenth of
/// SHA-256's time. It is against accidents, not against attackers: two contents have the same sum by chance
/// once in 2^64.
public struct ContentSum: Sendable {
  private static let stripeBytes = 32
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
    primes.0 &+ primes.1, primes.1, 0, 0 &- primes.0
  )
  /// The beginning of a stripe of which the rest is to come.
  private var pending = SIMD32<UInt8>()
  private var pendingCount = 0
  private var byteCount: UInt64 = 0

  /// Begins with no bytes.
  public init() {}

  /// Takes the next bytes; how they are cut into calls has no meaning.
  public mutating func update(_ bytes: borrowing Span<UInt8>) { unsafe update(bytes.bytes) }

  mutating func update(_ bytes: borrowing RawSpan) {
    byteCount &+= UInt64(bytes.byteCount)
    var at = 0
    while pendingCount > 0, at < bytes.byteCount {
      take(unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self))
      at += 1
    }
    var (first, second, third, fourth) = lanes
    while at &+ Self.stripeBytes <= bytes.byteCount {
      first = Self.round(first, Self.word(bytes, at))
      second = Self.round(second, Self.word(bytes, at &+ 8))
      third = Self.round(third, Self.word(bytes, at &+ 16))
      fourth = Self.round(fourth, Self.word(bytes, at &+ 24))
      at &+= Self.stripeBytes
    }
    lanes = (first, second, third, fourth)
    while at < bytes.byteCount {
      take(unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self))
      at += 1
    }
  }

  private mutating func take(_ byte: UInt8) {
    pending[pendingCount] = byte
    pendingCount += 1
    guard pendingCount == Self.stripeBytes else { return }
    lanes = (
      Self.round(lanes.0, word(0)), Self.round(lanes.1, word(8)), Self.round(lanes.2, word(16)),
      Self.round(lanes.3, word(24))
    )
    pendingCount = 0
  }

  /// The sum of all bytes so far.
  public var value: UInt64 {
    let primes = Self.primes
    var sum = primes.4
    if byteCount >= UInt64(Self.stripeBytes) {
      sum = Self.rotated(lanes.0, 1) &+ Self.rotated(lanes.1, 7)
      sum = sum &+ Self.rotated(lanes.2, 12) &+ Self.rotated(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        sum = (sum ^ Self.round(0, lane)) &* primes.0 &+ primes.3
      }
    }
    sum = sum &+ byteCount
    var at = 0
    while at + 8 <= pendingCount {
      sum = Self.rotated(sum ^ Self.round(0, word(at)), 27) &* primes.0 &+ primes.3
      at += 8
    }
    if at + 4 <= pendingCount {
      sum = Self.rotated(sum ^ (word(at) & 0xFFFF_FFFF) &* primes.0, 23) &* primes.1 &+ primes.2
      at += 4
    }
    while at < pendingCount {
      sum = Self.rotated(sum ^ UInt64(pending[at]) &* primes.4, 11) &* primes.0
      at += 1
    }
    sum = (sum ^ sum >> 33) &* primes.1
    sum = (sum ^ sum >> 29) &* primes.2
    return sum ^ sum >> 32
  }

  /// A word of the stripe that is pending; beyond its end are bytes of no meaning.
  private func word(_ at: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in (at..<min(at + 8, Self.stripeBytes)).reversed() {
      word = word << 8 | UInt64(pending[index])
    }
    return word
  }

  @inline(__always)
  private static func word(_ bytes: borrowing RawSpan, _ at: Int) -> UInt64 {
    UInt64(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: at, as: UInt64.self))
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* primes.1, 31) &* primes.0
  }

  @inline(__always)
  private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &<< bits | word &>> (64 &- bits)
  }
}
