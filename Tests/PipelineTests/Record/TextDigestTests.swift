import Testing

@testable import Pipeline

@Suite struct TextDigestTests {
  private static func digest(_ bytes: [UInt8]) -> TextDigest {
    TextDigest(bytes.span, 0..<bytes.count)
  }

  @Test func `equal bytes have equal digests wherever they stand`() {
    let text = (0..<100).map { UInt8($0 * 37 & 0xFF) }
    for length in 0..<100 {
      let shifted = [1, 2, 3] + text
      #expect(
        TextDigest(shifted.span, 3..<3 + length) == TextDigest(text.span, 0..<length))
    }
  }

  @Test func `every byte and the length count`() {
    var seen: Set<UInt64> = []
    for length in 0..<70 {
      var text = [UInt8](repeating: 0, count: length)
      #expect(seen.insert(Self.digest(text).hash).inserted)
      for place in text.indices {
        text[place] = 1
        #expect(seen.insert(Self.digest(text).hash).inserted, "\(place) of \(length)")
        text[place] = 0
      }
    }
  }
}
