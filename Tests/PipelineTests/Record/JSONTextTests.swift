import Testing

@testable import Pipeline

struct JSONTextTests {
  @Test(arguments: [
    (#""""#, ""), (#""plain é☃𝄞""#, "plain é☃𝄞"), (#""\"\\\/""#, #""\/"#),
    (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u2603""#, "Aé☃"),
    (#""\ud834\udd1e""#, "𝄞"), (#""\uD834\uDD1E!""#, "𝄞!"), (#""\\u0041""#, #"\u0041"#),
    (#""a\nb\nc""#, "a\nb\nc"),
    (#""\u007f\u0080\u07ff\u0800\uffff""#, "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
    (#""\u0001""#, "\u{1}"),
  ])
  func `escapes become what they stand for`(document: String, expected: String) throws {
    let tape = try parsed(document)
    for refused in [RefusedText.keep, .replace, .mark] {
      var out: [UInt8] = []
      #expect(tape.appendDecoded(tape.root, refused: refused, to: &out) == 0)
      #expect(text(out) == expected)
    }
  }

  @Test(
    arguments: [
      (#""a\u0000b""#, 1, "a\u{FFFD}b", #"a\u0000b"#, [0x61, 0x00, 0x62]),
      (#""\ud83d""#, 1, "\u{FFFD}", #"\ud83d"#, [0xED, 0xA0, 0xBD]),
      (#""\uDE00x""#, 1, "\u{FFFD}x", #"\ude00x"#, [0xED, 0xB8, 0x80, 0x78]),
      (
        #""\ude00\ud83d""#, 2, "\u{FFFD}\u{FFFD}", #"\ude00\ud83d"#,
        [0xED, 0xB8, 0x80, 0xED, 0xA0, 0xBD]
      ),
      (
        #""\ud83d\ud83d\ude00""#, 1, "\u{FFFD}😀", #"\ud83d😀"#,
        [0xED, 0xA0, 0xBD, 0xF0, 0x9F, 0x98, 0x80]
      ),
      (#""\ud83d\u0041""#, 1, "\u{FFFD}A", #"\ud83dA"#, [0xED, 0xA0, 0xBD, 0x41]),
    ] as [(String, Int, String, String, [UInt8])])
  func `what PostgreSQL refuses is replaced, marked or kept, and counted`(
    document: String, count: Int, replaced: String, marked: String, kept: [UInt8]
  ) throws {
    let tape = try parsed(document)
    var out: [UInt8] = []
    #expect(tape.appendDecoded(tape.root, refused: .replace, to: &out) == count)
    #expect(text(out) == replaced)
    out = []
    #expect(tape.appendDecoded(tape.root, refused: .mark, to: &out) == count)
    #expect(text(out) == marked)
    #expect(tape.decoded(tape.root) == kept)
  }

  @Test(arguments: [
    ("", #""""#), ("a\"b\\c/", #""a\"b\\c/""#), ("\n\r\t", #""\n\r\t""#),
    ("\u{8}\u{C}", #""\b\f""#), ("\u{0}\u{1}\u{1F}\u{7F}", "\"\\u0000\\u0001\\u001f\u{7F}\""),
    ("é\u{2028}😀", "\"é\u{2028}😀\""),
  ])
  func `a JSON string escapes only what it must, in the shortest way`(
    plain: String, expected: String
  ) {
    var out: [UInt8] = []
    out.appendJSONString(plain.utf8)
    #expect(text(out) == expected)
  }
}
