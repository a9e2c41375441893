internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct TurnDigestTests {
  private static let blanks = String(String.UnicodeScalarView(TurnDigest.blanks))

  private static let mark = "=== CONVERSATION HISTORY (CONTINUATION) ==="

  private static let contents = [
    "a", "  a\t\n", "a\r\nb", "a\rb", "\r\na\r\n\r\nb\r", "\r\r\n\na", "a\u{FFFD}b",
    "\u{A0}\u{3000}a\u{2028}",
    "\u{200B}a\u{FEFF}", "a\u{85}", "é", "e\u{301}", "👩‍👩‍👧‍👦", "'; --", "\\n", "a\u{1F}b",
    "\u{1C}a\u{1F}",
    Self.blanks + "a" + Self.blanks, String(repeating: " \r\n", count: 500) + "x",
    HistoryPrompt(said: "b").text, HistoryPrompt(said: " \u{2003}b\n").text,
    HistoryPrompt(said: "b").text.replacing("\n", with: "\r\n"),
    HistoryPrompt(closing: "=== END ===", said: "b").text,
    Self.mark, Self.mark + "\r\na\r\n",
  ]

  @Test func `the server and convoy digest every text alike`() async throws {
    try await TestDatabase.with(.schema) { database in
      let connection = try database.connect()
      let session = RowId(high: 0x8000, low: 1 << 63)
      try connection.execute(
        "INSERT INTO exai_sessions (id, user_id) VALUES ('\(session.text)', 'u')")
      let layouts = try TargetLayouts(connection)
      let merge = MergeStatements(
        sessions: layouts.sessions, messages: layouts.messages, firstTransaction: "1",
        conflict: ConflictSpec(), updatedTimes: .untouched, hasCopies: false)
      for role in ["user", "assistant"] {
        for content in Self.contents {
          try connection.execute("DELETE FROM exai_messages")
          _ = try connection.query(
            "INSERT INTO exai_messages (session_id, role, content) VALUES ($1, $2, $3)",
            [session.text, role, content])
          let row = try #require(
            try connection.query(
              merge.storedTurns, ["{\(session.text)}"], format: .binary
            ).first)
          let own = TurnDigest(role: Array(role.utf8), content: Array(content.utf8))
          let isBloated = role == "user" && content.hasPrefix(Self.mark)
          let digest = TurnDigest(bytes: row.values[2])
          #expect(digest == (isBloated ? nil : own), "\(content.debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [
    ("a", " a\n"), ("a\nb", "a\r\nb"), ("b", HistoryPrompt(said: "b").text),
    ("b", HistoryPrompt(said: "\r\nb ").text.replacing("\n", with: "\r\n")),
  ])
  func `copies of one turn are alike`(first: String, second: String) {
    #expect(Self.digest(first) == Self.digest(second))
  }

  @Test(arguments: [
    ("a", "A"), ("a", "a\u{200B}"), ("a\nb", "a\rb"), ("a b", "a  b"), ("é", "e\u{301}"),
    ("b", HistoryPrompt(closing: "no", said: "b").text),
  ])
  func `different turns are not`(first: String, second: String) {
    #expect(Self.digest(first) != Self.digest(second))
  }

  @Test func `nor is one turn of another role, or one the assistant quotes with its history`() {
    let said = Array("b".utf8)
    #expect(Self.digest("b") != TurnDigest(role: Array("assistant".utf8), content: said))
    #expect(
      TurnDigest(role: Array("assistant".utf8), content: Array(HistoryPrompt(said: "b").text.utf8))
        != TurnDigest(role: Array("assistant".utf8), content: said))
  }

  private static func digest(_ content: String) -> TurnDigest {
    TurnDigest(role: Array("user".utf8), content: Array(content.utf8))
  }
}
