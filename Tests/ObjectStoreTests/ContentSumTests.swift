import Foundation
import ObjectStore
import Testing

@Suite struct ContentSumTests {
  private static func sum(_ pieces: [some Collection<UInt8>]) -> UInt64 {
    var sum = ContentSum()
    for piece in pieces { sum.update(Array(piece).span) }
    return sum.value
  }

  private static let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }

  /// What the reference implementation makes of these bytes (python-xxhash 3.6).
  @Test(
    arguments: [
      (0, 0xEF46_DB37_51D8_E999),
      (1, 0x1F25_C8D0_BC1F_4BB6),
      (3, 0x31D2_363F_52E5_64C9),
      (4, 0x9BB6_4B7D_66EE_9FDA),
      (7, 0x9A7B_1499_59CE_60D8),
      (8, 0xDAB9_9D95_C6F9_0092),
      (11, 0x7A52_CC94_57CF_1A1F),
      (31, 0xA2AA_5F33_CC4A_6119),
      (32, 0x23C3_C17E_F790_FD97),
      (33, 0x50A7_CFC7_BA58_8784),
      (63, 0x5E3E_54B4_31C7_493C),
      (64, 0x0EB6_4B3E_F6EE_B01F),
      (100, 0xA61F_8D4C_170F_E531),
      (1000, 0x5F23_5FA0_33F1_A3FB),
    ] as [(Int, UInt64)])
  func `sums are XXH64's`(count: Int, expected: UInt64) {
    #expect(Self.sum([Self.bytes.prefix(count)]) == expected)
  }

  @Test func `how bytes are cut into calls has no meaning`() {
    let whole = Self.sum([Self.bytes])
    for size in [1, 3, 8, 31, 32, 33, 64, 127, 999] {
      let pieces = stride(from: 0, to: Self.bytes.count, by: size).map {
        Self.bytes[$0..<min($0 + size, Self.bytes.count)]
      }
      #expect(Self.sum(pieces) == whole, "\(size)")
    }
  }

  @Test func `one bit makes another sum, wherever it is`() {
    let whole = Self.sum([Self.bytes])
    for index in Self.bytes.indices {
      var changed = Self.bytes
      changed[index] ^= 1 << UInt8(index % 8)
      #expect(Self.sum([changed]) != whole, "\(index)")
    }
  }
}
