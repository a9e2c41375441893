import Testing

@testable import Pipeline

struct SessionTitleTests {
  private func cut(_ title: String, _ length: Int) -> String {
    text(SessionTitle.cut(Array(title.utf8), length: length))
  }

  @Test(arguments: [
    ("short", 5, "short"), ("longer", 5, "longe..."), ("", 5, ""), ("ééééé", 5, "ééééé"),
    ("éééééé", 5, "ééééé..."),
    ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦..."), ("a\r\nb", 2, "a\r\n..."), ("e\u{301}x", 1, "e\u{301}..."),
  ])
  func `a title is cut between characters`(title: String, length: Int, expected: String) {
    #expect(cut(title, length) == expected)
  }

  @Test func `a long text is cut as a short one is`() {
    let words = String(repeating: "日本語 ", count: 100_000)
    #expect(cut(words, 50) == words.prefix(50) + "...")
  }

  @Test func `a character without end does not make a title without end`() {
    let endless = "a" + String(repeating: "\u{301}", count: 100_000)
    let title = SessionTitle.cut(Array(endless.utf8), length: 50)
    #expect(title.count < 4000)
    #expect(text(title).hasSuffix("..."))
    #expect(!text(title).unicodeScalars.contains("\u{FFFD}"))
    let later = "Hello " + endless
    #expect(cut(later, 50) == "Hello ...")
  }

  @Test(arguments: [
    ("5b1d4a0c-0000", "Conversation 5b1d4a0c"), ("ab", "Conversation ab"),
    ("ééééééééé", "Conversation éééééééé"), ("auggie:null:2", "Conversation null:2"),
    ("openai:1286bdaa35da5a23", "Conversation 1286bdaa"),
    ("glm_conv_fedcba9876543210", "Conversation fedcba98"),
    ("request:listmodels_1759313200000", "Conversation listmodels_1759313200000"),
    ("conversations:mira:2025-10-01T07:30:00Z", "Conversation mira:2025-10-01T07:30:00Z"),
  ])
  func `a session without a title is called after its id`(id: String, expected: String) {
    #expect(text(SessionTitle.fallback(Array(id.utf8))) == expected)
  }
}
