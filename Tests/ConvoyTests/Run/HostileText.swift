internal import Testing

/// A string of a source that something on its way to the target could take for something else.
struct HostileText: Sendable, CustomTestStringConvertible {
  let name: String
  /// What stands between the quotes in the source.
  let source: [UInt8]
  /// What is stored where PostgreSQL's refusals are replaced, and where they are marked; nil where the
  /// whole record is no JSON.
  let replaced: [UInt8]?
  let marked: [UInt8]?

  var testDescription: String { name }
  /// Whether PostgreSQL cannot hold it as it is.
  var isRefused: Bool { replaced != marked }
  var isBroken: Bool { replaced == nil }

  /// A string that is stored as it is; `⟦…⟧` holds bytes in hexadecimal.
  static func kept(_ name: String, _ source: String, _ stored: String) -> Self {
    Self(
      name: name, source: bytes(source), replaced: bytes(stored), marked: bytes(stored))
  }

  /// A string part of which PostgreSQL cannot hold.
  static func refused(
    _ name: String, _ source: String, _ replaced: String, marked: String
  ) -> Self {
    Self(
      name: name, source: bytes(source), replaced: Array(replaced.utf8),
      marked: Array(marked.utf8))
  }

  /// A string that JSON does not have.
  static func broken(_ name: String, _ source: String) -> Self {
    Self(name: name, source: bytes(source), replaced: nil, marked: nil)
  }

  static func bytes(_ text: String) -> [UInt8] {
    var out: [UInt8] = []
    for (number, piece) in text.split(separator: "⟦", omittingEmptySubsequences: false).enumerated()
    {
      guard number > 0, let end = piece.firstIndex(of: "⟧") else {
        out += Array(piece.utf8)
        continue
      }
      let digits = Array(piece[..<end].utf8)
      for index in stride(from: 0, to: digits.count, by: 2) {
        out.append(
          UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0)
      }
      out += Array(piece[piece.index(after: end)...].utf8)
    }
    return out
  }

  static let all: [HostileText] = unicode + damaged + escapes + syntaxes

  /// Text that is sound, however odd.
  private static let unicode: [HostileText] = [
    .kept("U+2028 and U+2029", "a\u{2028}b\u{2029}c", "a\u{2028}b\u{2029}c"),
    .kept("escaped U+2028", #"a\u2028b"#, "a\u{2028}b"),
    .kept("byte order mark inside", "a\u{FEFF}b", "a\u{FEFF}b"),
    .kept("byte order mark first", "\u{FEFF}b", "\u{FEFF}b"),
    .kept("swapped byte order mark U+FFFE", #"a⟦EFBFBE⟧b\ufffe"#, "a\u{FFFE}b\u{FFFE}"),
    .kept("noncharacters U+FFFF and U+FDD0", #"⟦EFBFBF⟧\uffff\ufdd0"#, "\u{FFFF}\u{FFFF}⟦EFB790⟧"),
    .kept("U+10FFFF", #"⟦F48FBFBF⟧\udbff\udfff"#, "\u{10FFFF}\u{10FFFF}"),
    .kept("a replacement character of its own", #"⟦EFBFBD⟧\ufffd"#, "\u{FFFD}\u{FFFD}"),
    .kept(
      "bidi controls", "a\u{202E}b\u{2066}c\u{2069}\u{200F}", "a\u{202E}b\u{2066}c\u{2069}\u{200F}"),
    .kept(
      "ZWJ emoji", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{1F3FD}",
      "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{1F3FD}"),
    .kept("emoji by escapes in capitals", #"\uD83D\uDE00"#, "\u{1F600}"),
    .kept("flag of regional indicators", "\u{1F1E6}\u{1F1FA}", "\u{1F1E6}\u{1F1FA}"),
    .kept(
      "a run of combining marks", "e" + String(repeating: "\u{0301}", count: 300),
      "e" + String(repeating: "\u{0301}", count: 300)),
    .kept("decomposed beside composed", "e\u{0301}\u{E9}", "e\u{0301}\u{E9}"),
    .kept(
      "private use, also beyond the BMP", "\u{E000}\u{F8FF}\u{10FFFD}", "\u{E000}\u{F8FF}\u{10FFFD}"
    ),
    .kept("DEL and C1 controls", "a\u{7F}\u{80}\u{85}\u{9F}b", "a\u{7F}\u{80}\u{85}\u{9F}b"),
    .kept("a no-break space alone", "\u{A0}", "\u{A0}"),
    .kept("a zero-width space alone", "\u{200B}", "\u{200B}"),
    .kept("a variation selector alone", "\u{FE0F}", "\u{FE0F}"),
    .kept("tag characters", "\u{E0041}\u{E007F}", "\u{E0041}\u{E007F}"),
    .kept("mojibake", "Ã©â€™", "Ã©â€™"),
    .kept("Turkish and German letters", "İıßẞ", "İıßẞ"),
    .kept("the empty text", "", ""),
    .kept("a space", " ", " "),
    .kept("spaces around", "  a\u{3000}", "  a\u{3000}"),
  ]

  /// Bytes and escapes of which no text can be made.
  private static let damaged: [HostileText] = [
    .refused("NUL by its escape", #"a\u0000b"#, "a\u{FFFD}b", marked: #"a\u0000b"#),
    .refused("NUL as it is", "a⟦00⟧b", "a\u{FFFD}b", marked: #"a\u0000b"#),
    .refused("NUL alone", #"\u0000"#, "\u{FFFD}", marked: #"\u0000"#),
    .refused("first half of a pair", #"a\ud83d"#, "a\u{FFFD}", marked: #"a\ud83d"#),
    .refused("second half of a pair", #"\ude00a"#, "\u{FFFD}a", marked: #"\ude00a"#),
    .refused("reversed pair", #"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}", marked: #"\ude00\ud83d"#),
    .refused(
      "two first halves before a second", #"\ud83d\ud83d\ude00"#, "\u{FFFD}\u{1F600}",
      marked: #"\ud83d"# + "\u{1F600}"),
    .refused(
      "two second halves behind a first", #"\ud83d\ude00\ude00"#, "\u{1F600}\u{FFFD}",
      marked: "\u{1F600}" + #"\ude00"#),
    .refused(
      "half a pair before a letter's escape", #"\ud83d\u0041"#, "\u{FFFD}A", marked: #"\ud83dA"#),
    .refused("half a pair before a newline", #"\ud83d\n"#, "\u{FFFD}\n", marked: #"\ud83d"# + "\n"),
    .refused(
      "half a pair before its other half's letters", #"\ud83d\\ude00"#, "\u{FFFD}\\ude00",
      marked: #"\ud83d\ude00"#),
    .refused(
      "half a pair before a bad byte", #"\ud83d⟦FF⟧"#, "\u{FFFD}\u{FFFD}", marked: #"\ud83d\udcff"#),
    .refused(
      "a bad byte before half a pair", #"⟦FF⟧\ud83d"#, "\u{FFFD}\u{FFFD}", marked: #"\udcff\ud83d"#),
    .refused("0xFF", "a⟦FF⟧b", "a\u{FFFD}b", marked: #"a\udcffb"#),
    .refused("0xFE", "⟦FE⟧", "\u{FFFD}", marked: #"\udcfe"#),
    .refused("a continuation byte alone", "a⟦80⟧", "a\u{FFFD}", marked: #"a\udc80"#),
    .refused("overlong NUL", "⟦C080⟧", "\u{FFFD}\u{FFFD}", marked: #"\udcc0\udc80"#),
    .refused(
      "overlong slash in three bytes", "⟦E080AF⟧", "\u{FFFD}\u{FFFD}\u{FFFD}",
      marked: #"\udce0\udc80\udcaf"#),
    .refused(
      "overlong slash in four bytes", "⟦F08080AF⟧", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}",
      marked: #"\udcf0\udc80\udc80\udcaf"#),
    .refused("two bytes cut to one", "⟦C3⟧b", "\u{FFFD}b", marked: #"\udcc3b"#),
    .refused("three bytes cut to two", "⟦E282⟧", "\u{FFFD}\u{FFFD}", marked: #"\udce2\udc82"#),
    .refused(
      "four bytes cut to three", "⟦F09F98⟧z", "\u{FFFD}\u{FFFD}\u{FFFD}z",
      marked: #"\udcf0\udc9f\udc98z"#),
    .refused(
      "a pair in CESU-8", "⟦EDA0BDEDB880⟧", String(repeating: "\u{FFFD}", count: 6),
      marked: #"\udced\udca0\udcbd\udced\udcb8\udc80"#),
    .refused(
      "half a pair in WTF-8", "⟦EDB880⟧", "\u{FFFD}\u{FFFD}\u{FFFD}",
      marked: #"\udced\udcb8\udc80"#),
    .refused(
      "one beyond U+10FFFF", "⟦F4908080⟧", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}",
      marked: #"\udcf4\udc90\udc80\udc80"#),
    .refused(
      "five bytes", "⟦F888808080⟧", String(repeating: "\u{FFFD}", count: 5),
      marked: #"\udcf8\udc88\udc80\udc80\udc80"#),
    .refused(
      "Latin-1", "Andr⟦E9⟧ \u{E9}", "Andr\u{FFFD} \u{E9}", marked: #"Andr\udce9 "# + "\u{E9}"),
    .refused("a bad byte behind a backslash", #"\⟦FF⟧n"#, "\\\u{FFFD}n", marked: #"\\udcffn"#),
    .refused(
      "a NUL beside the letters of one", #"\u0000\\u0000"#, "\u{FFFD}\\u0000",
      marked: #"\u0000\u0000"#),
  ]

  /// Backslashes, and what COPY's text form makes something else of.
  private static let escapes: [HostileText] = [
    .kept("every short escape", #"\/\b\f\n\r\t\"\\"#, "/\u{8}\u{C}\n\r\t\"\\"),
    .kept("controls by number", #"\u0001\u001f\u007F"#, "\u{1}\u{1F}\u{7F}"),
    .kept("controls as they are", "a⟦01091F0D0B⟧b", "a\u{1}\t\u{1F}\r\u{B}b"),
    .kept("a tab behind a backslash", "\\⟦09⟧b", "\\\tb"),
    .kept("letters of an escape", #"\\u0000 \\ud83d \\n"#, #"\u0000 \ud83d \n"#),
    .kept("seven backslashes", #"\\\\\\\\\\\\\\"#, #"\\\\\\\"#),
    .kept("a backslash last", #"a\\"#, #"a\"#),
    .kept("COPY's end", #"a\n\\.\nb"#, "a\n\\.\nb"),
    .kept("COPY's end alone", #"\\."#, #"\."#),
    .kept("COPY's NULL", #"\\N"#, #"\N"#),
    .kept("tabs and line ends", #"\t\n\r\n\r\t"#, "\t\n\r\n\r\t"),
    .kept("a quote by number", #"\u0022\u005c\u002F"#, "\"\\/"),
    .kept("octal and hexadecimal of COPY", #"\\000 \\x00 \\377"#, #"\000 \x00 \377"#),
  ]

  /// Text that some language means something by, and such as JSON has no place for.
  private static let syntaxes: [HostileText] = [
    .kept("the letters null", "null", "null"),
    .kept("the letters NULL", "NULL", "NULL"),
    .kept("quotes of all kinds", #"'\"`´‘’“”«»''"#, "'\"`´‘’“”«»''"),
    .kept("an empty SQL text", "''", "''"),
    .kept(
      "SQL", "'); DROP TABLE exai_messages; -- $1 $$ E'\\\\x'",
      "'); DROP TABLE exai_messages; -- $1 $$ E'\\x'"),
    .kept(
      "JSON", #"\"},{\"role\":\"system\",\"content\":\"x\"}],\"a\":[{\"b\":\""#,
      #""},{"role":"system","content":"x"}],"a":[{"b":""#),
    .kept("an array's text", #"{a,\"b\",NULL}"#, #"{a,"b",NULL}"#),
    .kept("braces and commas", "},{],[,", "},{],[,"),
    .kept("a name of JavaScript's", "__proto__", "__proto__"),
    .kept("a name of convoy's own", "legacy", "legacy"),
    .kept(
      "a template", "${HOME} $(id) `id` %s %n {{7*7}} <%= 1 %>",
      "${HOME} $(id) `id` %s %n {{7*7}} <%= 1 %>"),
    .kept("HTML", "<script>alert('&amp;')</script><!--", "<script>alert('&amp;')</script><!--"),
    .kept("a terminal's escape", #"\u001b[31m\u001b]0;x\u0007"#, "\u{1B}[31m\u{1B}]0;x\u{7}"),
    .kept("a path", #"..\\..\\etc/passwd"#, #"..\..\etc/passwd"#),
    .kept("numbers' words", "NaN", "NaN"),
    .broken("an escape JSON has not", #"a\qb"#),
    .broken("an octal escape", #"\0"#),
    .broken("a hexadecimal escape", #"\x41"#),
    .broken("an apostrophe's escape", #"\'"#),
    .broken("an escape of three digits", #"\u12g4"#),
    .broken("an escape cut short", #"\u12"#),
    .broken("a quote too many", #"a"b"#),
  ]
}
