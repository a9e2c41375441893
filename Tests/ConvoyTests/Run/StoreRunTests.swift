internal import Pipeline
internal import TestSupport
internal import Testing

/// Stores that are a document each: Auggie's, the conversation tracker's and agents' memory.
@Suite struct StoreRunTests {
  private static let stored = """
    SELECT s.continuation_id, m.role, m.content, m.tool_name, m.model_used, m.provider_used, m.metadata
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
    ORDER BY s.continuation_id, m.created_at
    """

  @Test func `every session of an id that Auggie's store has more than once is kept`()
    async throws
  {
    let store = { (more: String) in
      """
      {"null": {"session_id": null, "history": [], "_ts": 1758300000, "last_model": "m-0"},
       "null": {"session_id": null, "_ts": 1758300060, "meta": {}, "history": [
         {"tool": "t", "model": "m-1", "prompt": "a", "thinking_mode": "low", "content": "b"}]},
       "auggie:session:x": {"session_id": "other", "history": [{"prompt": "c", "cost": 1}\(more)]},
       "x": {"history": [{"content": "d"}, 5]}, "y": {"meta": {"k": 1}}}
      """
    }
    try await RunScene.with { scene in
      try scene.directory.write("store.json", store(""))
      let run = try await scene.run("auggie", ["store.json"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 4, rejected: 1))
      #expect(report.total.messages == .of(inserted: 4, rejected: 1))
      #expect(
        report.found == [
          "json.duplicate-key": 1, "record.shape": 2, "session.empty": 1, "time.missing": 4,
          "title.missing": 1, "turn.assistant-first": 1,
        ])
      #expect(try run.rejects.map(\.text) == ["5", #"{"meta": {"k": 1}}"#])
      #expect(try run.rejects.map(\.line) == [5, 5])
      #expect(
        try scene.rows(
          "SELECT continuation_id, (updated_at AT TIME ZONE 'UTC')::text, metadata - 'legacy' FROM exai_sessions ORDER BY 1"
        ).dropLast(2) == [
          ["auggie:null:1", "2025-09-19 16:40:00", #"{"last_model": "m-0"}"#],
          ["auggie:null:2", "2025-09-19 16:41:00", "{}"],
        ])
      #expect(
        try scene.rows(Self.stored) == [
          ["auggie:null:2", "user", "a", "t", nil, nil, #"{"legacy": {"index": 0}}"#],
          [
            "auggie:null:2", "assistant", "b", "t", "m-1", nil,
            #"{"legacy": {"index": 1}, "thinking_mode": "low"}"#,
          ],
          ["auggie:x", "user", "c", nil, nil, nil, #"{"legacy": {"cost": 1, "index": 0}}"#],
          ["auggie:x:2", "assistant", "d", nil, nil, nil, #"{"legacy": {"index": 1}}"#],
        ])
      // A store that has grown adds what is new.
      try scene.directory.write("store.json", store(#", {"prompt": "e", "content": "f"}"#))
      let again = try await scene.run("auggie", ["store.json"]).expect(3)
      #expect(again.total.messages == .of(inserted: 2, unchanged: 4, rejected: 1))
    }
  }

  @Test func `a store of more sessions than a batch has rows makes the same rows`() async throws {
    let sessions = (0..<20).map { number in
      let entries = (0..<3).map { #"{"prompt":"p\#(number) \#($0)","content":"c\#($0)"}"# }
      let id = number % 3 == 0 ? "null" : "s\(number)"
      return #""\#(id)": {"_ts": 1758300000, "history": [\#(entries.joined(separator: ","))]}"#
    }
    var loaded: [[[String?]]] = []
    for rows in [2, 20_000] {
      try await RunScene.with { scene in
        try scene.directory.write("store.json", "{\(sessions.joined(separator: ",\n"))}")
        let report = try await scene.run(
          "auggie", ["store.json"], yaml: "load: {batchRows: \(rows)}"
        ).expect()
        #expect(report.total.sessions == .of(inserted: 20))
        #expect(report.total.messages == .of(inserted: 120))
        #expect(report.batches.committed == (rows == 2 ? 20 : 1))
        loaded.append(
          try scene.rows(
            """
            SELECT m.id, s.continuation_id, s.title, m.role, m.content FROM exai_messages m
            JOIN exai_sessions s ON s.id = m.session_id ORDER BY m.id
            """))
        let again = try await scene.run(
          "auggie", ["store.json"], yaml: "load: {batchRows: \(rows)}", options: ["--restart"]
        ).expect()
        #expect(again.total.messages == .of(unchanged: 120))
      }
    }
    #expect(loaded[0] == loaded[1])
  }

  @Test func `what the tracker's cache says of a conversation is kept, with messages or without`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "cache/kimi/a.json",
        #"{"conversation_id":"kimi_conv_0123456789abcdef","provider":"kimi","created_at":"2025-10-05T13:43:35.925398Z","expires_at":"2025-10-05T16:43:35.925398Z","messages":[],"metadata":{"k":"v"}}"#
      )
      try scene.directory.write(
        "cache/glm/b.json",
        """
        {"conversation_id": "glm_conv_1", "provider": "GLM", "created_at": "2025-10-05T14:00:00Z",
         "messages": [{"role": "user", "content": "q", "timestamp": "2025-10-05T14:00:01Z", "seen": true},
           {"role": "assistant", "content": "a", "model": "glm-4.6",
            "usage": {"prompt_tokens": 5, "completion_tokens": 7}}]}
        """)
      try scene.directory.write("cache/c.json", #"{"conversation_id":" ","messages":[]}"#)
      let run = try await scene.run("conversation-tracker", ["cache"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 2, rejected: 1))
      #expect(report.total.messages == .of(inserted: 2))
      #expect(report.found == ["record.shape": 1, "session.empty": 1, "time.missing": 1])
      #expect(try run.rejects.map(\.field) == ["conversation_id"])
      #expect(
        try scene.rows(
          "SELECT continuation_id, (created_at AT TIME ZONE 'UTC')::text, metadata #> '{legacy,metadata}', metadata ->> 'provider', metadata #>> '{legacy,expires_at}' FROM exai_sessions ORDER BY 1"
        ) == [
          ["glm_conv_1", "2025-10-05 14:00:00", nil, "GLM", nil],
          [
            "kimi_conv_0123456789abcdef", "2025-10-05 13:43:35.925398", #"{"k": "v"}"#, "kimi",
            "2025-10-05T16:43:35.925398Z",
          ],
        ])
      #expect(
        try scene.rows(Self.stored) == [
          [
            "glm_conv_1", "user", "q", nil, nil, nil, #"{"legacy": {"seen": true, "index": 0}}"#,
          ],
          [
            "glm_conv_1", "assistant", "a", nil, "glm-4.6", "glm",
            #"{"usage": {"prompt_tokens": 5, "completion_tokens": 7}, "legacy": {"index": 1, "provider": "GLM"}}"#,
          ],
        ])
      #expect(
        try scene.rows("SELECT tokens_in, tokens_out FROM exai_messages WHERE role = 'assistant'")
          == [["5", "7"]])
    }
  }

  @Test func `notes of agents are system messages, their local times in the pipeline's zone`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        ".agent_memory.json",
        """
        [{"timestamp": "2025-04-06T02:30:00", "category": "fix", "content": "twice"},
         {"timestamp": "2025-10-05T02:30:00", "category": "fix", "content": "never"},
         {"timestamp": "2025-11-15T20:57:50.789703", "category": "c", "content": "x", "by": "me"},
         {"category": "no time"}]
        """)
      let run = try await scene.run(
        "agent-memory", [".agent_memory.json"],
        yaml: "transform: {timeZone: Australia/Melbourne}")
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 3, rejected: 1))
      #expect(report.found == ["record.shape": 1, "time.naive": 1, "time.zone-change": 2])
      #expect(try run.rejects.map(\.text) == [#"{"category": "no time"}"#])
      let told = report.findings.first { $0.id == "time.zone-change" }?.samples.map(\.message) ?? []
      #expect(told.count { $0.contains("twice") } == 1)
      #expect(told.count { $0.contains("skipped") } == 1)
      #expect(
        try scene.rows(
          "SELECT content, (created_at AT TIME ZONE 'UTC')::text FROM exai_messages ORDER BY created_at"
        )
          == [
            ["twice", "2025-04-05 15:30:00"], ["never", "2025-10-04 16:30:00"],
            ["x", "2025-11-15 09:57:50.789703"],
          ])
      #expect(
        try scene.rows(Self.stored).last == [
          "agent-memory:.agent_memory.json", "system", "x", nil, nil, nil,
          #"{"legacy": {"by": "me", "index": 2, "raw_ts": "2025-11-15T20:57:50.789703", "time_zone": "Australia/Melbourne"}, "category": "c"}"#,
        ])
      // Notes that have gone move no other.
      try scene.directory.write(
        ".agent_memory.json",
        """
        [{"timestamp": "2025-10-05T02:30:00", "category": "fix", "content": "never"},
         {"timestamp": "2025-11-15T20:57:50.789703", "category": "c", "content": "x", "by": "me"}]
        """)
      let again = try await scene.run(
        "agent-memory", [".agent_memory.json"],
        yaml: "transform: {timeZone: Australia/Melbourne}"
      ).expect()
      #expect(again.total.messages == .of(unchanged: 2))
    }
  }

  @Test func `each element of the lists of an agent's session is a message, in the order of time`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "session_a.json",
        """
        {"session_id": "a b", "start_time": "2025-11-15T09:00:00+00:00", "duration_seconds": 1.5,
         "end_time": "2025-11-15T10:00:00+00:00", "tools_tested": [], "other": [1],
         "decisions": ["last", {"time": "2025-11-15T09:30:00Z", "n": "x y"}],
         "operations": [{"timestamp": "2025-11-15T09:20:00Z"}, 7], "mcp_validation": {"ok": 1}}
        """)
      try scene.directory.write("session_b.json", #"{"session_id": 5, "start_time": "x"}"#)
      let run = try await scene.run("agent-memory", ["session_a.json", "session_b.json"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 1))
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found == ["record.shape": 1, "time.tie": 1])
      #expect(
        try scene.rows(
          "SELECT continuation_id, title, (updated_at AT TIME ZONE 'UTC')::text FROM exai_sessions"
        ) == [["a b", "Agent memory a b", "2025-11-15 10:00:00"]])
      #expect(
        try scene.rows(
          "SELECT metadata -> 'mcp_validation', metadata #> '{legacy,other}', metadata #> '{legacy,duration_seconds}' FROM exai_sessions"
        ) == [[#"{"ok": 1}"#, "[1]", "1.5"]])
      #expect(
        try scene.rows(
          "SELECT content, metadata ->> 'category', metadata #>> '{legacy,index}', (created_at AT TIME ZONE 'UTC')::text FROM exai_messages ORDER BY created_at"
        ) == [
          ["last", "decisions", "6000000", "2025-11-15 09:00:00"],
          ["7", "operations", "1000001", "2025-11-15 09:00:00.000001"],
          [
            #"{"timestamp":"2025-11-15T09:20:00Z"}"#, "operations", "1000000",
            "2025-11-15 09:20:00",
          ],
          [
            #"{"time":"2025-11-15T09:30:00Z","n":"x y"}"#, "decisions", "6000001",
            "2025-11-15 09:30:00",
          ],
        ])
    }
  }
}
