internal import Pipeline
internal import TestSupport
internal import Testing

/// What becomes of rows the target has, under each policy.
@Suite struct ConflictTests {
  /// Two turns; `model` is of the second, whose id is the same whatever it is.
  private static func thread(
    title: String, updated: String, model: String? = nil, tokens: Int? = nil, note: String = ""
  ) -> String {
    let extra =
      (model.map { #","model_name":"\#($0)""# } ?? "")
      + (tokens.map { #","model_metadata":{"usage":{"prompt_tokens":\#($0)}}"# } ?? "")
      + (note.isEmpty ? "" : #","note":"\#(note)""#)
    return
      #"{"thread_id":"a","title":"\#(title)","created_at":"2025-10-16T01:00:00Z","#
      + #""last_updated_at":"\#(updated)","turns":["#
      + #"{"role":"user","content":"q","timestamp":"2025-10-16T01:00:01Z"},"#
      + #"{"role":"assistant","content":"an answer","timestamp":"2025-10-16T01:00:02Z"\#(extra)}]}"#
      + "\n"
  }

  private static let noon = "2025-10-16T12:00:00Z"
  private static let evening = "2025-10-16T20:00:00Z"

  private static func policy(_ sessions: String, _ messages: String) -> [String] {
    [
      "--set", "load.conflict.sessions=\(sessions)", "--set", "load.conflict.messages=\(messages)",
    ]
  }

  private static let state = """
    SELECT s.title, to_char(s.updated_at AT TIME ZONE 'UTC', 'HH24:MI'), m.model_used, m.tokens_in,
      m.metadata #>> '{legacy,note}'
    FROM exai_sessions s JOIN exai_messages m ON m.session_id = s.id WHERE m.role = 'assistant'
    """

  /// The trigger of the plan, which puts the present into whatever is updated.
  private static let trigger = """
    CREATE TRIGGER touch BEFORE UPDATE ON exai_sessions
    FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column()
    """

  @Test(arguments: [
    (
      policy: "skip", title: "First", model: "one", tokens: "7", sessions: Counts.of(updated: 1),
      messages: Counts.of(unchanged: 2)
    ),
    (
      policy: "update", title: "Second", model: "two", tokens: "7", sessions: .of(updated: 1),
      messages: .of(updated: 1, unchanged: 1)
    ),
  ])
  func `a later export leaves rows, or replaces what it knows better`(
    policy: String, title: String, model: String, tokens: String, sessions: Counts, messages: Counts
  ) async throws {
    for hasTrigger in [false, true] {
      try await RunScene.with { scene in
        if hasTrigger { try scene.execute(Self.trigger) }
        try scene.directory.write(
          "a.jsonl", Self.thread(title: "First", updated: Self.noon, model: "one", tokens: 7))
        try scene.directory.write(
          "b.jsonl", Self.thread(title: "Second", updated: Self.evening, model: "two", note: "new"))
        try await scene.run("threads", ["a.jsonl"]).expect()
        let options = Self.policy(policy, policy)
        let dry = try await scene.run("threads", ["b.jsonl"], options: options + ["--dry-run"])
          .expect()
        let report = try await scene.run("threads", ["b.jsonl"], options: options).expect()
        #expect(report.total.sessions == sessions)
        #expect(report.total.messages == messages)
        #expect(dry.total == report.total)
        let note = policy == "update" ? "new" : nil
        #expect(try scene.rows(Self.state) == [[title, "20:00", model, tokens, note]])
        let again = try await scene.run("threads", ["b.jsonl"], options: options + ["--restart"])
          .expect()
        #expect(again.total.sessions == .of(unchanged: 1))
        #expect(again.total.messages == .of(unchanged: 2))
        // An earlier state that comes late changes nothing.
        let late = try await scene.run("threads", ["a.jsonl"], options: options + ["--restart"])
          .expect()
        #expect(late.total.sessions == .of(unchanged: 1))
        #expect(late.total.messages == .of(unchanged: 2))
        #expect(try scene.rows(Self.state) == [[title, "20:00", model, tokens, note]])
      }
    }
  }

  @Test func `a role that only owns the table keeps the times of its rows as well`() async throws {
    try await RunScene.with { scene in
      try scene.execute(Self.trigger)
      let role = "owner_\(scene.database.name)"
      try scene.execute(
        """
        CREATE ROLE \(role) LOGIN; ALTER DATABASE \(scene.database.name) OWNER TO \(role);
        ALTER TABLE exai_sessions OWNER TO \(role); ALTER TABLE exai_messages OWNER TO \(role)
        """)
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      let many = (0..<400).map { number in
        Self.thread(title: "T", updated: Self.noon)
          .replacing(#""thread_id":"a""#, with: #""thread_id":"a\#(number)""#)
      }
      try scene.directory.write("a.jsonl", many.joined())
      try scene.directory.write(
        "b.jsonl", many.joined().replacing(Self.noon, with: Self.evening))
      let options = ["--target", url, "--workers", "4", "--set", "load.batchRows=60"]
      try await scene.run("threads", ["a.jsonl"], options: options).expect()
      let report = try await scene.run("threads", ["b.jsonl"], options: options).expect()
      #expect(report.total.sessions == .of(updated: 400))
      #expect(
        try scene.rows("SELECT DISTINCT updated_at = '\(Self.evening)' FROM exai_sessions") == [
          ["t"]
        ])
      #expect(
        try scene.value("SELECT tgenabled FROM pg_trigger WHERE tgname = 'touch'") == "O")
      try scene.execute("REASSIGN OWNED BY \(role) TO postgres; DROP ROLE \(role)")
    }
  }

  @Test(arguments: [false, true])
  func `of copies in one input the later state wins, whichever comes first`(isReversed: Bool)
    async throws
  {
    try await RunScene.with { scene in
      let copies = [
        Self.thread(title: "Old", updated: Self.noon, model: "one", tokens: 3),
        Self.thread(title: "New", updated: Self.evening, model: "two"),
      ]
      try scene.directory.write("t.jsonl", (isReversed ? copies.reversed() : copies).joined())
      let report = try await scene.run(
        "threads", ["t.jsonl"], options: Self.policy("update", "update")
      ).expect()
      #expect(report.total.sessions == .of(inserted: 1, merged: 1))
      #expect(report.total.messages == .of(inserted: 2, merged: 2))
      let row = try #require(try scene.rows(Self.state).first)
      #expect(row[0...2] == ["New", "20:00", "two"])
    }
  }

  @Test(arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0]], [false, true])
  func `what only one state of a session knows stays, whichever comes first`(
    order: [Int], isOneInput: Bool
  ) async throws {
    try await RunScene.with { scene in
      let states = (0..<3).map { number in
        Self.thread(title: "T\(number)", updated: "2025-10-16T1\(number):00:00Z")
          .replacing(#""title""#, with: #""only\#(number)":1,"both":\#(number),"title""#)
      }
      let texts = order.map { states[$0] }
      for (number, text) in (isOneInput ? [texts.joined()] : texts).enumerated() {
        try scene.directory.write("t\(number).jsonl", text)
        try await scene.run(
          "threads", ["t\(number).jsonl"], options: Self.policy("update", "update")
        ).expect()
      }
      #expect(
        try scene.rows(
          """
          SELECT title, metadata #>> '{legacy,both}', metadata -> 'legacy' ?& '{only0,only1,only2}'
          FROM exai_sessions
          """) == [["T2", "2", "t"]])
    }
  }

  @Test func `of two states of the same time the longer content stays`() async throws {
    try await RunScene.with { scene in
      // The id is of the text as found; a mark is longer than the character that replaces it.
      let thread = Self.thread(title: "T", updated: Self.noon)
        .replacing("an answer", with: #"an \u0000 answer"#)
      try scene.directory.write("t.jsonl", thread)
      try await scene.run("threads", ["t.jsonl"]).expect()
      let content = "SELECT content FROM exai_messages WHERE role = 'assistant'"
      #expect(try scene.value(content) == "an \u{FFFD} answer")
      let marking = ["--set", "transform.text=mark"] + Self.policy("skip", "update")
      let longer = try await scene.run("threads", ["t.jsonl"], options: marking).expect()
      #expect(longer.total.messages == .of(updated: 1, unchanged: 1))
      #expect(try scene.value(content) == #"an \u0000 answer"#)
      let shorter = try await scene.run(
        "threads", ["t.jsonl"], options: Self.policy("skip", "update")
      ).expect()
      #expect(shorter.total.messages == .of(unchanged: 2))
      #expect(try scene.value(content) == #"an \u0000 answer"#)
    }
  }

  @Test(arguments: ["sessions", "messages"], [false, true])
  func `fail ends the run at a row that is there, and keeps nothing of its batch`(
    table: String, isInInput: Bool
  ) async throws {
    try await RunScene.with { scene in
      let known = Self.thread(title: "T", updated: Self.noon)
      let other = known.replacing(#""thread_id":"a""#, with: #""thread_id":"b""#)
      try scene.directory.write("a.jsonl", known)
      try scene.directory.write("b.jsonl", other + known + (isInInput ? known : ""))
      if !isInInput { try await scene.run("threads", ["a.jsonl"]).expect() }
      let before = try scene.checksum()
      let options = ["--set", "load.conflict.\(table)=fail"]
      for mode in [["--dry-run"], []] {
        let run = try await scene.run("threads", ["b.jsonl"], options: options + mode)
        #expect(run.status == 1)
        #expect(
          run.errors.contains("b.jsonl:\(isInInput ? 3 : 2): the target has \(table.dropLast()) "),
          "\(run.errors)")
        #expect(run.errors.contains("hint: load.conflict.\(table) is fail"))
        #expect(try scene.checksum() == before)
      }
    }
  }

  @Test func `fail takes the batches of one growing session for what they are`() async throws {
    try await RunScene.with { scene in
      let lines = (0..<900).map {
        #"{"ts":"2025-10-16T01:\#(10 + $0 / 60):\#(10 + $0 % 50)Z","role":"user","content":"m\#($0)"}"#
      }
      try scene.directory.write("in/one.jsonl", lines.joined(separator: "\n"))
      let options = Self.policy("fail", "fail") + ["--set", "load.batchRows=100"]
      let report = try await scene.run("chat-history", ["in"], options: options).expect()
      #expect(report.total.messages == .of(inserted: 900))
      #expect(report.batches.total > 5)
    }
  }
}
