import Testing

@testable import Pipeline

struct JSONStringTextTests {
  private static func first(of bytes: [UInt8], in range: Range<Int>) -> Int {
    bytes.span.firstToEscape(in: range)
  }

  @Test(arguments: [0, 1, 7, 31, 32, 33, 64, 65, 500])
  func `the first byte to escape of every part is found, as by looking at each`(count: Int) {
    var random = SeededNumbers(seed: UInt64(count))
    let special = Array("\"\\\n\u{0}\u{1F}".utf8)
    let bytes = (0..<count).map { _ in
      random.next() % 40 == 0
        ? special[Int(random.next() % 5)] : UInt8(truncatingIfNeeded: random.next() | 0x80)
    }
    for start in 0..<min(40, count + 1) {
      for length in [0, 1, 8, 31, 32, 40, 500] {
        let part = start..<min(start + length, count)
        let naive = bytes[part].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
        #expect(Self.first(of: bytes, in: part) == naive ?? part.upperBound)
      }
    }
  }

  @Test func `each byte by itself is escaped or not as JSON has it`() {
    for byte in UInt8.min...UInt8.max {
      let isEscaped = byte < 0x20 || byte == 0x22 || byte == 0x5C
      for length in [1, 40] {
        let bytes = Array(repeating: UInt8(ascii: "a"), count: length - 1) + [byte]
        #expect(Self.first(of: bytes, in: 0..<length) == (isEscaped ? length - 1 : length))
      }
    }
  }
}
