internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct ThreadRunTests {
  private static func thread(_ id: String) -> String {
    #"""
    {"thread_id":"\#(id)","parent_thread_id":null,"created_at":"2025-10-16T05:25:49.699107+00:00",
     "last_updated_at":"2025-10-16T05:26:09+00:00","tool_name":"chat","turns":[
      {"role":"user","content":"hi \#(id)","timestamp":"2025-10-16T05:25:50.5+00:00"},
      {"role":"assistant","content":"hello","timestamp":"2025-10-16T05:25:51+00:00"}]}
    """#
  }

  private static func line(_ id: String) -> String {
    String(thread(id).filter { $0 != "\n" })
  }

  private static func quoted(_ json: String) -> String {
    "\"" + json.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static let containers: [(name: String, text: String)] = [
    ("lines.jsonl", "\(line("a"))\n\(line("b"))\n"),
    ("pretty.json", thread("a") + "\n" + thread("b")),
    ("array.json", "[\(thread("a")),\n\(thread("b"))]"),
    ("array-on-a-line.json", "[\(line("a")),\(line("b"))]"),
    ("map.json", #"{"thread:a": \#(thread("a")), "thread:b": \#(thread("b"))}"#),
    ("map-of-texts.json", #"{"thread:a":\#(quoted(line("a"))),"thread:b":\#(quoted(line("b")))}"#),
    (
      "dump.jsonl",
      #"{"key":"thread:a","ttl":86391,"value":\#(line("a"))}"# + "\n"
        + #"{"key":"thread:b","TTL":-1,"value":\#(quoted(line("b")))}"#
    ),
    ("dump.json", #"[{"key":"thread:a","ttl":5,"value":\#(thread("a"))}, \#(thread("b"))]"#),
    ("crlf.jsonl", "\(line("a"))\r\n\r\n\(line("b"))\r\n"),
    ("bom.jsonl", "\u{FEFF}\(line("a"))\n\(line("b"))\n"),
  ]

  @Test(arguments: containers)
  func `threads are found in every container they were exported in`(name: String, text: String)
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(name, text)
      let report = try await scene.run("threads", [name]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 4))
      let sessions = try scene.rows(
        """
        SELECT continuation_id, title, created_at AT TIME ZONE 'UTC', updated_at AT TIME ZONE 'UTC',
          user_id, metadata->>'tool_name', metadata#>>'{legacy,source}', metadata#>>'{legacy,file}'
        FROM exai_sessions ORDER BY 1
        """)
      #expect(
        sessions
          == ["a", "b"].map { (id: String) -> [String?] in
            [
              id, "hi \(id)", "2025-10-16 05:25:49.699107", "2025-10-16 05:26:09", "legacy-import",
              "chat", "threads", name,
            ]
          })
      let messages = try scene.rows(
        """
        SELECT continuation_id, role, content, m.created_at AT TIME ZONE 'UTC', tokens_in, cost_usd,
          m.metadata FROM exai_messages m JOIN exai_sessions s ON s.id = session_id ORDER BY 1, 4
        """)
      #expect(
        messages
          == ["a", "b"].flatMap { (id: String) -> [[String?]] in
            [
              [
                id, "user", "hi \(id)", "2025-10-16 05:25:50.5", "0", "0.000000",
                #"{"legacy": {"index": 0}}"#,
              ],
              [
                id, "assistant", "hello", "2025-10-16 05:25:51", "0", "0.000000",
                #"{"legacy": {"index": 1}}"#,
              ],
            ]
          })
    }
  }

  @Test func `one document alone loads, pretty or compact`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("pretty.json", Self.thread("a"))
      try scene.directory.write("compact.json", Self.line("b"))
      let report = try await scene.run("threads", ["pretty.json", "compact.json"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.inputs.map(\.tally.messages) == [.of(inserted: 2), .of(inserted: 2)])
    }
  }

  @Test func `the time to live of a dump is kept`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "dump.jsonl", #"{"key":"thread:k","ttl":86391,"value":{"turns":[]}}"#)
      try await scene.run("threads", ["dump.jsonl"]).expect()
      let rows = try scene.rows(
        "SELECT continuation_id, title, metadata#>>'{legacy,ttl}' FROM exai_sessions")
      #expect(rows == [["k", "Conversation k", "86391"]])
    }
  }

  @Test func `fields of every generation have their place`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        #"""
        {"thread_id":"old","created_at":"2025-06-10T01:00:00+00:00","turns":[{"role":"assistant","content":"?","timestamp":"2025-06-10T01:00:01+00:00","follow_up_question":"Why?","files":["C:\\a.py"]}],"initial_context":{"prompt":"hi"}}
        {"thread_id":"new","parent_thread_id":"old","created_at":"2025-10-16T01:00:00+00:00","session_fingerprint":"fp","client_friendly_name":"Claude","status":"open","turns":[{"role":"assistant","content":"!","timestamp":"2025-10-16T01:00:01+00:00","files":null,"images":["data:image/png;base64,AAAA","/tmp/x.png"],"tool_name":"chat","model_provider":"ZAI","model_name":"glm-4.6","model_metadata":{"usage":{"prompt_tokens":3,"completion_tokens":4},"cost_usd":"0.0123456","latency_ms":2238.565},"cached":true}]}
        """#)
      try await scene.run("threads", ["t.jsonl"]).expect()
      let sessions = try scene.rows(
        """
        SELECT continuation_id, metadata - 'legacy', metadata#>>'{legacy,status}'
        FROM exai_sessions ORDER BY 1 DESC
        """)
      #expect(
        sessions == [
          ["old", #"{"initial_context": {"prompt": "hi"}}"#, nil],
          [
            "new",
            #"{"session_fingerprint": "fp", "client_friendly_name": "Claude", "parent_continuation_id": "old"}"#,
            "open",
          ],
        ])
      let messages = try scene.rows(
        """
        SELECT content, tool_name, model_used, provider_used, tokens_in, tokens_out, cost_usd,
          latency_ms, metadata - 'model_metadata' FROM exai_messages ORDER BY created_at
        """)
      #expect(
        messages == [
          [
            "?", nil, nil, nil, "0", "0", "0.000000", "0",
            #"{"files": ["C:\\a.py"], "legacy": {"index": 0}, "follow_up_question": "Why?"}"#,
          ],
          [
            "!", "chat", "glm-4.6", "glm", "3", "4", "0.012346", "2239",
            #"{"images": ["data:image/png;base64,AAAA", "/tmp/x.png"], "legacy": {"index": 0, "cached": true, "provider": "ZAI"}}"#,
          ],
        ])
    }
  }

  @Test func `ids keep the spelling they have`() async throws {
    let ids = [
      "{5B1D0000-0000-4000-8000-00000000ABCD}", "urn:uuid:5b1d0000-0000-4000-8000-00000000abcd",
      "5B1D0000-0000-4000-8000-00000000ABCD", "5b1d000000004000800000000000abcd", "ctx-1a2b3c4d",
      " padded ",
    ]
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ids.map(Self.line).joined(separator: "\n"))
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: ids.count))
      let rows = try scene.rows(
        "SELECT continuation_id FROM exai_sessions ORDER BY metadata->'legacy'->'line'")
      #expect(rows == ids.map { [$0] })
    }
  }

  @Test func `of a repeated key both values are kept, and the record is counted`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        #"""
        {"thread_id":"d","turns":[{"role":"user","content":"first","content":"second","x":1,"x":2,"in":{"null":1,"null":2,"null":3}}],"y":"a","y":"b"}
        """#)
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["json.duplicate-key"] == 1)
      #expect(
        try scene.rows("SELECT content, metadata FROM exai_messages") == [
          [
            "second",
            #"{"legacy": {"x": 2, "in": {"null": 3, "null~1": 1, "null~2": 2}, "x~1": 1, "index": 0, "content": "first"}}"#,
          ]
        ])
      #expect(
        try scene.rows(
          "SELECT metadata->'legacy'->'y', metadata->'legacy'->'y~1' FROM exai_sessions")
          == [[#""b""#, #""a""#]])
    }
  }

  @Test func `numbers no machine word holds are kept digit for digit`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        #"""
        {"thread_id":"n","turns":[{"role":"user","content":"n","big":18446744073709551616,"neg":-123456789012345678901234567890,"one":1.0,"huge":1e400,"beyond":1e200000}]}
        """#)
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["json.number"] == 1)
      let rows = try scene.rows(
        """
        SELECT l->>'big', l->>'neg', l->>'one', (l->'huge')::numeric = 1e400, l->>'beyond'
        FROM (SELECT metadata->'legacy' AS l FROM exai_messages) m
        """)
      #expect(
        rows == [
          ["18446744073709551616", "-123456789012345678901234567890", "1.0", "t", "1e200000"]
        ])
    }
  }

  @Test func `a thread without turns is a session; one that has none at all is rejected whole`()
    async throws
  {
    let broken = #"{"key":"thread:gone","ttl":9,"value":{"created_at":"2025-10-16T01:00:00Z"}}"#
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", #"{"thread_id":"e","turns":[]}"# + "\n" + broken + "\n")
      let run = try await scene.run("threads", ["t.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 1))
      #expect(report.found["session.empty"] == 1)
      #expect(try scene.value("SELECT title FROM exai_sessions") == "Conversation e")
      let reject = try #require(try run.rejects.first)
      #expect(reject.kind == "session")
      #expect(reject.rule == "record.shape")
      #expect(reject.field == "turns")
      #expect((reject.line, reject.byteOffset, reject.byteLength) == (2, 29, broken.utf8.count))
      #expect(reject.text == broken)
    }
  }

  @Test func `a bad turn is rejected with its place and the others load`() async throws {
    let bad = [
      #"{"role":"alien","content":"x"}"#, #"{"role":null,"content":"x"}"#, #"{"content":"x"}"#,
      #"{"role":"user"}"#, #"{"role":"user","content":null}"#,
      #"{"role":"user","content":{"a":1}}"#,
      #"{"role":"user","content":"x","timestamp":"yesterday"}"#,
      #"{"role":"user","content":"x","timestamp":"1970-01-01T00:00:00Z"}"#, "7",
    ]
    let good = #"{"role":"tool","content":"fine","timestamp":"2025-10-16T01:00:01Z"}"#
    let text =
      #"{"thread_id":"r","created_at":"2025-10-16T01:00:00Z","turns":["#
      + (bad + [good]).joined(separator: ",\n ") + "]}"
    try await RunScene.with { scene in
      try scene.directory.write("t.json", text)
      let run = try await scene.run("threads", ["t.json"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 1, rejected: bad.count))
      #expect(
        try scene.rows("SELECT role, content, metadata FROM exai_messages")
          == [["system", "fine", #"{"legacy": {"role": "tool", "index": 9}}"#]])
      let rejects = try run.rejects
      #expect(rejects.map(\.text) == bad)
      #expect(rejects.map(\.line) == Array(1...bad.count))
      #expect(
        rejects.map(\.rule) == [
          "role.unknown", "role.missing", "role.missing", "content.missing", "content.missing",
          "content.missing", "time.invalid", "time.range", "record.shape",
        ])
      let bytes = Array(text.utf8)
      for reject in rejects {
        #expect(
          Array(bytes[reject.byteOffset..<reject.byteOffset + reject.byteLength]) == reject.bytes)
      }
    }
  }
}
