internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Rows of the legacy table on their way into sessions and messages.
@Suite struct ConversationsTableRunTests {
  private static let sessions = """
    SELECT continuation_id, user_id, title, s.metadata -> 'legacy' ->> 'session_rule', count(m.id)
    FROM exai_sessions s LEFT JOIN exai_messages m ON m.session_id = s.id
    GROUP BY s.id ORDER BY 1
    """

  @Test func `rows become sessions by their ids, else by user and idle gap`() async throws {
    try await RunScene.with { scene in
      try scene.execute(LegacyTable.table + LegacyTable.rows)
      let report = try await LegacyTable.run(scene).expect()
      #expect(report.total.sessions == .of(inserted: 6))
      #expect(report.total.messages == .of(inserted: 9))
      #expect(
        report.found == ["turn.assistant-first": 1, "title.missing": 1, "time.missing": 1])
      let idle = "user_id, idle gap 30m"
      #expect(
        try scene.rows(Self.sessions) == [
          ["7", "eve", "mine", "meta.session_id", "1"],
          [
            "conversations::2025-11-02T00:00:00.25Z", "legacy-import", "nobody", idle, "1",
          ],
          ["conversations:ada:2025-10-31T23:50:00Z", "ada", "hi", idle, "3"],
          [
            "conversations:ada:2025-11-01T00:55:01Z", "ada",
            "Conversation ada:2025-11-01T00:55:01Z", idle, "1",
          ],
          ["conversations:ada:untimed", "ada", "untimed", "user_id, no time", "1"],
          ["t-1", "bob", "first", "meta.continuation_id, meta.thread_id", "2"],
        ])
      #expect(
        try scene.rows(
          """
          SELECT m.role, m.content, m.tokens_in, m.tokens_out, m.cost_usd, m.latency_ms, m.model_used,
            m.provider_used, m.metadata - 'legacy', m.metadata -> 'legacy'
          FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
          WHERE s.continuation_id IN ('conversations:ada:2025-10-31T23:50:00Z', 't-1')
            OR s.user_id = 'legacy-import'
          ORDER BY s.continuation_id, m.created_at
          """) == [
            [
              "user", "nobody", "0", "0", "0.000000", "0", nil, nil, "{}",
              #"{"id": 6, "index": 0, "conversation_id": " "}"#,
            ],
            [
              "user", "hi", "0", "0", "0.000000", "0", nil, nil, "{}", #"{"id": 1, "index": 0}"#,
            ],
            [
              "assistant", "hello", "3", "4", "0.012500", "250", "k2", "kimi", "{}",
              #"{"x": 1, "id": 2, "index": 1, "provider": "KIMI"}"#,
            ],
            [
              "user", "again", "0", "0", "0.000000", "0", nil, nil, "{}",
              #"{"id": 1, "index": 2}"#,
            ],
            [
              "user", "first", "0", "0", "0.000000", "0", nil, nil, "{}",
              #"{"id": 3, "index": 0}"#,
            ],
            [
              "assistant", "second", "0", "0", "0.000000", "0", nil, nil, "{}",
              #"{"id": 4, "index": 1, "session_id": "s-1"}"#,
            ],
          ])
    }
  }

  @Test func `a second run adds nothing, and one of a table that grew adds what is new`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(LegacyTable.table + LegacyTable.rows)
      try await LegacyTable.run(scene).expect()
      let stored = try scene.everything()
      let again = try await LegacyTable.run(scene).expect()
      #expect(again.total.sessions == .of(unchanged: 6))
      #expect(again.total.messages == .of(unchanged: 9))
      #expect(again.batches.alreadyCommitted == again.batches.total)
      try await LegacyTable.run(scene, options: ["--restart"]).expect()
      #expect(try scene.everything() == stored)
      try scene.execute(
        """
        INSERT INTO conversations (id, user_id, created_at, direction, text) VALUES
          (9, 'ada', '2025-11-01 01:05Z', 'user', 'still here'),
          (10, 'ada', '2025-11-03 00:00Z', 'user', 'another day')
        """)
      let grown = try await LegacyTable.run(scene).expect()
      #expect(grown.total.sessions == .of(inserted: 1, updated: 1, unchanged: 5))
      #expect(grown.total.messages == .of(inserted: 2, unchanged: 9))
    }
  }

  @Test func `what a dry run says is what a load does, with and without a target`() async throws {
    try await RunScene.with { scene in
      try scene.execute(LegacyTable.table + LegacyTable.rows)
      let offline = try await LegacyTable.run(scene, options: ["--dry-run", "--offline"]).expect()
      let judged = try await LegacyTable.run(scene, options: ["--dry-run"]).expect()
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "0")
      try scene.directory.write("kept.json", scene.directory.read("report/plan.json"))
      let loaded = try await LegacyTable.run(scene, options: ["--plan", "kept.json"]).expect()
      for report in [offline, judged] {
        #expect(report.total == loaded.total)
        #expect(report.found == loaded.found)
      }
      #expect(loaded.plan?.asPredicted == true)
      #expect(loaded.inputs.map(\.path) == ["conversations"])
      #expect(loaded.inputs.map(\.dialect) == ["conversations-table"])
    }
  }

  @Test func `the gap is the pipeline's, and another zone's times are of its zone`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        """
        CREATE TABLE old (id int, user_id uuid, created_at timestamp, direction varchar(9), text text);
        INSERT INTO old SELECT n, '00000000-0000-4000-8000-000000000001', timestamp '2025-10-05 01:50'
          + n * interval '10 minutes', 'user', 'n' || n FROM generate_series(0, 2) n
        """)
      // Clocks in Melbourne go from 02:00 to 03:00 that day: 02:00 and 02:10 do not exist.
      let report = try await LegacyTable.run(
        scene, yaml: "transform: {timeZone: Australia/Melbourne}",
        source: ", tables: [public.old], idleGap: 5m"
      ).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.found["time.naive"] == 1)
      #expect(report.found["time.zone-change"] == 2)
      #expect(
        try scene.rows("SELECT continuation_id, user_id FROM exai_sessions ORDER BY 1")
          == [
            "2025-10-04T15:50:00Z", "2025-10-04T16:00:00Z", "2025-10-04T16:10:00Z",
          ].map { time in
            let user = "00000000-0000-4000-8000-000000000001"
            return ["conversations:\(user):\(time)", user]
          })
    }
  }

  @Test func `rows that cannot be loaded are kept as they are, and load once they can`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(
        LegacyTable.table + """
          INSERT INTO conversations (id, user_id, created_at, direction, text, cost, meta) VALUES
            (1, 'ada', '2025-10-01 10:00Z', 'Critic', 'odd', 0.5, '{"a": [1, 2]}'),
            (2, 'ada', '2025-10-01 10:01Z', 'USER', 'plain', 0, '{}'),
            (3, 'ada', '2025-10-01 10:02Z', 'assistant', NULL, 0, '{}'),
            (4, 'eve', '2025-10-01 10:03Z', 'Critic', 'alone', 0, '{}'),
            (5, 'eve', '1999-10-01 10:03Z', 'user', 'old', 0, '{}'),
            (6, 'eve', 'infinity', 'user', 'never', 0, '{}')
          """)
      let first = try await LegacyTable.run(scene)
      let report = try first.expect(3)
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 1, rejected: 5))
      #expect(
        report.found == [
          "role.unknown": 2, "content.missing": 1, "time.range": 1, "time.invalid": 1,
          "role.mapped": 1, "title.missing": 2, "value.range": 1,
        ])
      let rejects = try first.rejects.sorted { $0.line < $1.line }
      #expect(rejects.map(\.line) == [1, 3, 4, 5, 6])
      #expect(rejects.map(\.kind) == Array(repeating: "message", count: 5))
      #expect(
        rejects[0].text
          == #"{"id":1,"user_id":"ada","created_at":"2025-10-01T10:00:00+00:00","direction":"Critic","#
          + #""text":"odd","tokens_in":0,"tokens_out":0,"cost":0.5,"latency_ms":0,"meta":{"a": [1, 2]}}"#
      )
      let retried = try await scene.retry(
        "conversations-table", yaml: "transform: {roles: {critic: assistant}, nullText: empty}")
      let second = try retried.expect(3)
      #expect(second.total.messages == .of(inserted: 3, rejected: 2))
      let stored = try scene.everything(isTimeless: true)
      try scene.execute("TRUNCATE exai_sessions CASCADE")
      let whole = try await LegacyTable.run(
        scene, yaml: "transform: {roles: {critic: assistant}, nullText: empty}",
        options: ["--restart"]
      ).expect(3)
      #expect(whole.total.messages == .of(inserted: 4, rejected: 2))
      #expect(try scene.everything(isTimeless: true) == stored)
    }
  }

  @Test func `rows of several users in one session are counted, and say whose they are`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(
        LegacyTable.table + """
          INSERT INTO conversations (id, user_id, created_at, direction, text, meta) VALUES
            (1, 'ada', '2025-10-01 10:00Z', 'user', 'a', '{"thread_id": "t"}'),
            (2, 'bob', '2025-10-01 10:01Z', 'assistant', 'b', '{"thread_id": "t"}'),
            (3, 'ada', '2025-10-01 10:02Z', 'user', 'c', '{"thread_id": "t"}')
          """)
      let report = try await LegacyTable.run(scene).expect()
      #expect(report.found == ["session.users": 1])
      #expect(
        report.findings.first?.samples.first?.message
          == "1 of its rows have another user than the first")
      #expect(try scene.rows("SELECT user_id FROM exai_sessions") == [["ada"]])
      #expect(
        try scene.rows(
          "SELECT metadata -> 'legacy' ->> 'user_id' FROM exai_messages ORDER BY created_at")
          == [[nil], ["bob"], [nil]])
    }
  }

  @Test func `a session of more rows than a batch is one session in the rows' order`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(
        LegacyTable.table + """
          INSERT INTO conversations (id, user_id, created_at, direction, text)
          SELECT n, 'u' || n % 3, timestamptz '2025-10-30 00:00Z' + n * interval '10 seconds',
            CASE (n - 1) / 3 % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, repeat('text ', 300) || n
          FROM generate_series(1, 30000) n ORDER BY hashint4(n)
          """)
      let report = try await LegacyTable.run(
        scene, yaml: "load: {batchRows: 1000, batchBytes: 64KiB}"
      )
      .expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 30_000))
      #expect(report.found == [:])
      #expect(
        try scene.rows(
          """
          SELECT count(*), count(DISTINCT m.id), bool_and(regexp_replace(m.content, '^.* ', '')::int = (m.metadata -> 'legacy' ->> 'id')::int),
            bool_and(m.created_at = timestamptz '2025-10-30 00:00Z'
              + (m.metadata -> 'legacy' ->> 'id')::int * interval '10 seconds')
          FROM exai_messages m
          """) == [["30000", "30000", "t", "t"]])
      let again = try await LegacyTable.run(
        scene, yaml: "load: {batchRows: 1000, batchBytes: 64KiB}", options: ["--restart"]
      ).expect()
      #expect(again.total.messages == .of(unchanged: 30_000))
    }
  }
}
