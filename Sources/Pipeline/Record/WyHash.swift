/// Tells cheaply whether bytes are those seen before: a digest against accidents, not against attackers.
///
/// wyhash, final version 4.2 (Wang Yi, github.com/wangyi-fudan/wyhash, public domain), with the seed 0 and
/// its standard secret, reads several bytes a cycle, where SHA-256 needs several cycles a byte; two texts
/// have the same digest by chance once in 2^64.
enum WyHash {
  private static let secret: (UInt64, UInt64, UInt64, UInt64) = (
    0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9, 0x4b33_a62e_d433_d4a3, 0x4d5a_2da5_1de1_aa47
  )

  /// Digests a range of bytes; the same on every machine.
  static func hash(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, seed: UInt64 = 0) -> UInt64
  {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "range outside the bytes")
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe hash(UnsafeRawBufferPointer(rebasing: buffer[range]), seed)
    }
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer, _ start: UInt64) -> UInt64 {
    var seed = start ^ mix(start ^ secret.0, secret.1)
    let count = bytes.count
    var at = 0
    var left = count
    if left >= 48 {
      var (second, third) = (seed, seed)
      while left >= 48 {
        seed = unsafe mix(word(bytes, at) ^ secret.1, word(bytes, at + 8) ^ seed)
        second = unsafe mix(word(bytes, at + 16) ^ secret.2, word(bytes, at + 24) ^ second)
        third = unsafe mix(word(bytes, at + 32) ^ secret.3, word(bytes, at + 40) ^ third)
        at += 48
        left -= 48
      }
      seed ^= second ^ third
    }
    while left > 16 {
      seed = unsafe mix(word(bytes, at) ^ secret.1, word(bytes, at + 8) ^ seed)
      at += 16
      left -= 16
    }
    let (first, last) = unsafe ends(bytes, at, left)
    let product = (first ^ secret.1).multipliedFullWidth(by: last ^ seed)
    return mix(product.low ^ secret.0 ^ UInt64(count), product.high ^ secret.1)
  }

  /// The last bytes as two words, which overlap where they are fewer than sixteen.
  private static func ends(
    _ bytes: UnsafeRawBufferPointer, _ at: Int, _ left: Int
  ) -> (UInt64, UInt64) {
    let count = bytes.count
    if count > 16 { return unsafe (word(bytes, at + left - 16), word(bytes, at + left - 8)) }
    if count >= 4 {
      let middle = (count >> 3) << 2
      return unsafe (
        half(bytes, 0) << 32 | half(bytes, middle),
        half(bytes, count - 4) << 32 | half(bytes, count - 4 - middle)
      )
    }
    guard count > 0 else { return (0, 0) }
    let (head, middle, tail) = unsafe (bytes[0], bytes[count >> 1], bytes[count - 1])
    return (UInt64(head) << 16 | UInt64(middle) << 8 | UInt64(tail), 0)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  private static func half(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    unsafe UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
  }

  @inline(__always)
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
