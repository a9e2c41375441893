import Testing

@testable import Archive

@Suite struct MemberInflaterTests {
  private static func member(of bytes: [UInt8]) throws -> [UInt8] {
    var compressor = try GzipCompressor(level: 6)
    var member: [UInt8] = []
    compressor.appendMember(of: bytes.span, to: &member)
    return member
  }

  @Test(arguments: [0, 1, 100, 65_536, 300_000])
  func `a member inflates to what it was made of`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    var inflater = try MemberInflater()
    let member = try Self.member(of: bytes)
    #expect(inflater.inflated(member.span, count: count) == bytes)
    // Once more with the same one.
    #expect(inflater.inflated(member.span, count: count) == bytes)
  }

  @Test func `nothing comes of a member that is cut, longer, changed or of another size`() throws {
    let bytes = Array(repeating: Array("two words ".utf8), count: 500).flatMap(\.self)
    let member = try Self.member(of: bytes)
    var inflater = try MemberInflater()
    for other in [Array(member.dropLast()), member + [0], member + member] {
      #expect(inflater.inflated(other.span, count: bytes.count) == nil)
    }
    #expect(inflater.inflated(member.span, count: bytes.count - 1) == nil)
    #expect(inflater.inflated(member.span, count: bytes.count + 1) == nil)
    #expect(inflater.inflated([UInt8]().span, count: 0) == nil)
    for place in GzipCompressor.headerBytes..<member.count {
      var changed = member
      changed[place] ^= 0x10
      #expect(inflater.inflated(changed.span, count: bytes.count) == nil, "byte \(place)")
    }
  }
}
