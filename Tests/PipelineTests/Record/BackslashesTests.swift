import Testing

@testable import Pipeline

struct BackslashesTests {
  @Test(arguments: [0, 1, 63, 64, 65, 128, 1_000])
  func `the first one of every part is found, as by looking at each byte`(count: Int) {
    var random = SeededNumbers(seed: UInt64(count))
    let bytes = (0..<count + 10).map { _ in
      random.next() % 40 == 0 ? UInt8(ascii: "\\") : UInt8(truncatingIfNeeded: random.next())
    }
    for start in [0, 3, 10] {
      let range = start..<start + count
      var backslashes = Backslashes()
      backslashes.find(in: bytes.span, range)
      #expect(backslashes.range == range)
      for from in stride(from: range.lowerBound, through: range.upperBound, by: 7) {
        for length in [0, 1, 5, 64, 200] {
          let part = from..<min(from + length, range.upperBound)
          let naive = bytes[part].firstIndex(of: UInt8(ascii: "\\"))
          #expect(backslashes.first(in: part) == naive, "\(part) of \(range)")
        }
      }
    }
  }

  @Test func `what was found is forgotten`() {
    var backslashes = Backslashes()
    backslashes.find(in: Array("a\\nb".utf8).span, 0..<4)
    #expect(backslashes.first(in: 0..<4) == 1)
    backslashes.clear()
    #expect(backslashes.range.isEmpty)
    #expect(backslashes.first(in: 0..<0) == nil)
  }
}
