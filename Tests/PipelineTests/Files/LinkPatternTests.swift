internal import Testing

@testable internal import Pipeline

@Suite struct LinkPatternTests {
  @Test(arguments: [
    ("{continuation_id}/**", "a/x.txt", "a"), ("{continuation_id}/**", "a/b/c/x.txt", "a"),
    ("{continuation_id}/**", "x.txt", nil), ("{continuation_id}/*", "a/x.txt", "a"),
    ("{continuation_id}/*", "a/b/x.txt", nil), ("{continuation_id}.*", "abc.txt", "abc"),
    ("{continuation_id}.*", "a.b.txt", "a.b"), ("thread-{continuation_id}/**", "thread-7/x", "7"),
    ("thread-{continuation_id}/**", "7/x", nil), ("thread-{continuation_id}/**", "thread-/x", nil),
    ("**/{continuation_id}/files/*", "2024/06/a/files/x", "a"),
    ("**/{continuation_id}/files/*", "a/files/x", "a"),
    ("*/{continuation_id}/**", "2024/a/x", "a"), ("*/{continuation_id}/**", "a/x", nil),
    ("{continuation_id}", "a", "a"), ("{continuation_id}", "a/b", nil),
    ("?_{continuation_id}/**", "é_a/x", "a"), ("{continuation_id}_*/**", "a_b_c/x", "a_b"),
  ])
  func `the session stands where the pattern has it`(
    pattern: String, path: String, session: String?
  ) {
    #expect(LinkPattern(pattern).session(in: Array(path.utf8)[...]) == session)
  }

  @Test func `a name that is not UTF-8 is none`() {
    let path: [UInt8] = [0xFF, UInt8(ascii: "/"), UInt8(ascii: "x")]
    #expect(LinkPattern("{continuation_id}/**").session(in: path[...]) == nil)
  }

  @Test(arguments: [
    ("*.tmp", "a.tmp", true), ("*.tmp", ".tmp", true), ("*.tmp", "a.tmp.txt", false),
    ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("*", "", true), ("?", "é", true),
    ("?", "ab", false), ("a?c", "abc", true), ("**", "x", true), ("*aab", "aaaab", true),
    ("~$*", "~$report.docx", true), ("NOTES.*", "notes.txt", true),
  ])
  func `a name pattern takes stars and question marks`(
    pattern: String, name: String, matches: Bool
  ) {
    let found = NamePattern(pattern.utf8, ignoringCase: true).matches(Array(name.utf8)[...])
    #expect(found == matches)
  }

  @Test(arguments: [
    ("a.txt", ".txt"), ("a.JPG", ".jpg"), ("a.tar.gz", ".tar.gz"), ("a.b.c", ".c"), ("a", ""),
    (".bashrc", ""), (".config.json", ".json"), ("a.", ""), ("a.c++", ".c++"), ("a.tëxt", ""),
    ("a.b c", ""), ("a.0123456789abcdefg", ""), ("a.x%2F", ""), ("a.py~", ""),
  ])
  func `an ending goes into a key as far as a key can hold it`(name: String, ending: String) {
    #expect(FileGroup.ending(of: name) == ending)
  }
}
