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

          ── 2 · assistant · 2025-01-02 03:04:06Z · gpt-x
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

  private static let kinds: [(columns: String, values: String, expected: String)] = [
    (
      "tool_name, tool_args, tool_result",
      #"'shell', '{"input": "ls -l"}', '{"output": "a\nb \u001b[31m"}'"#,
      #"""
      assistant · 2025-01-02 03:04:06Z
        → shell
          ls -l
        ← a
          b \u{1B}[31m

      """#
    ),
    (
      "tool_name, tool_args, tool_result",
      #"""
      'search', '{"input": "[1.50, {}]"}', '{"output": "{\"b\": \"x, \\\"y\\\": {\", \"a\": [1, []]}"}'
      """#,
      #"""
      assistant · 2025-01-02 03:04:06Z
        → search
          [
              1.50,
              {}
          ]
        ← {
              "b": "x, \"y\": {",
              "a": [
                  1,
                  []
              ]
          }

      """#
    ),
    (
      "tool_name, tool_args, tool_result",
      #"'half', '{"input": "x", "n": 1}', '{"output": "{broken"}'"#,
      #"""
      assistant · 2025-01-02 03:04:06Z
        → half
          {
              "n": 1,
              "input": "x"
          }
        ← {broken

      """#
    ),
    (
      "tool_name", "'now'",
      """
      assistant · 2025-01-02 03:04:06Z
        → now

      """
    ),
    (
      "metadata", #"'{"refusal": "I cannot\u0007."}'"#,
      #"""
      assistant · 2025-01-02 03:04:06Z
      refusal: I cannot\u{7}.

      """#
    ),
    (
      "metadata", #"'{"thinking": ["Let me see.\nOne", "Two"]}'"#,
      """
      assistant · 2025-01-02 03:04:06Z
      thinking: Let me see. (19 characters)

      """
    ),
    (
      "tool_result, metadata", #"'{"output": "42"}', '{"legacy": {"role": "tool"}}'"#,
      """
      system (tool) · 2025-01-02 03:04:06Z
        ← 42

      """
    ),
    (
      "tool_name, tool_result, metadata",
      #"'sum', '{"output": "42"}', '{"legacy": {"role": "function"}}'"#,
      """
      system (function) · 2025-01-02 03:04:06Z
        ← sum
          42

      """
    ),
  ]

  @Test(arguments: kinds.indices) func `a message that is not plain text is shown as what it is`(
    index: Int
  ) async throws {
    let kind = Self.kinds[index]
    try await TestDatabase.with { database in
      // A result without its call is stored with the role system.
      let role = kind.expected.hasPrefix("system") ? "system" : "assistant"
      try database.execute(
        """
        INSERT INTO exai_sessions (id, user_id) VALUES ('\(Self.session)', 'ada');
        INSERT INTO exai_messages (session_id, created_at, role, content, \(kind.columns))
        VALUES ('\(Self.session)', '2025-01-02 03:04:06Z', '\(role)', '', \(kind.values));
        """)
      let outcome = try await ConvoyProcess.run(["show", Self.session, "--target", database.url])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.components(separatedBy: "── 1 · ").last == kind.expected)
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
