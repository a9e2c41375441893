import Testing

@testable import Pipeline

struct RecordParserTests {
  private func refusal(_ bytes: [UInt8]) throws -> Rule? {
    var parser = try RecordParser()
    return parser.parse(bytes, 0..<bytes.count)?.rule
  }

  @Test(arguments: [
    ("{", Rule.jsonTruncated), ("", .jsonSyntax), ("[1,]", .jsonSyntax), ("\"a", .jsonTruncated),
    (String(repeating: "[", count: 600), .jsonDepth),
  ])
  func `a record that cannot be read breaks one rule`(record: String, rule: Rule) throws {
    #expect(try refusal(Array(record.utf8)) == rule)
  }

  @Test func `damage outside strings is refused, inside strings mended and told`() throws {
    #expect(try refusal([0x5B, 0xFF, 0x5D]) == .jsonSyntax)
    #expect(try refusal([0x5B, 0x01, 0x5D]) == .jsonSyntax)
    var parser = try RecordParser()
    let damaged: [UInt8] = [0x5B, 0x22, 0xFF, 0x0A, 0x22, 0x5D]
    #expect(parser.parse(damaged, 0..<damaged.count)?.rule == nil)
    #expect(parser.damage == JSONMending.Damage(invalidBytes: 1, controlCharacters: 1))
    #expect(text(parser.tape.bytes) == #"["\udcff\u000a"]"#)
    let sound = Array("[1]".utf8)
    #expect(parser.parse(sound, 0..<3)?.rule == nil)
    #expect(parser.damage == nil)
  }

  @Test func `a damaged record that is cut off too is truncated`() throws {
    #expect(try refusal([0x5B, 0x22, 0xFF, 0x22]) == .jsonTruncated)
    #expect(try refusal([0x5B, 0x22, 0xFF]) == .jsonTruncated)
  }
}
