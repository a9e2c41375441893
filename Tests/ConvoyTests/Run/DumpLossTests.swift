internal import Pipeline
internal import TestSupport
internal import Testing

/// Rows of dumps that would be lost without anybody noticing.
@Suite struct DumpLossTests {
  private static func id(_ number: Int) -> String {
    "00000000-0000-4000-8000-00000000000\(number)"
  }

  private static func insert(_ table: String = "messages", _ rows: String...) -> String {
    "INSERT INTO \(table) (id, conversation_id, role, content, created_at) VALUES\n"
      + rows.joined(separator: ",\n") + ";\n"
  }

  private static func row(
    _ number: Int, of conversation: Int, _ content: String, _ role: String = "user",
    at second: Int = 1
  ) -> String {
    "('\(id(number))', '\(id(conversation))', '\(role)', '\(content)', "
      + "'2025-10-24 10:00:0\(second)+00')"
  }

  @Test func `a table whose name differs in capitals alone is told of and ends with status 3`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d/a.sql", Self.insert(#"public."Messages""#, Self.row(1, of: 5, "a")))
      for format in ["messages-dump", "auto"] {
        let run = try await scene.run(format, ["d"])
        let report = try run.expect(3)
        #expect(report.total.messages == .of())
        #expect(report.found["table.case"] == 1, "\(format)")
        #expect(run.output.contains("1 table not read"), "\(run.output)")
        let sample = report.findings.first { $0.id == "table.case" }?.samples.first
        #expect(sample?.message.hasPrefix("table public.Messages, 1 rows: ") == true)
      }
      // Beside the table itself it is another one.
      try scene.directory.write("d/b.sql", Self.insert("messages", Self.row(2, of: 5, "b")))
      let both = try await scene.run("messages-dump", ["d"], options: ["--restart"]).expect()
      #expect(both.total.messages == .of(inserted: 1))
      #expect(both.found["table.case"] == nil)
      #expect(both.found["table.skipped"] == 1)
    }
  }

  @Test func `rows that a query brings end with status 3`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        Self.insert("messages", Self.row(1, of: 5, "a"))
          + "WITH old AS (SELECT * FROM archive) INSERT INTO messages SELECT * FROM old;\n")
      let report = try await scene.run("messages-dump", ["d.sql"]).expect(3)
      #expect(report.total.messages == .of(inserted: 1))
      #expect(report.found["statement.unread"] == 1)
      #expect(report.found["statement.skipped"] == nil)
    }
  }

  @Test func `messages of two conversations with one id are both loaded and told of`() async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        Self.insert(
          "messages", Self.row(1, of: 5, "first"), Self.row(2, of: 5, "own", at: 2),
          Self.row(1, of: 6, "second"), Self.row(1, of: 7, "third"),
          Self.row(1, of: 5, "first")))
      try scene.directory.write("p.yaml", "source: {format: messages-dump}\n")
      let dry = RunOutcome(
        try await scene.convoy(
          ["run", "p.yaml", "--dry-run", "--offline", "--report", "report", "--input", "d.sql"]),
        in: scene.directory)
      let foretold = try dry.expect()
      #expect(foretold.total.messages == .of(inserted: 4, merged: 1))
      #expect(foretold.found["id.repeated"] == 2)
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 4, merged: 1))
      #expect(report.found["id.repeated"] == 2)
      let stored = """
        SELECT session_id, content, id = '\(Self.id(1))', metadata #>> '{legacy,id}'
        FROM exai_messages ORDER BY session_id, created_at
        """
      let expected: [[String?]] = [
        [Self.id(5), "first", "t", nil], [Self.id(5), "own", "f", nil],
        [Self.id(6), "second", "f", Self.id(1)], [Self.id(7), "third", "f", Self.id(1)],
      ]
      #expect(try scene.rows(stored) == expected)
      let again = try await scene.run("messages-dump", ["d.sql"], options: ["--restart"]).expect()
      #expect(again.total.messages == .of(unchanged: 4, merged: 1))
      #expect(again.found["id.repeated"] == 2)
      #expect(try scene.rows(stored) == expected)
    }
  }

  @Test func `a message rejected with an id another conversation keeps is loaded beside it`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        Self.insert(
          "messages", Self.row(1, of: 5, "first"), Self.row(1, of: 6, "second", "robot"),
          Self.row(2, of: 6, "third", at: 2)))
      _ = try await scene.run("messages-dump", ["d.sql"]).expect(3)
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--set", "transform.roles.robot=assistant", "--report", "again",
      ])
      #expect(retried.status == 0, "\(retried.errors)")
      #expect(
        try scene.rows(
          "SELECT session_id, role, content FROM exai_messages ORDER BY session_id, created_at")
          == [
            [Self.id(5), "user", "first"], [Self.id(6), "assistant", "second"],
            [Self.id(6), "user", "third"],
          ])
    }
  }

  @Test func `rows of one conversation that differ are one session and told of`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        """
        INSERT INTO conversations (id, continuation_id, title, updated_at) VALUES
        ('\(Self.id(5))', 'c-1', 'one', '2025-10-24 10:00:00+00'),
        ('\(Self.id(5))', 'c-2', 'other', '2025-10-24 09:00:00+00'),
        ('\(Self.id(6))', 'c-3', 'same', NULL), ('\(Self.id(6))', 'c-3', 'same', NULL);
        """)
      let report = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 2, merged: 2))
      #expect(report.found["id.repeated"] == 1)
      #expect(
        try scene.rows(
          """
          SELECT continuation_id, title, metadata #>> '{legacy,merged,0,continuation_id}'
          FROM exai_sessions ORDER BY id
          """) == [["c-1", "one", "c-2"], ["c-3", "same", nil]])
    }
  }

  @Test
  func `messages stand in the order of the times they get, whatever zone they were written in`()
    async throws
  {
    // Clocks in Melbourne went from 2 to 3 at 16:00 UTC.
    let times = [
      ("2025-10-05 01:59:00", "15:59:00"), ("2025-10-04 16:00:30+00", "16:00:30"),
      ("2025-10-05T03:02:00", "16:02:00"), ("2025-10-05 03:03:00+11", "16:03:00"),
      ("2025-10-05 02:30:00", "16:30:00"),
    ]
    let rows = [4, 2, 0, 3, 1].map {
      "('\(Self.id($0))', '\(Self.id(7))', 'user', '\($0)', '\(times[$0].0)')"
    }
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        "INSERT INTO messages (id, conversation_id, role, content, created_at) VALUES "
          + rows.joined(separator: ", ") + ";\n")
      let report = try await scene.run(
        "messages-dump", ["d.sql"], yaml: "transform: {timeZone: Australia/Melbourne}"
      ).expect()
      #expect(report.found["time.backward"] == nil)
      #expect(
        try scene.rows(
          """
          SELECT content, to_char(created_at AT TIME ZONE 'UTC', 'HH24:MI:SS')
          FROM exai_messages ORDER BY (metadata #>> '{legacy,index}')::int
          """) == times.enumerated().map { ["\($0)", $1.1] })
    }
  }

  @Test
  func `a message whose id the target has in another session is rejected, not taken for that`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "a.sql",
        Self.insert("messages", Self.row(1, of: 5, "first"), Self.row(2, of: 5, "same", at: 2)))
      try scene.directory.write(
        "b.sql",
        Self.insert(
          "messages", Self.row(1, of: 6, "other"), Self.row(2, of: 6, "same", at: 2),
          Self.row(3, of: 6, "new", at: 3)))
      _ = try await scene.run("messages-dump", ["a.sql"]).expect()
      let dry = try await scene.run("messages-dump", ["b.sql"], options: ["--dry-run"]).expect(3)
      for policy in ["skip", "update"] {
        let run = try await scene.run(
          "messages-dump", ["b.sql"], yaml: "load: {conflict: {messages: \(policy)}}",
          options: ["--restart"])
        let report = try run.expect(3)
        #expect(report.found["row.refused"] == 1)
        #expect(try run.rejects.map(\.message).first?.contains(Self.id(1)) == true)
        #expect(try run.rejects.first?.text?.contains("other") == true)
        guard policy == "skip" else { continue }
        #expect(report.total.messages == .of(inserted: 1, unchanged: 1, rejected: 1))
        #expect(report.total == dry.total)
      }
      #expect(
        try scene.rows("SELECT session_id, content FROM exai_messages ORDER BY id") == [
          [Self.id(5), "first"], [Self.id(5), "same"], [Self.id(6), "new"],
        ])
    }
  }
}
