internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct DumpTitleRunTests {
  private static func id(_ table: Int, _ number: Int) -> String {
    "00000000-0000-4000-800\(table)-00000000000\(number)"
  }

  private static let dump = """
    INSERT INTO conversations (id, continuation_id, title, created_at) VALUES
      ('\(id(1, 1))', '12345678-abcd', 'Conversation 12345678', '2025-10-24 09:00:00+00'),
      ('\(id(1, 2))', 'c-2', 'EXAI Chat 10/24/2025, 10:10:35 AM', '2025-10-24 09:00:00+00'),
      ('\(id(1, 3))', 'c-3', 'EXAI Chat about birds', '2025-10-24 09:00:00+00'),
      ('\(id(1, 4))', 'c-4', 'Conversation c-9', '2025-10-24 09:00:00+00');
    INSERT INTO messages (id, conversation_id, role, content, created_at) VALUES
      ('\(id(2, 1))', '\(id(1, 1))', 'user', 'How deep?', '2025-10-24 10:00:00+00'),
      ('\(id(2, 2))', '\(id(1, 2))', 'assistant', 'A metre.', '2025-10-24 10:00:00+00'),
      ('\(id(2, 3))', '\(id(1, 3))', 'user', 'Which?', '2025-10-24 10:00:00+00'),
      ('\(id(2, 4))', '\(id(1, 4))', 'user', 'Who?', '2025-10-24 10:00:00+00');

    """

  @Test func `a title that stood for none gives way to the first question, and is kept aside`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("d.sql", Self.dump)
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 4))
      #expect(report.found["value.placeholder"] == 2)
      #expect(
        try scene.rows(
          "SELECT title, metadata #>> '{legacy,title}' FROM exai_sessions ORDER BY continuation_id")
          == [
            ["How deep?", "Conversation 12345678"],
            ["Conversation c-2", "EXAI Chat 10/24/2025, 10:10:35 AM"],
            ["EXAI Chat about birds", nil], ["Conversation c-9", nil],
          ])
      let again = try await scene.run("messages-dump", ["d.sql"], options: ["--restart"]).expect()
      #expect(again.total.sessions == .of(unchanged: 4))
    }
  }
}
