import Testing

@testable import Archive

/// Each digest is compared with the one that swift-crypto makes of the same text.
@Suite struct DigestBatchTests {
  private let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }

  private func expect(_ texts: [(head: Range<Int>, tail: Range<Int>)]) {
    var batch = DigestBatch()
    for text in texts { batch.add(head: text.head, tail: text.tail) }
    #expect(batch.count == texts.count)
    batch.hash(heads: bytes.span, tails: bytes.span)
    for (number, text) in texts.enumerated() {
      let whole = Array(bytes[text.head] + bytes[text.tail])
      #expect(batch[number] == ContentDigest(of: whole.span), "\(text)")
    }
  }

  @Test func `a text of any length up to some blocks has the digest it has by itself`() {
    expect((0...400).map { (0..<0, 13..<13 + $0) })
  }

  @Test func `so has one whose beginning is elsewhere`() {
    for head in [0, 1, 55, 56, 63, 64, 65, 130] {
      expect((0...130).map { (1000..<1000 + head, 5..<5 + $0) })
    }
  }

  @Test func `so have long texts among short ones, and one that is alone`() {
    let lengths = [4095, 4096, 4097, 0, 3, 30_000, 64, 8192, 4094, 1, 12_345]
    expect(lengths.map { (200..<290, 0..<$0) })
    expect(lengths.map { (0..<$0, 200..<290) })
    for length in lengths { expect([(0..<0, 0..<length)]) }
    expect([])
  }

  @Test func `a batch that is cleared takes other texts`() {
    var batch = DigestBatch()
    batch.add(tail: 0..<10)
    batch.hash(tails: bytes.span)
    batch.clear()
    #expect(batch.count == 0)
    batch.add(tail: 10..<11)
    batch.hash(tails: bytes.span)
    #expect(batch[0] == ContentDigest(of: [bytes[10]].span))
  }
}
