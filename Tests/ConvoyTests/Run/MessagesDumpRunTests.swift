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

  @Test func `rows in any order and form become sessions that keep their ids`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d/a.sql",
        DumpRows.insert([
          DumpRows.row(
            2, of: 1, "assistant", "it''s", "02", #"'{"model_used": "k2", "x": 1}'::jsonb"#),
          DumpRows.row(3, of: 2, "user", "other", "00"),
          DumpRows.row(1, of: 1, "user", "hi", "01.5"),
        ]))
      try scene.directory.write("d/b.sql", DumpRows.conversations)
      try scene.directory.write(
        "d/c.csv",
        "role,content,id,conversation_id,created_at,odd\nuser,\"bye, now\",\(DumpRows.message(4)),"
          + "\(DumpRows.conversation(1)),2025-10-24T10:00:03Z,y\n")
      let report = try await scene.run("messages-dump", ["d"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found == [:])
      #expect(
        try scene.rows("SELECT id, continuation_id, title FROM exai_sessions ORDER BY id") == [
          [DumpRows.conversation(1), "c-1", "First"], [DumpRows.conversation(2), "c-2", "other"],
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
            "c-1", DumpRows.message(1), "user", "hi", nil, nil, "0", "0",
            #"{"legacy": {"index": 0}}"#,
          ],
          [
            "c-1", DumpRows.message(2), "assistant", "it's", "k2", nil, "0", "0",
            #"{"legacy": {"x": 1, "index": 1}}"#,
          ],
          [
            "c-1", DumpRows.message(4), "user", "bye, now", nil, nil, "0", "0",
            #"{"legacy": {"odd": "y", "index": 2}}"#,
          ],
          [
            "c-2", DumpRows.message(3), "user", "other", nil, nil, "0", "0",
            #"{"legacy": {"index": 0}}"#,
          ],
        ])
      let again = try await scene.run("messages-dump", ["d"]).expect()
      #expect(again.total.messages == .of(unchanged: 4))
      let restarted = try await scene.run("messages-dump", ["d"], options: ["--restart"]).expect()
      #expect(restarted.total.messages == .of(unchanged: 4))
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
        DumpRows.conversations
          + DumpRows.insert([
            DumpRows.row(12, of: 1, "assistant", "same", "02.051", second),
            DumpRows.row(11, of: 1, "assistant", "same", "02", first),
            DumpRows.row(13, of: 1, "assistant", "same", "04.0001"),
            DumpRows.row(14, of: 1, "user", "again", "05"),
            DumpRows.row(15, of: 1, "user", "again", "05.6"),
            DumpRows.row(16, of: 2, "assistant", "same", "02"),
            DumpRows.row(16, of: 2, "assistant", "same", "02"),
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
            "c-1", DumpRows.message(11), "assistant", "same", "glm-4", "kimi", "7", "12",
            #"{"legacy": {"index": 0, "merged": [{"id": "\#(DumpRows.message(12))", "metadata": {"provider_used": "KIMI", "response_time_ms": 12.4}, "created_at": "2025-10-24 10:00:02.051+00"}], "provider": "KIMI"}, "model_metadata": {"model_name": "glm-4", "model_metadata": {"usage": {"prompt_tokens": 7}}}}"#,
          ]
        ])
      #expect(
        try scene.rows("SELECT id FROM exai_messages ORDER BY id")
          == [11, 13, 14, 15, 16].map {
            [DumpRows.message($0)]
          })
    }
  }

  @Test func `messages whose conversation is not in the dump are loaded under its id`() async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        "SET x = 1;\nINSERT INTO users (id) VALUES (1), (2);\n"
          + DumpRows.insert([DumpRows.row(1, of: 7, "user", "a", "01")]))
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 1))
      #expect(
        report.found == [
          "conversation.missing": 1, "table.skipped": 1, "statement.skipped": 1,
        ])
      #expect(
        try scene.rows("SELECT id, continuation_id FROM exai_sessions") == [
          [DumpRows.conversation(7), DumpRows.conversation(7)]
        ])
    }
  }

  @Test func `rows that cannot be loaded are rejected as dumps of their own, and load once mended`()
    async throws
  {
    try await RunScene.with { scene in
      let odd = DumpRows.row(2, of: 1, "robot", "b", "02")
      let dump =
        DumpRows.conversations
        + DumpRows.insert([
          DumpRows.row(1, of: 1, "user", "a", "01"), odd, DumpRows.row(3, of: 1, "user", "c", "03"),
          "('\(DumpRows.message(4))', NULL, 'user', 'd', NULL, NULL)",
          "('\(DumpRows.message(5))', '\(DumpRows.conversation(1))', 'user', 'e', now(), NULL)",
          "('\(DumpRows.message(6))', '\(DumpRows.conversation(1))', 'user')",
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
          [DumpRows.message(1), DumpRows.conversation(1), "user"],
          [DumpRows.message(2), DumpRows.conversation(1), "assistant"],
          [DumpRows.message(3), DumpRows.conversation(1), "user"],
        ])
    }
  }

  @Test func `many parts, small batches and standard input make the same rows`() async throws {
    var rows: [String] = []
    for number in 0..<300 {
      // 7 is prime to 300, so every message comes once, and those of a conversation far apart.
      let message = number * 7 % 300
      rows.append(
        DumpRows.row(
          message, of: message / 30, message % 2 == 0 ? "user" : "assistant",
          "text \(message) " + String(repeating: "y", count: 3000),
          String(format: "%02d", message % 30)))
    }
    let dump = DumpRows.insert(rows)
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
