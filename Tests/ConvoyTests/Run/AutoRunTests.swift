internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct AutoRunTests {
  private static let thread =
    #"{"thread_id":"t-1","created_at":"2025-10-05T10:00:00Z","turns":[{"role":"user","content":"a","timestamp":"2025-10-05T10:00:00Z"},{"role":"assistant","content":"b","timestamp":"2025-10-05T10:00:01Z"}]}"#
  private static let lines = """
    {"ts":"2025-10-05T11:00:00Z","role":"user","content":"c"}
    {"ts":"2025-10-05T11:00:01Z","role":"assistant","content":"d"}
    {"ts":"2025-10-05T11:00:02Z","role":"user","content":"e"}

    """
  private static let chat =
    #"{"messages":[{"role":"user","content":"f"},{"role":"critic","content":"g"}]}"#

  private static func write(_ directory: TemporaryDirectory) throws {
    try directory.write("tree/a/t.json", thread)
    try directory.write("tree/b/kettle.jsonl", lines)
    try directory.write("tree/c.backup", chat)
    try directory.write("tree/notes.md", "# notes")
    try directory.write("tree/metrics.jsonl", #"{"event":"file_cache","t":1.5}"# + "\n")
  }

  @Test func `several dialects of one tree load in one run, and other files are left alone`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.write(scene.directory)
      let run = try await scene.run("auto", ["tree"])
      let report = try run.expect(3)
      #expect(run.errors.contains("2 files are left alone; convoy plan pipeline.yaml says which"))
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 6, rejected: 1))
      #expect(report.found == ["role.unknown": 1, "time.missing": 1])
      #expect(report.inputs.map(\.dialect) == ["threads", "chat-history", "openai-chat"])
      #expect(report.inputs.map(\.tally.messages.read) == [2, 3, 2])
      #expect(
        try scene.rows(
          "SELECT metadata #>> '{legacy,source}', metadata #>> '{legacy,file}' FROM exai_sessions ORDER BY 1"
        )
          == [
            ["chat-history", "b/kettle.jsonl"], ["openai-chat", "c.backup"],
            ["threads", "a/t.json"],
          ])
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--set", "transform.roles={critic: assistant}", "--report", "again",
      ])
      #expect(retried.status == 0, "\(retried.errors)")
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "7")
      let again = try await scene.run(
        "auto", ["tree"], yaml: "transform: {roles: {critic: assistant}}"
      ).expect()
      #expect(again.total.sessions == .of(unchanged: 3))
      #expect(again.total.messages == .of(unchanged: 7))
    }
  }

  @Test(arguments: [
    ("d.sql", "SET client_encoding = 'EUC_JP';\nINSERT INTO messages (id) VALUES (1);\n", "EUC"),
    ("d.sql", "SET standard_conforming_strings = off;\nSELECT 1;\n", "standard_conforming_strings"),
    ("d.backup", "PGDMP\u{1}\u{E}", "pg_restore"),
  ])
  func `a dump that is not read is an error, not a file left alone`(
    name: String, text: String, reason: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("tree/t.json", Self.thread)
      try scene.directory.write("tree/\(name)", text)
      let run = try await scene.run("auto", ["tree"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      let problem = report.messages["input.unreadable"]?.first
      #expect(problem?.hasPrefix("tree/\(name): ") == true)
      #expect(problem?.contains(reason) == true)
      let named = try await scene.run("auto", ["tree/\(name)"])
      #expect(named.status == 74)
      #expect(named.errors.contains(reason))
    }
  }

  @Test func `a run of which nothing could be loaded says what the file is by its content`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.thread + "\n")
      for options in [["--dry-run", "--offline"], ["--target", scene.database.url]] {
        try scene.directory.write("p.yaml", "source: {format: auggie, inputs: [t.jsonl]}")
        let ended = try await scene.convoy(["run", "p.yaml", "--report", "report"] + options)
        try RunOutcome(ended, in: scene.directory).expect(3)
        #expect(
          ended.errors.contains("formats: 1 file of another by the content: t.jsonl: threads"))
      }
      // A file of the pipeline's format that is damaged is none of another.
      try scene.directory.write("t.jsonl", #"{"key":"auggie:session:a","value":"{"}"# + "\n")
      let damaged = try await scene.convoy(["run", "p.yaml", "--dry-run", "--offline"])
      #expect(damaged.status == 3)
      #expect(!damaged.errors.contains("formats:"))
    }
  }

  private static let clocks = """
    SELECT s.metadata #>> '{legacy,source}', (m.created_at AT TIME ZONE 'UTC')::text,
      m.metadata #>> '{legacy,raw_ts}', m.metadata #>> '{legacy,time_zone}'
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id ORDER BY 1, 2
    """

  @Test func `times without a zone are read in the zone of each store, and rows say which`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "tree/notes.json",
        #"[{"timestamp":"2025-10-05T02:30:00","category":"c","content":"g"},{"timestamp":"2025-11-15T20:57:50.5","category":"c","content":"n"}]"#
      )
      try scene.directory.write(
        "tree/t.json",
        #"{"thread_id":"t","turns":[{"role":"user","content":"a","timestamp":"2025-10-05T02:30:00"}]}"#
      )
      try scene.directory.write(
        "tree/cache/glm_conv_1.json",
        #"{"conversation_id":"glm_conv_1","provider":"glm","created_at":"2025-10-05T02:29:00Z","messages":[{"role":"user","content":"q","timestamp":"2025-10-05T02:30:00.25"}]}"#
      )
      try scene.directory.write("plan.yaml", "source: {format: auto, inputs: [tree]}")
      let plan = try await scene.convoy(["plan", "plan.yaml", "--target", scene.database.url])
      #expect(
        plan.output.contains(
          "times without a zone threads: UTC, conversation-tracker: UTC, agent-memory: Australia/Melbourne\n"
        ), "\(plan.output)")
      let report = try await scene.run("auto", ["tree"]).expect()
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found == ["time.naive": 3, "time.zone-change": 1])
      let told = report.findings.flatMap { $0.samples.map(\.message) }
      #expect(
        told.sorted() == [
          "a time that Australia/Melbourne skipped when clocks went forward; it is moved by as much",
          "a time without a zone, read in Australia/Melbourne",
          "a time without a zone, read in UTC", "a time without a zone, read in UTC",
        ])
      #expect(
        try scene.rows(Self.clocks) == [
          ["agent-memory", "2025-10-04 16:30:00", "2025-10-05T02:30:00", "Australia/Melbourne"],
          [
            "agent-memory", "2025-11-15 09:57:50.5", "2025-11-15T20:57:50.5", "Australia/Melbourne",
          ],
          ["conversation-tracker", "2025-10-05 02:30:00.25", "2025-10-05T02:30:00.25", "UTC"],
          ["threads", "2025-10-05 02:30:00", "2025-10-05T02:30:00", "UTC"],
        ])
    }
  }

  @Test(arguments: [
    ("Asia/Tokyo", ["2025-11-15 11:00:00", "2025-11-15 11:00:00"]),
    ("{agent-memory: Asia/Tokyo}", ["2025-11-15 11:00:00", "2025-11-15 20:00:00"]),
    ("{threads: Europe/Berlin}", ["2025-11-15 09:00:00", "2025-11-15 19:00:00"]),
  ])
  func `a pipeline has one zone for all stores, or its own for some`(
    zone: String, expected: [String]
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "tree/notes.json",
        #"[{"timestamp":"2025-11-15T20:00:00","category":"c","content":"n"}]"#)
      try scene.directory.write(
        "tree/t.json",
        #"{"thread_id":"t","turns":[{"role":"user","content":"a","timestamp":"2025-11-15T20:00:00"}]}"#
      )
      try await scene.run("auto", ["tree"], yaml: "transform: {timeZone: \(zone)}").expect()
      #expect(try scene.rows(Self.clocks).map { $0[1] } == expected)
    }
  }

  @Test func `its rows are those that each dialect's own pipeline makes`() async throws {
    let rows =
      "SELECT id, session_id, role, content FROM exai_messages ORDER BY id"
    var loaded: [[[String?]]] = []
    for isAuto in [true, false] {
      try await RunScene.with { scene in
        try Self.write(scene.directory)
        if isAuto {
          _ = try await scene.run("auto", ["tree"]).expect(3)
        } else {
          _ = try await scene.run("threads", ["tree/a"]).expect()
          _ = try await scene.run("chat-history", ["tree/b"]).expect()
          _ = try await scene.run("openai-chat", ["tree/c.backup"]).expect(3)
        }
        loaded.append(try scene.rows(rows))
      }
    }
    #expect(loaded[0] == loaded[1])
    #expect(loaded[0].count == 6)
  }

  @Test func `the plan names each file's dialect, and why the others are left alone`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      try Self.write(directory)
      try directory.write("auto.yaml", "source: {format: auto, inputs: [tree]}")
      let plan = try await ConvoyProcess.run(
        ["plan", "auto.yaml", "--target", "postgresql://localhost/x"], directory: directory.path)
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("tree/a/t.json  threads  "))
      #expect(plan.output.contains("tree/b/kettle.jsonl  chat-history  "))
      #expect(plan.output.contains("tree/metrics.jsonl: not a conversation: a log of metrics\n"))
      #expect(plan.output.contains("tree/notes.md: not a conversation: not JSON\n"))
    }
  }

  @Test func `nothing in a file's name moves the cursor, in plans or in failures`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("tree/a\u{1B}[31m.md", "# notes")
      try directory.write("auto.yaml", "source: {format: auto, inputs: [tree]}")
      let (target, shown) = (
        "postgresql://localhost/x", #"tree/a\u{1b}[31m.md: not a conversation"#
      )
      try Self.write(directory)
      let plan = try await ConvoyProcess.run(
        ["plan", "auto.yaml", "--target", target], directory: directory.path)
      #expect(plan.output.contains(shown), "\(plan.output)")
      #expect(!plan.output.contains("\u{1B}"))
      let refused = try await ConvoyProcess.run(
        ["plan", "auto.yaml", "--input", "tree/a\u{1B}[31m.md", "--target", target],
        directory: directory.path)
      #expect(refused.status == 74)
      #expect(refused.errors.contains(shown), "\(refused.errors)")
      #expect(!refused.errors.contains("\u{1B}"))
    }
  }

  @Test(arguments: [
    ("tree/notes.md", 74, "tree/notes.md: not a conversation: not JSON"),
    ("tree/*.md", 74, "tree/*.md: no file there is a conversation"),
    ("-", 78, "what standard input is cannot be told before it is read"),
  ])
  func `what cannot be told, or is no conversation, is refused by name`(
    input: String, status: Int32, message: String
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try Self.write(directory)
      try directory.write("auto.yaml", "source: {format: auto}")
      let plan = try await ConvoyProcess.run(
        ["plan", "auto.yaml", "--input", input, "--target", "postgresql://localhost/x"],
        directory: directory.path)
      #expect(plan.status == status)
      #expect(plan.errors.contains(message), "\(plan.errors)")
    }
  }
}
