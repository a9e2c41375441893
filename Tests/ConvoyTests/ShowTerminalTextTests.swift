internal import Testing

@testable import convoy

@Suite struct ShowTerminalTextTests {
  @Test(
    arguments: [
      ("a\tb\nc\r\nd", "a\tb\nc\nd"), ("a\rb", "a\\u{D}b"), ("\u{1B}[0m", "\\u{1B}[0m"),
      ("\u{7F}\u{85}", "\\u{7F}\\u{85}"), ("a\u{202E}b", "a\\u{202E}b"), ("né 🚚", "né 🚚"),
    ]) func `control characters are spelled out, newlines and tabs stay`(
      text: String, expected: String
    )
  {
    #expect(TerminalText.safe(text) == expected)
  }

  @Test(
    arguments: [
      ("one two three", 8, ["one two", "three"]),
      ("unbreakable", 8, ["unbreaka", "ble"]),
      ("a\n\n  indented", 20, ["a", "", "  indented"]),
      ("漢字漢字漢字", 8, ["漢字漢字", "漢字"]),
      ("", 8, [""]),
    ]) func `lines are cut at spaces, else at the width`(
      text: String, width: Int, expected: [Substring]
    )
  {
    #expect(TerminalText.lines(text, width: width) == expected)
  }

  @Test func `without a width lines are cut at newlines only`() {
    let long = String(repeating: "word ", count: 100)
    #expect(TerminalText.lines(long + "\nx", width: nil) == [Substring(long), "x"])
  }
}
