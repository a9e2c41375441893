import Testing

@testable import Archive

@Suite struct GzipCompressorTests {
  private static func member(of bytes: [UInt8], level: Int = 6) throws -> [UInt8] {
    var compressor = try GzipCompressor(level: level)
    var member: [UInt8] = []
    compressor.appendMember(of: bytes.span, to: &member)
    return member
  }

  private static func inflated(_ packed: [UInt8], upTo count: Int) throws -> [UInt8] {
    var decompressor = try GzipDecompressor()
    var bytes: [UInt8] = []
    var consumed = 0
    while consumed < packed.count {
      let taken = try decompressor.inflate(
        packed.span.extracting(consumed...), into: &bytes, upTo: count + 1 - bytes.count)
      guard taken > 0 else { break }
      consumed += taken
    }
    try decompressor.finish()
    return bytes
  }

  @Test(arguments: [0, 1, 100, 65_536, 300_000])
  func `a member inflates to what it was made of`(count: Int) throws {
    var state: UInt64 = 7
    let noise = (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 40)
    }
    for level in [1, 6, 9] {
      let packed = try Self.member(of: noise, level: level)
      #expect(try Self.inflated(packed, upTo: count) == noise)
    }
  }

  @Test func `members that follow one another inflate to all they were made of`() throws {
    var compressor = try GzipCompressor(level: 6)
    var packed: [UInt8] = []
    for text in ["one ", "two ", "", "three"] {
      compressor.appendMember(of: Array(text.utf8).span, to: &packed)
    }
    #expect(try Self.inflated(packed, upTo: 13) == Array("one two three".utf8))
  }

  @Test func `the same bytes give the same member, with a plain header`() throws {
    let bytes = Array("again and again and again".utf8)
    let packed = try Self.member(of: bytes)
    #expect(packed.prefix(10) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    #expect(try Self.member(of: bytes) == packed)
  }
}
