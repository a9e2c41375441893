internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct TransformRunTests {
  private static let thread = #"""
    {"thread_id":"t","title":"Stored","created_at":"2025-10-16T01:00:00Z","extra":1,"turns":[
     {"role":"assistant","content":"zero","timestamp":"2025-10-16T01:00:00Z"},
     {"role":"user","content":"The first thing a user says","timestamp":"2025-10-16T02:00:00Z","x":2},
     {"role":"user","content":"two","timestamp":"2025-10-16T03:00:00Z"}]}
    """#

  private static let titles: [(transform: String, title: String?, kept: String?)] = [
    ("", "Stored", nil), ("{title: stored}", "Stored", nil),
    ("{title: first-user-message}", "The first thing a user says", "Stored"),
    ("{title: first-user-message, titleLength: 9}", "The first...", "Stored"),
    ("{title: none}", nil, "Stored"),
  ]

  @Test(arguments: titles)
  func `titles come by rule, and one that is passed over is kept`(
    transform: String, title: String?, kept: String?
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      try await scene.run("threads", ["t.json"], yaml: "transform: \(transform)").expect()
      #expect(
        try scene.rows("SELECT title, metadata#>>'{legacy,title}' FROM exai_sessions")
          == [[title, kept]])
      #expect(
        try scene.rows(
          "SELECT DISTINCT metadata->'legacy'->'x' FROM exai_messages WHERE content LIKE 'The%'")
          == [["2"]])
    }
  }

  @Test func `the owner and fixed metadata are the pipeline's`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      try await scene.run(
        "threads", ["t.json"],
        yaml: "transform: {userId: 'üser 1', metadata: {add: {by: \"co\\\"nvoy\", run: '7'}}}"
      ).expect()
      #expect(
        try scene.rows("SELECT user_id, metadata->>'by', metadata->>'run' FROM exai_sessions")
          == [["üser 1", "co\"nvoy", "7"]])
    }
  }

  @Test func `what goes to metadata can be turned off and is counted`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      let report = try await scene.run(
        "threads", ["t.json"], yaml: "transform: {metadata: {unmapped: drop, provenance: drop}}"
      ).expect()
      #expect(report.found["field.dropped"] == 2)
      #expect(try scene.value("SELECT metadata FROM exai_sessions") == "{}")
      #expect(try scene.rows("SELECT DISTINCT metadata FROM exai_messages") == [["{}"]])
    }
  }

  @Test func `naive times are read in the pipeline's zone, gap and overlap included`() async throws
  {
    let times = [
      ("2025-01-10T12:00:00", "2025-01-10 01:00:00"),
      ("2025-07-10 12:00:00.5", "2025-07-10 02:00:00.5"),
      ("2025-10-05T02:30:00", "2025-10-04 16:30:00"),
      ("2025-04-06T02:30:00", "2025-04-05 15:30:00"),
      ("2025-01-10T12:00:00Z", "2025-01-10 12:00:00"),
      ("2025-01-10T12:00:00+0530", "2025-01-10 06:30:00"),
    ]
    let turns = times.map { #"{"role":"user","content":"\#($0.0)","timestamp":"\#($0.0)"}"# }
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.json", #"{"thread_id":"z","turns":[\#(turns.joined(separator: ","))]}"#)
      let report = try await scene.run(
        "threads", ["t.json"], yaml: "transform: {timeZone: Australia/Melbourne}"
      ).expect()
      #expect(report.found["time.naive"] == 2)
      #expect(report.found["time.zone-change"] == 2)
      #expect(
        try scene.rows(
          """
          SELECT content, created_at AT TIME ZONE 'UTC', metadata->'legacy'->>'raw_ts'
          FROM exai_messages ORDER BY (metadata->'legacy'->'index')::int
          """)
          == times.enumerated().map { (index: Int, time: (String, String)) -> [String?] in
            [time.0, time.1, index < 4 ? time.0 : nil]
          })
    }
  }

  @Test func `a message without a time stands beside those that have one`() async throws {
    let times = [
      #","timestamp":"""#, "", #","timestamp":"2025-10-16T05:25:50Z""#, #","timestamp":null"#,
      #","timestamp":"""#, #","timestamp":"2025-10-16T05:25:51Z""#, "",
    ]
    let turns = times.enumerated().map {
      #"{"role":"\#($0 % 2 == 0 ? "user" : "assistant")","content":"\#($0)"\#($1)}"#
    }
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.json", #"{"thread_id":"z","turns":[\#(turns.joined(separator: ","))]}"#)
      let report = try await scene.run("threads", ["t.json"]).expect()
      #expect(report.found == ["time.missing": 5])
      let stored = """
        SELECT content, created_at AT TIME ZONE 'UTC' FROM exai_messages ORDER BY created_at
        """
      let expected = [
        ["0", "2025-10-16 05:25:49.999998"], ["1", "2025-10-16 05:25:49.999999"],
        ["2", "2025-10-16 05:25:50"], ["3", "2025-10-16 05:25:50.000001"],
        ["4", "2025-10-16 05:25:50.000002"], ["5", "2025-10-16 05:25:51"],
        ["6", "2025-10-16 05:25:51.000001"],
      ]
      #expect(try scene.rows(stored) == expected)
      #expect(
        try scene.rows("SELECT created_at, updated_at FROM exai_sessions")
          == scene.rows(
            "SELECT '2025-10-16 05:25:50Z'::timestamptz, '2025-10-16 05:25:51Z'::timestamptz"))
      let again = try await scene.run("threads", ["t.json"], options: ["--restart"]).expect()
      #expect(again.total.messages == .of(unchanged: 7))
      #expect(try scene.rows(stored) == expected)
    }
  }

  @Test func `messages outside since and until are filtered, and so is a session all of them`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      let yaml = "transform: {since: 2025-10-16T02:00:00Z, until: 2025-10-16T03:00:00Z}"
      let report = try await scene.run("threads", ["t.json"], yaml: yaml).expect()
      #expect(report.total.messages == .of(inserted: 1, filtered: 2))
      #expect(
        try scene.rows("SELECT content FROM exai_messages") == [["The first thing a user says"]])
      let later = try await scene.run(
        "threads", ["t.json"], yaml: "transform: {since: 2025-11-01}"
      ).expect()
      #expect(later.total.sessions == .of(filtered: 1))
      #expect(later.total.messages == .of(filtered: 3))
    }
  }

  @Test func `version 8 ids begin with the record's time and the server computes the same`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      try await scene.run("threads", ["t.json"]).expect()
      #expect(
        try scene.value(
          "SELECT id = convoy.row_id(created_at, 'session', 'threads', continuation_id) FROM exai_sessions"
        )
          == "t")
      #expect(
        try scene.rows(
          """
          SELECT DISTINCT m.id = convoy.row_id(m.created_at, 'message', 'threads', continuation_id,
            m.metadata->'legacy'->>'index', '0', role, content)
          FROM exai_messages m JOIN exai_sessions s ON s.id = session_id
          """) == [["t"]])
      #expect(
        try scene.rows("SELECT substr(id::text, 15, 1) FROM exai_messages ORDER BY id")
          == [["8"], ["8"], ["8"]])
    }
  }

  @Test func `version 5 ids are there for those who ask`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.json", Self.thread)
      try await scene.run("threads", ["t.json"], yaml: "transform: {ids: v5}").expect()
      #expect(
        try scene.rows("SELECT DISTINCT substr(id::text, 15, 1) FROM exai_messages") == [["5"]])
    }
  }
}
