internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct ToolCallRunTests {
  private static func call(
    _ tool: String, _ start: String, provider: String = "kimi", _ arguments: String = "{}",
    error: String = "null"
  ) -> String {
    #"{"provider":"\#(provider)","tool_name":"\#(tool)","args":\#(arguments),"start_ts":\#(start),"latency_ms":2.5,"ok":true,"error":\#(error)}"#
  }

  private static func event(
    _ name: String, _ tool: String, _ id: String, _ time: String, _ rest: String = ""
  ) -> String {
    #"{"timestamp":\#(time),"event":"tool_\#(name)","tool":"\#(tool)","request_id":"\#(id)"\#(rest)}"#
  }

  /// What a test most often asks of the rows: conversation, tool, text, latency and how it ended.
  private static let stored = """
    SELECT s.continuation_id, m.tool_name, m.content, m.latency_ms,
      m.metadata ->> 'request_id', m.metadata #>> '{legacy,end_timestamp}',
      m.metadata ->> 'tool_status'
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id ORDER BY m.created_at
    """

  @Test func `what is told of a call names the line it stands in`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "log.jsonl",
        [
          Self.event("start", "chat", "a", "1757401600"),
          Self.event("complete", "chat", "b", "1757401601"),
          Self.event("start", "chat", "c", "1757401602"),
        ].joined(separator: "\n"))
      let report = try await scene.run("tool-calls", ["log.jsonl"]).expect()
      let places = report.findings.map { finding in
        "\(finding.id) \(finding.samples.map { "\($0.line) \($0.field ?? "")" })"
      }
      #expect(
        places.sorted() == [
          #"tool.call-without-result ["1 records[0]", "3 records[2]"]"#,
          #"tool.result-without-call ["2 records[1]"]"#,
        ])
    }
  }

  @Test func `each shape of record becomes a system message with all it says`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "log.jsonl",
        [
          #"{"provider": "ZAI", "tool_name": "upload", "args": {"path": "C:\\a"}, "start_ts": 1757401200.2500001, "end_ts": 1757401202.75, "latency_ms": 2500.5, "citations": ["x"], "ok": false, "error": "no attic", "more": 1}"#,
          #"{"provider": "boundary", "tool_name": "chat", "args": {"arg_count": 3, "req_id": "b"}, "start_ts": 1757401300.0, "ok": true, "error": null}"#,
          #"{"provider": "boundary", "tool_name": "chat", "args": {"event": "TOOL_COMPLETED", "req_id": "b"}, "start_ts": 1757401304.0}"#,
          #"{"timestamp": 1757401400.75, "tool": "version", "request_id": null, "duration_s": 6.1E-02, "result_preview": "[Text ...", "result_truncated": true, "summary_text": "sum"}"#,
          #"{"timestamp": 1757401500.5, "tool": "upload", "request_id": null, "error": "File not found"}"#,
          #"{"timestamp": 1757401600, "datetime": "d1", "event": "tool_start", "tool": "analyze", "request_id": "r", "params": {"step": "one ... (truncated)"}}"#,
          #"{"timestamp": 1757401601, "event": "tool_progress", "tool": "analyze", "request_id": "r", "step": 1, "message": "five so far"}"#,
          #"{"timestamp": 1757401603, "datetime": "d2", "event": "tool_complete", "tool": "analyze", "request_id": "r", "duration_secs": 3.5, "result": {"type": "text", "text": "nine"}}"#,
        ].joined(separator: "\r\n"))
      let report = try await scene.run("tool-calls", ["log.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 6, merged: 2))
      #expect(report.found == ["content.truncated": 2])
      #expect(
        try scene.rows(
          """
          SELECT role, tool_name, content, provider_used, latency_ms, tool_args, tool_result, metadata
          FROM exai_messages ORDER BY created_at
          """
        ) == [
          [
            "system", "upload", "no attic", "glm", "2501", #"{"path": "C:\\a"}"#, nil,
            #"{"error": "no attic", "legacy": {"ok": false, "more": 1, "index": 0, "end_ts": 1757401202.75, "provider": "ZAI", "citations": ["x"]}}"#,
          ],
          [
            "system", "chat", "", nil, "0", #"{"req_id": "b", "arg_count": 3}"#, nil,
            #"{"legacy": {"ok": true, "end": {"args": {"event": "TOOL_COMPLETED", "req_id": "b"}, "provider": "boundary", "start_ts": 1757401304.0, "tool_name": "chat"}, "index": 1, "provider": "boundary"}, "request_id": "b"}"#,
          ],
          [
            "system", "version", "[Text ...", nil, "61", nil, nil,
            #"{"legacy": {"index": 3, "duration_s": 0.061, "summary_text": "sum", "result_truncated": true}}"#,
          ],
          [
            "system", "upload", "File not found", nil, "0", nil, nil,
            #"{"error": "File not found", "legacy": {"index": 4}}"#,
          ],
          [
            "system", "analyze", "nine", nil, "3500", #"{"step": "one ... (truncated)"}"#,
            #"{"text": "nine", "type": "text"}"#,
            #"{"legacy": {"event": "tool_start", "index": 5, "datetime": "d1", "end_event": "tool_complete", "end_datetime": "d2", "duration_secs": 3.5, "end_timestamp": 1757401603}, "request_id": "r"}"#,
          ],
          [
            "system", "analyze", "five so far", nil, "0", nil, nil,
            #"{"legacy": {"step": 1, "event": "tool_progress", "index": 7}, "request_id": "r"}"#,
          ],
        ])
      #expect(
        try scene.rows(
          "SELECT continuation_id, title, (created_at AT TIME ZONE 'UTC')::text FROM exai_sessions")
          == [
            [
              "tool-calls:log.jsonl:2025-09-09", "Tool calls log.jsonl 2025-09-09",
              "2025-09-09 07:00:00.25",
            ]
          ])
    }
  }

  @Test func `an end is joined to the last open start of its tool and id, in the order of time`()
    async throws
  {
    try await RunScene.with { scene in
      let done = { (text: String) in #","result":"\#(text)""# }
      try scene.directory.write(
        "log.jsonl",
        [
          Self.event("complete", "a", "1", "1757400004", done("first")),
          Self.event("start", "a", "1", "1757400001"),
          Self.event("start", "b", "1", "1757400002"),
          Self.event("start", "a", "1", "1757400005"),
          Self.event("start", "a", "1", "1757400006"),
          Self.event("error", "a", "1", "1757400007", #","error":{"message":"third"}"#),
          Self.event("complete", "c", "1", "1757400008", done("alone")),
        ].joined(separator: "\n"))
      let report = try await scene.run("tool-calls", ["log.jsonl"]).expect()
      #expect(report.total.messages == .of(inserted: 5, merged: 2))
      #expect(
        report.found == ["tool.call-without-result": 2, "tool.result-without-call": 1])
      let day = "tool-calls:log.jsonl:2025-09-09"
      #expect(
        try scene.rows(Self.stored) == [
          [day, "a", "first", "0", "1", "1757400004", nil],
          [day, "b", "", "0", "1", nil, "unanswered"],
          [day, "a", "", "0", "1", nil, "unanswered"],
          [day, "a", "third", "0", "1", "1757400007", nil],
          [day, "c", "alone", "0", "1", nil, nil],
        ])
    }
  }

  @Test func `a day of a log is a session, and a call over midnight is of the day it began`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "logs/a/calls.jsonl",
        [
          Self.event("start", "t", "n", "1757462399.5"),
          Self.event("complete", "t", "n", "1757462400.5", #","duration_secs":1"#),
          Self.call("u", "1757462400"), Self.call("v", "null"),
        ].joined(separator: "\n"))
      let report = try await scene.run("tool-calls", ["logs"]).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 3, merged: 1))
      #expect(report.found == ["time.missing": 1])
      #expect(
        try scene.rows(Self.stored).map { [$0[0], $0[1], $0[3]] } == [
          ["tool-calls:calls.jsonl:2025-09-09", "t", "1000"],
          ["tool-calls:calls.jsonl:2025-09-10", "u", "3"],
          ["tool-calls:calls.jsonl", "v", "3"],
        ])
    }
  }

  @Test func `what is logged later moves no row, and a compressed log is the same log`()
    async throws
  {
    try await RunScene.with { scene in
      let early = [
        Self.call("a", "1757400001"), Self.event("start", "b", "1", "1757400002"),
        Self.call("c", "1757400003", provider: "boundary", #"{"req_id":"2"}"#),
      ]
      try scene.directory.write("old/log.jsonl", early.joined(separator: "\n"))
      try await scene.run("tool-calls", ["old/log.jsonl"]).expect()
      let before = try scene.rows("SELECT id, created_at FROM exai_messages ORDER BY id")
      let later =
        [
          Self.event("complete", "b", "1", "1757400009"), Self.call("z", "1757400000"),
          Self.call(
            "c", "1757400004", provider: "boundary", #"{"event":"TOOL_COMPLETED","req_id":"2"}"#),
        ] + early
      let text = Array(later.joined(separator: "\n").utf8)
      try scene.directory.write("new/log.jsonl.gz", StoredGzip.file(text))
      let report = try await scene.run("tool-calls", ["new"]).expect()
      #expect(report.total.messages == .of(inserted: 1, unchanged: 3, merged: 2))
      #expect(try scene.rows("SELECT count(*) FROM exai_sessions") == [["1"]])
      let after = try scene.rows("SELECT id, created_at FROM exai_messages ORDER BY id")
      #expect(after.count == 4)
      #expect(before.allSatisfy(after.contains))
    }
  }

  @Test func `days are loaded alike in one batch and in several`() async throws {
    var lines: [String] = []
    for day in 0..<4 {
      for number in 0..<200 {
        let start = 1_757_400_000 + day * 86_400 + number * 10
        let filler = String(repeating: "z", count: 300)
        lines.append(
          Self.event("complete", "t", "\(number)", "\(start + 5)", #","result":"\#(filler)""#))
        lines.append(Self.event("start", "t", "\(number)", "\(start)"))
      }
    }
    var loaded: [[[String?]]] = []
    for batch in ["64KiB", "4MiB"] {
      try await RunScene.with { scene in
        let text = lines.joined(separator: "\n")
        if batch == "64KiB" {
          try scene.directory.write("logs/log.jsonl", text)
        } else {
          try scene.directory.write("logs/log.jsonl.gz", StoredGzip.file(Array(text.utf8)))
        }
        let report = try await scene.run(
          "tool-calls", ["logs"], yaml: "load: {batchBytes: \(batch), workers: 2}"
        ).expect()
        #expect(report.total.sessions == .of(inserted: 4))
        #expect(report.total.messages == .of(inserted: 800, merged: 800))
        #expect(report.found == [:])
        #expect(report.batches.total == (batch == "4MiB" ? 1 : 4))
        loaded.append(
          try scene.rows(
            "SELECT id, session_id, created_at, content FROM exai_messages ORDER BY id"))
      }
    }
    #expect(loaded[0] == loaded[1])
  }

  @Test func `requests with their answers and logs of one tree are each put together`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "tree/log.jsonl",
        [
          Self.event("start", "t", "1", "1757400001"),
          Self.event("complete", "t", "1", "1757400002", #","result":"done""#),
        ].joined(separator: "\n"))
      try scene.directory.write(
        "tree/a_1759312800000_request.json",
        #"{"op":"call_tool","request_id":"1","name":"chat","arguments":{"prompt":"p"}}"#)
      try scene.directory.write(
        "tree/b_1759312801000_response.json",
        #"{"op":"call_tool_res","request_id":"1","outputs":[{"type":"text","text":"plain"}]}"#)
      let report = try await scene.run("auto", ["tree"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 3, merged: 1))
      #expect(report.found == [:])
      #expect(report.inputs.map(\.tally.messages.read) == [1, 1, 2])
      #expect(
        try scene.rows(
          """
          SELECT s.continuation_id, m.role, m.content, m.metadata ->> 'request_id'
          FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id ORDER BY m.created_at
          """
        ) == [
          ["tool-calls:log.jsonl:2025-09-09", "system", "done", "1"],
          ["request:1", "user", "p", "1"], ["request:1", "assistant", "plain", "1"],
        ])
    }
  }

  @Test func `what is no record of a call is rejected with its bytes and place`() async throws {
    try await RunScene.with { scene in
      let metric = #"{"event":"file_cache","t":1757400001.5,"action":"hit"}"#
      let cut = #"{"provider":"kimi","tool_na"#
      let fine = Self.call("a", "1757400001")
      try scene.directory.write("log.jsonl", [fine, metric, "", cut, fine].joined(separator: "\n"))
      let run = try await scene.run("tool-calls", ["log.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 2))
      // The same record twice is the same call.
      #expect(report.total.messages == .of(inserted: 1, merged: 1))
      #expect(report.found["record.shape"] == 1)
      #expect(report.found["json.truncated"] == 1)
      let rejects = try run.rejects
      #expect(rejects.map(\.text) == [metric, cut])
      #expect(rejects.map(\.line) == [2, 4])
      #expect(
        rejects.map(\.byteOffset) == [fine.utf8.count + 1, fine.utf8.count + metric.utf8.count + 3])
    }
  }
}
