internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// What `convoy doctor` says of what a pipeline reads.
@Suite struct SourceDoctorTests {
  /// Asks about a pipeline whose section `source` is `source`; `more` are further sections.
  private static func doctor(
    _ scene: RunScene, _ source: String, more: String = ""
  ) async throws -> (status: Int32, checks: [DoctorAnswer.Check]) {
    try scene.directory.write("p.yaml", "source: {\(source)}\n\(more)\n")
    let answer = try await scene.doctor("p.yaml")
    return (answer.status, answer.checks)
  }

  /// Lends a scene and a database to read, with the statements carried out there.
  private static func with(
    _ statements: String, _ body: (RunScene, TestDatabase) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      try await TestDatabase.with(.empty) { source in
        try source.execute(statements)
        try await body(scene, source)
      }
    }
  }

  private static let messages = """
    CREATE TABLE messages (id uuid, conversation_id uuid, role text, content text, created_at timestamptz)
      PARTITION BY HASH (id);
    CREATE TABLE messages_0 PARTITION OF messages FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE messages_1 PARTITION OF messages FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    INSERT INTO messages SELECT gen_random_uuid(), gen_random_uuid(), 'user', 'a', now()
      FROM generate_series(1, 300);
    """

  @Test func `a database that can be read is all ok, its tables with their size and rows`()
    async throws
  {
    try await Self.with(Self.messages) { scene, source in
      let pipeline = "format: messages-dump, database: \"\(source.url)\""
      let fresh = try await Self.doctor(scene, pipeline)
      let uncounted = fresh.checks.map(\.found)
      #expect(
        uncounted.contains {
          $0.hasSuffix(", rows were never counted, can be read whole: messages")
        })
      try source.execute("ANALYZE messages_0; ANALYZE messages_1")
      let (status, checks) = try await Self.doctor(scene, pipeline)
      #expect(status == 0)
      let own = Array(checks.suffix(7))
      try #require(
        own.map(\.name) == [
          "source", "source-pooler", "source-tls", "source-role", "source-server", "source-tables",
          "source-room",
        ])
      #expect(own.allSatisfy { $0.state == "ok" && $0.advice == nil }, "\(own)")
      #expect(own[4].found.hasSuffix(", a primary, only read"))
      #expect(own[5].found.hasPrefix("1 table of "))
      #expect(own[5].found.contains(", about 300 rows, can be read whole: messages"))
    }
  }

  @Test
  func `rows that a policy hides, and tables that may not be read, are refused with what to do`()
    async throws
  {
    try await Self.with(Self.messages) { scene, source in
      let role = "reader_\(source.name)"
      try source.execute("CREATE ROLE \(role) LOGIN")
      let url = source.url.replacing("//postgres@", with: "//\(role)@")
      let pipeline = "format: messages-dump, database: \"\(url)\""
      func tables() async throws -> DoctorAnswer.Check? {
        let (status, checks) = try await Self.doctor(scene, pipeline)
        #expect(status == 1)
        return checks.first { $0.name == "source-tables" && $0.state == "refused" }
      }
      let closed = try await tables()
      #expect(closed?.found.contains("permission denied for table messages") == true)
      #expect(closed?.advice?.contains("SELECT on the tables it reads") == true)
      try source.execute(
        """
        GRANT SELECT ON messages, messages_0, messages_1 TO \(role);
        ALTER TABLE messages ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON messages USING (role = 'user')
        """)
      let hidden = try await tables()
      #expect(
        hidden?.found
          == "row-level security would hide rows of messages from this role; nothing was read")
      #expect(hidden?.advice?.contains("BYPASSRLS") == true)
      try source.execute("ALTER TABLE messages DISABLE ROW LEVEL SECURITY")
      #expect(try await Self.doctor(scene, pipeline).status == 0)
      try source.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test(arguments: [
    (
      "format: messages-dump", "CREATE TABLE messages (id int)",
      "none of the tables conversations, messages, conversation_threads, message_bus is there, but for others of their names"
    ),
    (
      "format: messages-dump, tables: [old.messages]", "SELECT", "there is no table old.messages"
    ),
    (
      "format: conversations-table",
      "CREATE TABLE conversations (id bigint, user_id text, created_at timestamptz)",
      "source: table conversations has no column direction, text"
    ),
  ])
  func `tables that are not there, or are others, are refused`(
    source: String, statements: String, expected: String
  ) async throws {
    try await Self.with(statements) { scene, database in
      let (status, checks) = try await Self.doctor(
        scene, "\(source), database: \"\(database.url)\"")
      #expect(status == 1)
      let refused = checks.filter { $0.state == "refused" }
      #expect(refused.map(\.name) == ["source-tables"])
      #expect(refused.first?.found.hasSuffix(expected) == true, "\(refused)")
      #expect(refused.first?.advice?.isEmpty == false)
    }
  }

  @Test func `a table of a name that is read with other columns is told of, by a run too`()
    async throws
  {
    try await Self.with(
      Self.messages + "CREATE TABLE conversations (id bigint, user_id text, text text)"
    ) { scene, database in
      let source = "format: messages-dump, database: \"\(database.url)\""
      let reason =
        "conversations is passed over: not the columns of conversations as it is loaded, id, continuation_id"
      let (status, checks) = try await Self.doctor(scene, source)
      #expect(status == 0)
      let tables = checks.first { $0.name == "source-tables" }
      #expect(tables?.state == "warning")
      #expect(tables?.found.hasSuffix("can be read whole: messages; \(reason)") == true)
      for options in [["--dry-run"], []] {
        let ended = try await scene.convoy(
          ["run", "p.yaml", "--target", scene.database.url, "--report", "report"] + options)
        let report = try RunOutcome(ended, in: scene.directory).expect()
        #expect(report.total.messages == .of(inserted: 300))
        #expect(
          report.messages["table.skipped"] == [
            "table conversations: not the columns of conversations as it is loaded, id, continuation_id"
          ])
      }
    }
  }

  @Test func `a database that is not reached has status 69, though the target is`() async throws {
    try await RunScene.with { scene in
      let (status, checks) = try await Self.doctor(
        scene, "format: messages-dump, database: 'postgresql://u@127.0.0.1:1/x'")
      #expect(status == 69)
      #expect(checks.filter { $0.state == "refused" }.map(\.name) == ["source"])
      #expect(checks.first { $0.name == "reachable" }?.state == "ok")
    }
  }

  @Test func `files are counted, and those of another format told by their content`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("in/t.jsonl", ManyThreads.text(2))
      try scene.directory.write(
        "in/chat.jsonl", #"{"ts":"2025-10-05T11:00:00Z","role":"user","content":"c"}"# + "\n")
      func checks(_ source: String) async throws -> [String] {
        let (status, checks) = try await Self.doctor(scene, source)
        let isRefused = checks.contains { $0.state == "refused" }
        #expect(status == (isRefused ? 1 : 0))
        return checks.filter { ["inputs", "formats", "room"].contains($0.name) }
          .map { "\($0.state) \($0.name) \($0.found)" }
      }
      let known = try await checks("format: threads, inputs: [in/t.jsonl]")
      #expect(known.count == 2)
      #expect(known.first?.hasPrefix("ok inputs 1 input of ") == true)
      #expect(known.last == "ok formats 1 threads")
      #expect(
        try await checks("format: threads, inputs: [in]").last
          == "warning formats 2 threads; 1 file of another by the content: in/chat.jsonl: chat-history"
      )
      try scene.directory.write("in/readme.md", "# in")
      #expect(
        try await checks("format: auto, inputs: [in]").last
          == "note formats 1 threads, 1 chat-history; 1 file left alone")
      #expect(
        try await checks("format: threads, inputs: [gone]")
          == ["refused inputs gone: cannot stat: No such file or directory"])
      #expect(
        try await checks("format: auto, inputs: [in/readme.md]")
          == ["refused inputs in/readme.md: not a conversation: not JSON"])
      #expect(
        try await checks("format: messages-dump, inputs: [in]").first
          == "refused inputs in: no file there is of the pipeline's format")
      #expect(try await checks("format: threads") == ["note inputs the pipeline names none"])
      try scene.directory.write("d/d.sql", "COPY messages (id) FROM stdin;\n\\.\n")
      let dump = try await checks("format: messages-dump, inputs: [d]")
      #expect(dump.count == 3)
      #expect(dump.last?.hasPrefix("ok room ") == true, "\(dump)")
    }
  }

  @Test func `roots and manifests that are not there are refused`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      func check(_ files: String) async throws -> (Int32, String?) {
        try scene.directory.write(
          "f.yaml", "files: {\(files)}\nstore: {kind: directory, directory: objects}\n")
        let answer = try await scene.doctor("f.yaml")
        return (
          answer.status,
          answer.checks.first { $0.name == "inputs" }.map { "\($0.state) \($0.found)" }
        )
      }
      #expect(try await check("roots: [up]") == (0, "ok up can be read"))
      #expect(
        try await check("roots: [up, gone], manifest: m.csv")
          == (1, "refused gone is not there; m.csv is not there"))
    }
  }
}
