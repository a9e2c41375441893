internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ShowCommandTests {
  private static let session = "0190c3a8-0000-7000-8000-000000000001"

  private static let rows = #"""
    INSERT INTO exai_sessions (id, user_id, title, created_at, updated_at, continuation_id)
    VALUES ('\#(session)', 'ada', E'Weather \x1b[31min red', '2025-01-02 03:04:05Z',
      '2025-01-02 03:05:00Z', 'thread-1');
    INSERT INTO exai_messages (session_id, role, content, tool_name, tool_args, tool_result,
      tokens_in, tokens_out, cost_usd, model_used, created_at, metadata)
    VALUES
      ('\#(session)', 'assistant', 'Sunny.', NULL, NULL, NULL, 10, 2, 0.000123, 'gpt-x',
        '2025-01-02 03:04:30Z', '{}'),
      ('\#(session)', 'assistant', '', 'get_weather', '{"city": "Lima", "n": 1234567890.123456789}',
        '{"ok": true}', 0, 0, 0, 'gpt-x', '2025-01-02 03:04:06Z', '{"legacy": {"index": 10}}'),
      ('\#(session)', 'user', E'How is it?\r\n\tSay \x1b]0;owned\x07 and \u009b2J', NULL, NULL,
        NULL, 0, 0, 0, NULL, '2025-01-02 03:04:06Z', '{"legacy": {"index": 9}}');
    INSERT INTO files (filename, storage_path, file_size, mime_type, session_id)
    VALUES ('map.png', 'a/b.png', 77, 'image/png', '\#(session)');
    """#

  @Test(arguments: ["thread-1", session]) func `a conversation is printed in order for a person`(
    id: String
  ) async throws {
    try await withConversation { database in
      let outcome = try await ConvoyProcess.run(["show", id, "--target", database.url])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output == #"""
          Weather \u{1B}[31min red
            continuation id  thread-1
            session id       \#(Self.session)
            user             ada
            created          2025-01-02 03:04:05Z
            updated          2025-01-02 03:05:00Z
            models           gpt-x
            messages         3 (1 user, 2 assistant)
            tokens           10 in, 2 out
            cost             0.000123 USD
            files            1

          ── 1 · user · 2025-01-02 03:04:06Z
          How is it?
          \#tSay \u{1B}]0;owned\u{7} and \u{9B}2J

          ── 2 · assistant · 2025-01-02 03:04:06Z · gpt-x · get_weather
            → get_weather
              {
                  "n": 1234567890.123456789,
                  "city": "Lima"
              }
            ← {
                  "ok": true
              }

          ── 3 · assistant · 2025-01-02 03:04:30Z · gpt-x
          Sunny.

          ── files
            map.png (77 bytes, image/png)  a/b.png

          """#)
    }
  }

  @Test func `as JSON the rows come whole and in the same order`() async throws {
    try await withConversation { database in
      let outcome = try await ConvoyProcess.run(
        ["show", "thread-1", "--json", "--target", database.url])
      #expect(outcome.output.contains("1234567890.123456789"))
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let session = try #require(object["session"] as? [String: Any])
      #expect(session["continuation_id"] as? String == "thread-1")
      let messages = try #require(object["messages"] as? [[String: Any]])
      #expect(messages.map { $0["role"] as? String } == ["user", "assistant", "assistant"])
      #expect(
        messages[0]["content"] as? String == "How is it?\r\n\tSay \u{1B}]0;owned\u{7} and \u{9B}2J")
      let files = try #require(object["files"] as? [[String: Any]])
      #expect(files.map { $0["storage_path"] as? String } == ["a/b.png"])
    }
  }

  @Test func `tables with the short column names and without files are shown too`() async throws {
    try await withConversation { database in
      try database.execute(
        """
        DROP TABLE files;
        ALTER TABLE exai_messages RENAME model_used TO model;
        ALTER TABLE exai_messages RENAME cost_usd TO cost;
        ALTER TABLE exai_messages RENAME tokens_in TO tokens;
        ALTER TABLE exai_messages DROP COLUMN tokens_out, DROP COLUMN metadata;
        """)
      let outcome = try await ConvoyProcess.run(["show", "thread-1", "--target", database.url])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("  tokens           10\n"))
      #expect(outcome.output.contains("  models           gpt-x\n"))
      #expect(outcome.output.contains("  cost             0.000123 USD\n"))
      #expect(outcome.output.contains("  files            0\n"))
    }
  }

  @Test(arguments: ["nobody", "00000000-0000-0000-0000-000000000000", "\u{1B}[2J"])
  func `an unknown id is one line and exit status 1`(id: String) async throws {
    try await withConversation { database in
      let outcome = try await ConvoyProcess.run(["show", id, "--target", database.url])
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("convoy show: no conversation has the id "))
      #expect(!outcome.errors.contains("\u{1B}"))
    }
  }

  private func withConversation(_ body: (TestDatabase) async throws -> Void) async throws {
    try await TestDatabase.with { database in
      try database.execute(Self.rows)
      try await body(database)
    }
  }
}
