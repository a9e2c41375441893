import Testing

@testable import Pipeline

struct WyHashTests {
  /// The vectors of wyhash's own test_vector.cpp: a text's number is its seed.
  @Test(
    arguments: [
      ("", 0x9322_8a4d_e0ee_c5a2),
      ("a", 0xc5ba_c3db_1787_13c4),
      ("abc", 0xa97f_2f7b_1d9b_3314),
      ("message digest", 0x786d_1f1d_f380_1df4),
      ("abcdefghijklmnopqrstuvwxyz", 0xdca5_a813_8ad3_7c87),
      (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xb9e7_34f1_17cf_af70
      ),
      (String(repeating: "1234567890", count: 8), 0x6cc5_eab4_9a92_d617),
    ].enumerated().map { (UInt64($0.offset), $0.element.0, $0.element.1 as UInt64) })
  func `a text has the digest its authors give`(seed: UInt64, text: String, expected: UInt64) {
    let bytes = Array("before\(text)behind".utf8)
    let range = 6..<bytes.count - 6
    #expect(WyHash.hash(bytes.span, range, seed: seed) == expected)
  }

  @Test func `each bit of a text of any length counts`() {
    for count in 0..<130 {
      var bytes = [UInt8](repeating: 0x61, count: count)
      var seen: Set<UInt64> = [WyHash.hash(bytes.span, 0..<count)]
      for bit in 0..<count * 8 {
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(seen.insert(WyHash.hash(bytes.span, 0..<count)).inserted, "\(count) \(bit)")
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      }
    }
  }
}
