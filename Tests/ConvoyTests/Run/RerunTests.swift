internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RerunTests {
  private static func thread(_ id: String, minutes: Range<Int>) -> String {
    let turns = minutes.map { minute in
      let time = "2025-10-16T01:\(minute < 10 ? "0" : "")\(minute):00Z"
      return #"{"role":"user","content":"\#(id) \#(minute)","timestamp":"\#(time)"}"#
    }
    let created = "2025-10-16T01:00:00Z"
    return
      #"{"thread_id":"\#(id)","created_at":"\#(created)","turns":[\#(turns.joined(separator: ","))]}"#
      + "\n"
  }

  @Test func `a second run says unchanged and touches nothing`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.thread("a", minutes: 0..<3))
      try await scene.run("threads", ["t.jsonl"]).expect()
      let before = try scene.checksum()
      let versions = "SELECT sum(xmin::text::bigint) FROM exai_messages"
      let version = try scene.value(versions)
      let again = try await scene.run("threads", ["t.jsonl"])
      let report = try again.expect()
      #expect(again.output.hasPrefix("unchanged: everything is in the target already\n"))
      #expect(report.total.sessions == .of(unchanged: 1))
      #expect(report.total.messages == .of(unchanged: 3))
      #expect(report.batches.alreadyCommitted == 1)
      #expect(report.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == before)
      #expect(try scene.value(versions) == version)
    }
  }

  @Test func `inputs that overlap meet in one session, which widens`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("a.jsonl", Self.thread("a", minutes: 0..<3))
      try scene.directory.write(
        "b.jsonl", Self.thread("a", minutes: 0..<5) + Self.thread("b", minutes: 0..<1))
      try await scene.run("threads", ["a.jsonl"]).expect()
      let report = try await scene.run("threads", ["b.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 1, updated: 1))
      #expect(report.total.messages == .of(inserted: 3, unchanged: 3))
      #expect(report.batches.merged == 1)
      let sessions = try scene.rows(
        "SELECT continuation_id, to_char(created_at, 'MI'), to_char(updated_at, 'MI') FROM exai_sessions ORDER BY 1"
      )
      #expect(sessions == [["a", "00", "04"], ["b", "00", "00"]])
      // The narrower one comes again under another name: nothing shrinks.
      try scene.directory.write("c.jsonl", "\n" + Self.thread("a", minutes: 0..<2))
      let third = try await scene.run("threads", ["c.jsonl"]).expect()
      #expect(third.total.sessions == .of(unchanged: 1))
      #expect(third.total.messages == .of(unchanged: 2))
    }
  }

  @Test func `a session's title and owner stay as they were first stored`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("a.jsonl", Self.thread("a", minutes: 0..<2))
      try await scene.run("threads", ["a.jsonl"]).expect()
      _ = try scene.rows("UPDATE exai_sessions SET title = 'By hand', user_id = 'someone'")
      try scene.directory.write("b.jsonl", Self.thread("a", minutes: 0..<3))
      try await scene.run("threads", ["b.jsonl"]).expect()
      #expect(
        try scene.rows("SELECT title, user_id FROM exai_sessions") == [["By hand", "someone"]])
    }
  }

  @Test(arguments: [false, true])
  func `a dry run counts what the load will, writes nothing and leaves no trace`(isHalfLoaded: Bool)
    async throws
  {
    try await RunScene.with { scene in
      let yaml = "transform: {since: 2025-10-16T01:01:00Z}"
      try scene.directory.write("half.jsonl", Self.thread("a", minutes: 0..<3))
      try scene.directory.write(
        "t.jsonl",
        Self.thread("a", minutes: 0..<6) + "{broken\n" + Self.thread("b", minutes: 0..<2)
          + Self.thread("b", minutes: 0..<3)
          + #"{"thread_id":"c","turns":[{"role":"alien","content":"x"},{"role":"user","content":"y"}]}"#
      )
      if isHalfLoaded { try await scene.run("threads", ["half.jsonl"], yaml: yaml).expect() }
      let writes = """
        SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables
        WHERE schemaname <> 'pg_temp' ORDER BY 1, 2
        """
      _ = try scene.rows("SELECT pg_stat_force_next_flush()")
      let before = try scene.rows(writes)
      let rows = try scene.checksum()
      let trying = try await scene.run("threads", ["t.jsonl"], yaml: yaml, options: ["--dry-run"])
      let dry = try trying.expect(3)
      let dryRejects = try trying.rejects.map(\.bytes)
      #expect(dry.mode == "dry-run")
      #expect(dry.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.rows(writes) == before)
      #expect(try scene.checksum() == rows)
      let loading = try await scene.run("threads", ["t.jsonl"], yaml: yaml)
      let load = try loading.expect(3)
      #expect(dry.total == load.total)
      #expect(dry.inputs.map(\.tally) == load.inputs.map(\.tally))
      #expect(dry.found == load.found)
      #expect(try loading.rejects.map(\.bytes) == dryRejects)
      #expect(
        load.total.sessions
          == .of(
            inserted: isHalfLoaded ? 2 : 3, updated: isHalfLoaded ? 1 : 0, merged: 1, rejected: 1))
      #expect(
        load.total.messages
          == .of(
            inserted: isHalfLoaded ? 6 : 8, unchanged: isHalfLoaded ? 2 : 0, merged: 1, filtered: 3,
            rejected: 1))
    }
  }

  @Test func `a dry run makes no schema and draws from no sequence`() async throws {
    try await RunScene.with { scene in
      _ = try scene.rows("ALTER TABLE exai_messages ADD number bigserial")
      try scene.directory.write("t.jsonl", Self.thread("a", minutes: 0..<2))
      try await scene.run("threads", ["t.jsonl"], options: ["--dry-run"]).expect()
      #expect(try scene.value("SELECT to_regnamespace('convoy')") == nil)
      #expect(try scene.value("SELECT is_called FROM exai_messages_number_seq") == "f")
    }
  }

  @Test func `restart loads committed batches again and puts back what is missing`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl", Self.thread("a", minutes: 0..<3) + Self.thread("b", minutes: 0..<2))
      try await scene.run("threads", ["t.jsonl"]).expect()
      let whole = try scene.checksum()
      _ = try scene.rows("DELETE FROM exai_sessions WHERE continuation_id = 'a'")
      let report = try await scene.run("threads", ["t.jsonl"], options: ["--restart"]).expect()
      #expect(report.total.sessions == .of(inserted: 1, unchanged: 1))
      #expect(report.total.messages == .of(inserted: 3, unchanged: 2))
      #expect(try scene.checksum() == whole)
    }
  }

  @Test(arguments: [false, true])
  func `rows of a conversation the target has under another id join it`(isDryRunFirst: Bool)
    async throws
  {
    try await RunScene.with { scene in
      _ = try scene.rows(
        """
        INSERT INTO exai_sessions (id, user_id, continuation_id, created_at, updated_at)
        VALUES ('11111111-1111-4111-8111-111111111111', 'app', 'a', '2025-10-16 01:01Z', '2025-10-16 01:01Z')
        """)
      try scene.directory.write(
        "t.jsonl", Self.thread("a", minutes: 0..<3) + Self.thread("b", minutes: 0..<1))
      var dry: WrittenReport?
      if isDryRunFirst {
        dry = try await scene.run("threads", ["t.jsonl"], options: ["--dry-run"]).expect()
      }
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 1, updated: 1))
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found["session.joined"] == 1)
      if let dry {
        #expect(dry.total == report.total)
        #expect(dry.found == report.found)
      }
      #expect(
        try scene.rows(
          """
          SELECT id, user_id, title, to_char(created_at, 'MI'), to_char(updated_at, 'MI'),
            (SELECT count(*) FROM exai_messages WHERE session_id = s.id)
          FROM exai_sessions s WHERE continuation_id = 'a'
          """)
          == [["11111111-1111-4111-8111-111111111111", "app", "a 0", "00", "02", "3"]])
      let again = try await scene.run("threads", ["t.jsonl"], options: ["--restart"]).expect()
      #expect(again.total.sessions == .of(unchanged: 2))
      #expect(again.total.messages == .of(unchanged: 4))
    }
  }

  @Test func `what several workers load is what one does`() async throws {
    let text = (0..<400).map { Self.thread("thread \($0)", minutes: 0..<5) }.joined()
    let small = ["--set", "load.batchBytes=64KiB", "--set", "load.batchRows=50"]
    var sums: [[[String?]]] = []
    for workers in ["1", "4"] {
      try await RunScene.with { scene in
        try scene.directory.write("t.jsonl", text)
        let report = try await scene.run(
          "threads", ["t.jsonl"], options: small + ["--workers", workers]
        ).expect()
        #expect(report.total.sessions == .of(inserted: 400))
        #expect(report.total.messages == .of(inserted: 2000))
        sums.append(try scene.checksum())
      }
    }
    #expect(sums.first == sums.last)
  }

  @Test func `runs of one input at the same time double nothing`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl", (0..<300).map { Self.thread("thread \($0)", minutes: 0..<5) }.joined())
      try scene.directory.write("p.yaml", "source: {format: threads, inputs: [t.jsonl]}")
      let outcomes = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
        for number in 0..<3 {
          group.addTask {
            let ended = try await scene.convoy([
              "run", "p.yaml", "--target", scene.database.url, "--report", "r\(number)",
              "--set", "load.batchBytes=64KiB", "--set", "load.batchRows=100", "--workers", "2",
            ])
            return RunOutcome(ended, in: scene.directory, reportName: "r\(number)")
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      // Whoever comes while another run works is turned away; who comes after it finds all there.
      #expect(outcomes.contains { $0.status == 0 })
      #expect(outcomes.allSatisfy { [0, 75].contains($0.status) })
      let totals = try outcomes.filter { $0.status == 0 }.map { try $0.expect().total }
      #expect(totals.map(\.sessions.inserted).reduce(0, +) == 300)
      #expect(totals.map(\.messages.inserted).reduce(0, +) == 1500)
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "1500")
    }
  }
}
