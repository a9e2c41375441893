internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct MessagesDumpRunTests {
  private static let stored = """
    SELECT s.continuation_id, m.id, m.role, m.content, m.model_used, m.provider_used, m.tokens_in,
      m.latency_ms, m.metadata
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
    ORDER BY s.continuation_id, m.created_at
    """

  /// The id of something, told by one digit.
  private static func id(_ kind: Int, _ number: Int) -> String {
    String(format: "00000000-0000-4000-800%d-%012d", kind, number)
  }

  private static func conversation(_ number: Int) -> String { id(1, number) }

  private static func message(_ number: Int) -> String { id(2, number) }

  private static func insert(
    _ rows: [String], columns: String = "id, conversation_id, role, content, created_at, metadata"
  ) -> String {
    "INSERT INTO public.messages (\(columns)) VALUES \(rows.joined(separator: ",\n"));\n"
  }

  private static func row(
    _ number: Int, of conversation: Int, _ role: String, _ content: String, _ time: String,
    _ metadata: String = "NULL"
  ) -> String {
    "('\(message(number))', '\(Self.conversation(conversation))', '\(role)', '\(content)', "
      + "'2025-10-24 10:00:\(time)+00', \(metadata))"
  }

  private static let conversations = """
    COPY public.conversations (id, continuation_id, title, metadata, created_at, updated_at) FROM stdin;
    \(conversation(1))	c-1	First	{"tool_name": "chat"}	2025-10-24 09:00:00+00	2025-10-24 11:00:00+00
    \(conversation(2))	c-2	\\N	{}	2025-10-24 09:30:00+00	\\N
    \\.

    """

  @Test func `rows in any order and form become sessions that keep their ids`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d/a.sql",
        Self.insert([
          Self.row(2, of: 1, "assistant", "it''s", "02", #"'{"model_used": "k2", "x": 1}'::jsonb"#),
          Self.row(3, of: 2, "user", "other", "00"), Self.row(1, of: 1, "user", "hi", "01.5"),
        ]))
      try scene.directory.write("d/b.sql", Self.conversations)
      try scene.directory.write(
        "d/c.csv",
        "role,content,id,conversation_id,created_at,odd\nuser,\"bye, now\",\(Self.message(4)),"
          + "\(Self.conversation(1)),2025-10-24T10:00:03Z,y\n")
      let report = try await scene.run("messages-dump", ["d"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found == [:])
      #expect(
        try scene.rows("SELECT id, continuation_id, title FROM exai_sessions ORDER BY id") == [
          [Self.conversation(1), "c-1", "First"], [Self.conversation(2), "c-2", "other"],
        ])
      #expect(
        try scene.rows(
          "SELECT created_at AT TIME ZONE 'UTC', updated_at AT TIME ZONE 'UTC' FROM exai_sessions ORDER BY id"
        ) == [
          ["2025-10-24 09:00:00", "2025-10-24 11:00:00"],
          ["2025-10-24 09:30:00", "2025-10-24 10:00:00"],
        ])
      #expect(
        try scene.rows(Self.stored) == [
          [
            "c-1", Self.message(1), "user", "hi", nil, nil, "0", "0", #"{"legacy": {"index": 0}}"#,
          ],
          [
            "c-1", Self.message(2), "assistant", "it's", "k2", nil, "0", "0",
            #"{"legacy": {"x": 1, "index": 1}}"#,
          ],
          [
            "c-1", Self.message(4), "user", "bye, now", nil, nil, "0", "0",
            #"{"legacy": {"odd": "y", "index": 2}}"#,
          ],
          [
            "c-2", Self.message(3), "user", "other", nil, nil, "0", "0",
            #"{"legacy": {"index": 0}}"#,
          ],
        ])
      let again = try await scene.run("messages-dump", ["d"]).expect()
      #expect(again.total.messages == .of(unchanged: 4))
      let restarted = try await scene.run("messages-dump", ["d"], options: ["--restart"]).expect()
      #expect(restarted.total.messages == .of(unchanged: 4))
    }
  }

  @Test func `of two rows of one id that differ the later is told of`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("d/a.sql", Self.conversations)
      try scene.directory.write(
        "d/b.sql",
        Self.insert([
          Self.row(1, of: 1, "user", "first", "01"), Self.row(1, of: 1, "user", "edited", "02"),
          Self.row(2, of: 1, "assistant", "same", "03"),
          Self.row(2, of: 1, "assistant", "same", "03"),
        ]))
      let report = try await scene.run("messages-dump", ["d"]).expect()
      #expect(report.total.messages == .of(inserted: 2, merged: 2))
      #expect(report.found["id.repeated"] == 1)
      #expect(report.found["content.merged"] == 1)
      let sample = report.findings.first { $0.id == "id.repeated" }?.samples.first
      #expect(sample?.line == 2)
      #expect(sample?.field == "messages[1].id")
      #expect(
        try scene.rows("SELECT content FROM exai_messages ORDER BY id") == [["first"], ["same"]])
    }
  }

  @Test func `what is told of a conversation is told once, however long it is`() async throws {
    try await RunScene.with { scene in
      let text = String(repeating: "word ", count: 6_000)
      try scene.directory.write(
        "d.sql",
        Self.insert(
          (10..<40).map {
            Self.row($0, of: 1, $0 % 2 == 0 ? "user" : "assistant", text + "\($0)", "\($0)")
          }))
      let report = try await scene.run(
        "messages-dump", ["d.sql"], yaml: "load: {batchBytes: 64KiB}"
      ).expect()
      #expect(report.total.messages == .of(inserted: 30))
      #expect(report.found == ["conversation.missing": 1])
    }
  }

  @Test func `what is told of a message names its row, not its conversation's`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("d/a.sql", Self.conversations)
      try scene.directory.write(
        "d/b.sql",
        "-- two lines\n-- before\n"
          + Self.insert([
            Self.row(1, of: 1, "user", "hi", "01", #"'{"tool_name": "string"}'"#),
            Self.row(2, of: 1, "tool", "yo", "02"),
          ]))
      let report = try await scene.run("messages-dump", ["d"]).expect()
      for (rule, line) in [("value.placeholder", 3), ("role.mapped", 4)] {
        let sample = report.findings.first { $0.id == rule }?.samples.first
        #expect(sample?.input?.hasSuffix("d/b.sql") == true, "\(rule)")
        #expect(sample?.line == line, "\(rule)")
      }
    }
  }

  @Test func `an answer two writers stored is one row, and what a user sends twice stays twice`()
    async throws
  {
    try await RunScene.with { scene in
      let first =
        #"'{"model_metadata": {"model_name": "glm-4", "model_metadata": {"usage": {"prompt_tokens": 7}}}}'"#
      let second = #"'{"provider_used": "KIMI", "response_time_ms": 12.4}'"#
      try scene.directory.write(
        "d.sql",
        Self.conversations
          + Self.insert([
            Self.row(12, of: 1, "assistant", "same", "02.051", second),
            Self.row(11, of: 1, "assistant", "same", "02", first),
            Self.row(13, of: 1, "assistant", "same", "04.0001"),
            Self.row(14, of: 1, "user", "again", "05"),
            Self.row(15, of: 1, "user", "again", "05.6"),
            Self.row(16, of: 2, "assistant", "same", "02"),
            Self.row(16, of: 2, "assistant", "same", "02"),
          ]))
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 5, merged: 2))
      #expect(
        report.found == [
          "content.merged": 2, "turn.assistant-first": 2, "turn.user-twice": 1, "title.missing": 1,
        ])
      #expect(
        try scene.rows(Self.stored + " LIMIT 1") == [
          [
            "c-1", Self.message(11), "assistant", "same", "glm-4", "kimi", "7", "12",
            #"{"legacy": {"index": 0, "merged": [{"id": "\#(Self.message(12))", "metadata": {"provider_used": "KIMI", "response_time_ms": 12.4}, "created_at": "2025-10-24 10:00:02.051+00"}], "provider": "KIMI"}, "model_metadata": {"model_name": "glm-4", "model_metadata": {"usage": {"prompt_tokens": 7}}}}"#,
          ]
        ])
      #expect(
        try scene.rows("SELECT id FROM exai_messages ORDER BY id")
          == [11, 13, 14, 15, 16].map {
            [Self.message($0)]
          })
    }
  }

  @Test func `doubled backslashes, defaults and metadata that is no JSON are told of each`()
    async throws
  {
    let standard =
      #"'{"version": "1.0", "schema": "message", "fields": {"model_used": "string"}}'"#
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        Self.conversations
          + Self.insert([
            Self.row(1, of: 1, "user", "a\\nb", "01", #"'{"note": "says \\"x\\"\\nonce"}'"#),
            Self.row(2, of: 1, "assistant", "b", "02", standard),
            Self.row(3, of: 1, "user", "c", "03", #"'{"tool_name": "string", "y": 2}'"#),
            Self.row(4, of: 1, "assistant", "d", "04", "'{broken'"),
          ]))
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.messages == .of(inserted: 4))
      #expect(
        report.found == [
          "json.backslashes": 1, "value.placeholder": 2, "value.range": 1, "session.empty": 1,
        ])
      #expect(
        try scene.rows("SELECT content, tool_name, metadata FROM exai_messages ORDER BY id") == [
          ["a\\nb", nil, #"{"legacy": {"note": "says \"x\"\nonce", "index": 0}}"#],
          ["b", nil, #"{"legacy": {"index": 1}}"#],
          ["c", nil, #"{"legacy": {"y": 2, "index": 2}}"#],
          ["d", nil, #"{"legacy": {"index": 3, "metadata": "{broken"}}"#],
        ])
    }
  }

  @Test func `messages whose conversation is not in the dump are loaded under its id`() async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        "SET x = 1;\nINSERT INTO users (id) VALUES (1), (2);\n"
          + Self.insert([Self.row(1, of: 7, "user", "a", "01")]))
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 1))
      #expect(
        report.found == [
          "conversation.missing": 1, "table.skipped": 1, "statement.skipped": 1,
        ])
      #expect(
        try scene.rows("SELECT id, continuation_id FROM exai_sessions") == [
          [Self.conversation(7), Self.conversation(7)]
        ])
    }
  }

  @Test func `rows that cannot be loaded are rejected as dumps of their own, and load once mended`()
    async throws
  {
    try await RunScene.with { scene in
      let odd = Self.row(2, of: 1, "robot", "b", "02")
      let dump =
        Self.conversations
        + Self.insert([
          Self.row(1, of: 1, "user", "a", "01"), odd, Self.row(3, of: 1, "user", "c", "03"),
          "('\(Self.message(4))', NULL, 'user', 'd', NULL, NULL)",
          "('\(Self.message(5))', '\(Self.conversation(1))', 'user', 'e', now(), NULL)",
          "('\(Self.message(6))', '\(Self.conversation(1))', 'user')",
        ]) + "INSERT INTO messages (id, conv"
      try scene.directory.write("d.sql", dump)
      let run = try await scene.run("messages-dump", ["d.sql"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 2, rejected: 2))
      #expect(report.total.messages == .of(inserted: 2, rejected: 4))
      #expect(report.found["role.unknown"] == 1)
      #expect(report.found["record.shape"] == 3)
      #expect(report.found["input.unreadable"] == 1)
      let rejects = try run.rejects
      #expect(rejects.count == 4)
      let head =
        "INSERT INTO public.messages (id, conversation_id, role, content, created_at, metadata) VALUES"
      let reject = try #require(rejects.first { $0.rule == "role.unknown" })
      #expect(reject.text == "\(head) \(odd);\n")
      #expect(reject.file == "d.sql")
      let start = try #require(dump.range(of: odd)).lowerBound
      #expect(reject.byteOffset == dump.utf8.distance(from: dump.startIndex, to: start))
      #expect(reject.line == 6)
      #expect(
        rejects.compactMap(\.text).filter { $0.hasPrefix(head) && $0.hasSuffix(";\n") }.count == 4)
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--set", "transform.roles.robot=assistant", "--report", "again",
      ])
      #expect(retried.status == 3, "\(retried.errors)")
      #expect(
        try scene.rows("SELECT id, session_id, role FROM exai_messages ORDER BY id") == [
          [Self.message(1), Self.conversation(1), "user"],
          [Self.message(2), Self.conversation(1), "assistant"],
          [Self.message(3), Self.conversation(1), "user"],
        ])
    }
  }

  @Test func `many parts, small batches and standard input make the same rows`() async throws {
    var rows: [String] = []
    for number in 0..<300 {
      // 7 is prime to 300, so every message comes once, and those of a conversation far apart.
      let message = number * 7 % 300
      rows.append(
        Self.row(
          message, of: message / 30, message % 2 == 0 ? "user" : "assistant",
          "text \(message) " + String(repeating: "y", count: 3000),
          String(format: "%02d", message % 30)))
    }
    let dump = Self.insert(rows)
    var loaded: [[[String?]]] = []
    for (input, workers) in [("d.sql", 3), ("-", 1)] {
      try await RunScene.with { scene in
        try scene.directory.write("d.sql", dump)
        let report = try await scene.run(
          "messages-dump", [input], yaml: "load: {batchBytes: 256KiB, workers: \(workers)}",
          standardInput: input == "-" ? dump : ""
        ).expect()
        #expect(report.total.sessions == .of(inserted: 10))
        #expect(report.total.messages == .of(inserted: 300))
        #expect(report.batches.total > 2)
        #expect(report.inputs.map(\.bytes) == [dump.utf8.count])
        loaded.append(
          try scene.rows(
            """
            SELECT session_id, id, created_at, metadata -> 'legacy' ->> 'index', md5(content)
            FROM exai_messages ORDER BY id
            """))
        let left = try FileManager.default.contentsOfDirectory(
          atPath: scene.directory.path + "/report")
        #expect(left.filter { $0.hasPrefix(".convoy") } == [])
      }
    }
    #expect(loaded[0].count == 300)
    #expect(loaded[0] == loaded[1])
  }
}
