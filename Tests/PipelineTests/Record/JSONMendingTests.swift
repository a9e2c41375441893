import Testing

@testable import Pipeline

struct JSONMendingTests {
  private func bytes(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  @Test func `sound JSON is left as it is`() {
    let source = Array(#"{"a":"é😀\n\u0000\\","b":[1]}"#.utf8)
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(mended.bytes == source)
    #expect(mended.damage == JSONMending.Damage())
  }

  @Test(
    arguments: [
      ([0xFF], #"\udcff"#, 1), ([0xC3], #"\udcc3"#, 1), ([0xC0, 0x80], #"\udcc0\udc80"#, 2),
      ([0xED, 0xA0, 0x80], #"\udced\udca0\udc80"#, 3), ([0xE2, 0x82], #"\udce2\udc82"#, 2),
      ([0xF0, 0x9F, 0x98], #"\udcf0\udc9f\udc98"#, 3),
      ([0xF4, 0x90, 0x80, 0x80], #"\udcf4\udc90\udc80\udc80"#, 4),
      ([0xC3, 0xA9, 0xFF], #"é\udcff"#, 1), ([0xE0, 0x80, 0x80], #"\udce0\udc80\udc80"#, 3),
    ] as [([UInt8], String, Int)])
  func `a byte that is not UTF-8 becomes its surrogate escape`(
    damaged: [UInt8], expected: String, count: Int
  ) throws {
    let source = [0x22] + damaged + [0x22]
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(text(mended.bytes) == "\"\(expected)\"")
    #expect(mended.damage == JSONMending.Damage(invalidBytes: count, controlCharacters: 0))
    let tape = try parsed(mended.bytes)
    #expect(tape[tape.root].flags.contains(.surrogate))
  }

  @Test func `bare control characters become escapes that read as themselves`() throws {
    let source = bytes([0x22], Array(0..<0x20), [0x22])
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(mended.damage == JSONMending.Damage(invalidBytes: 0, controlCharacters: 32))
    let tape = try parsed(mended.bytes)
    #expect(tape.decoded(tape.root) == Array(0..<0x20))
  }

  @Test(
    arguments: [
      ([0x0A], JSONMending.Damage(invalidBytes: 0, controlCharacters: 1), [0x5C, 0x0A]),
      (
        [0xFF], JSONMending.Damage(invalidBytes: 1, controlCharacters: 0),
        [0x5C, 0xED, 0xB3, 0xBF]
      ),
    ] as [([UInt8], JSONMending.Damage, [UInt8])])
  func `a backslash before a damaged byte stays a backslash and the byte itself`(
    damaged: [UInt8], damage: JSONMending.Damage, decoded: [UInt8]
  ) throws {
    let source = bytes([0x22, 0x5C], damaged, [0x22])
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(mended.damage == damage)
    let tape = try parsed(mended.bytes)
    #expect(tape.decoded(tape.root) == decoded)
  }

  @Test func `nothing outside strings is touched`() {
    let source: [UInt8] = [0x5B, 0xFF, 0x00, 0x5D]
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(mended.bytes == source)
    #expect(mended.damage == JSONMending.Damage())
  }

  @Test func `an escaped quote does not end a string, nor does a bad escape hide its end`() {
    let source = bytes(Array(#"{"a\"":"x\\","b":""#.utf8), [0xFF], Array(#"\"","c":1}"#.utf8))
    let mended = JSONMending.mend(source, 0..<source.count)
    #expect(text(mended.bytes) == #"{"a\"":"x\\","b":"\udcff\"","c":1}"#)
    let wrong = Array(#""\é""#.utf8)
    #expect(JSONMending.mend(wrong, 0..<wrong.count).bytes == wrong)
  }

  @Test func `only the range is mended`() {
    let source: [UInt8] = [0xFF, 0x22, 0x01, 0x22, 0xFF]
    #expect(text(JSONMending.mend(source, 1..<4).bytes) == #""\u0001""#)
  }
}
