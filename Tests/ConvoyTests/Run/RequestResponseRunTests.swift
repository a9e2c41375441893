internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RequestResponseRunTests {
  private static let stored = """
    SELECT s.continuation_id, m.role, m.content, m.tool_name, m.tool_args, m.tool_result,
      m.model_used, m.provider_used, m.metadata
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
    ORDER BY s.continuation_id, m.created_at
    """

  private static func request(_ id: String, _ arguments: String) -> String {
    #"{"op":"call_tool","request_id":"\#(id)","name":"chat","arguments":\#(arguments)}"#
  }

  private static func response(_ id: String, _ rest: String) -> String {
    #"{"op":"call_tool_res","request_id":"\#(id)",\#(rest)}"#
  }

  /// An answer whose text is JSON, and which says it all twice.
  private static func answer(_ id: String, _ content: String, _ conversation: String) -> String {
    let text =
      #"{\"content\":\"\#(content)\",\"metadata\":{\"model_used\":\"m-1\",\"provider_used\":\"GLM\"},\"continuation_offer\":{\"continuation_id\":\"\#(conversation)\"}}"#
    return response(
      id,
      #""outputs":[{"type":"text","text":"\#(text)"},{"type":"text","text":"sum"}],"text":"\#(text)\n\nsum""#
    )
  }

  @Test func `the calls of a conversation are one session, whatever order their files are in`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("p/a_1759312800000_response.json", Self.answer("2", "two", "c-1"))
      try scene.directory.write(
        "p/b_1759312700000_request.json",
        Self.request("2", #"{"prompt":"second","continuation_id":"c-1"}"#))
      try scene.directory.write("p/c_1759312600000_response.json", Self.answer("1", "one", "c-1"))
      try scene.directory.write(
        "p/d_1759312500000_request.json", Self.request("1", #"{"prompt":"first"}"#))
      let report = try await scene.run("request-response", ["p"]).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 4))
      #expect(report.found == [:])
      let result = { (content: String) in
        #"{"output": [{"text": "{\"content\":\"\#(content)\",\"metadata\":{\"model_used\":\"m-1\",\"provider_used\":\"GLM\"},\"continuation_offer\":{\"continuation_id\":\"c-1\"}}", "type": "text"}, {"text": "sum", "type": "text"}]}"#
      }
      #expect(
        try scene.rows(Self.stored) == [
          [
            "c-1", "user", "first", "chat", #"{"prompt": "first"}"#, nil, nil, nil,
            #"{"legacy": {"op": "call_tool", "file": "d_1759312500000_request.json", "index": 0}, "request_id": "1"}"#,
          ],
          [
            "c-1", "assistant", "one", "chat", nil, result("one"), "m-1", "glm",
            #"{"legacy": {"op": "call_tool_res", "file": "c_1759312600000_response.json", "index": 1, "provider": "GLM"}, "request_id": "1"}"#,
          ],
          [
            "c-1", "user", "second", "chat", #"{"prompt": "second", "continuation_id": "c-1"}"#,
            nil, nil, nil,
            #"{"legacy": {"op": "call_tool", "file": "b_1759312700000_request.json", "index": 2}, "request_id": "2"}"#,
          ],
          [
            "c-1", "assistant", "two", "chat", nil, result("two"), "m-1", "glm",
            #"{"legacy": {"op": "call_tool_res", "file": "a_1759312800000_response.json", "index": 3, "provider": "GLM"}, "request_id": "2"}"#,
          ],
        ])
      #expect(
        try scene.rows(
          "SELECT title, created_at AT TIME ZONE 'UTC', updated_at AT TIME ZONE 'UTC' FROM exai_sessions"
        )
          == [["first", "2025-10-01 09:55:00", "2025-10-01 10:00:00"]])
      // A call that is found later moves no row.
      try scene.directory.write(
        "p/0_1759312400000_request.json",
        Self.request("0", #"{"prompt":"before","continuation_id":"c-1"}"#))
      let again = try await scene.run("request-response", ["p"]).expect()
      #expect(again.total.messages == .of(inserted: 1, unchanged: 4))
      #expect(again.found == ["tool.call-without-result": 1, "turn.user-twice": 1])
    }
  }

  @Test func `halves without the other are kept and flagged`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "p/a.json", Self.request("q", #"{ "of": [ "a b", 1 ] }"#))
      try scene.directory.write(
        "p/b.json", Self.response("r", #""error":{"code":"EXEC_ERROR","message":"broken"}"#))
      try scene.directory.write(
        "p/c.json",
        Self.response("s", #""outputs":[{"type":"text","text":"plain"}],"text":"other""#))
      let report = try await scene.run("request-response", ["p"]).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 3))
      #expect(
        report.found == [
          "tool.call-without-result": 1, "tool.result-without-call": 2, "time.missing": 3,
          "turn.assistant-first": 2, "title.missing": 2,
        ])
      #expect(
        try scene.rows(Self.stored) == [
          [
            "request:q", "user", #"{"of":["a b",1]}"#, "chat", #"{"of": ["a b", 1]}"#, nil, nil,
            nil,
            #"{"legacy": {"op": "call_tool", "file": "a.json", "index": 0}, "request_id": "q", "tool_status": "unanswered"}"#,
          ],
          [
            "request:r", "assistant", "broken", nil, nil, nil, nil, nil,
            #"{"error": {"code": "EXEC_ERROR", "message": "broken"}, "legacy": {"op": "call_tool_res", "file": "b.json", "index": 0}, "request_id": "r"}"#,
          ],
          [
            "request:s", "assistant", "plain", nil, nil,
            #"{"output": [{"text": "plain", "type": "text"}]}"#, nil, nil,
            #"{"legacy": {"op": "call_tool_res", "file": "c.json", "text": "other", "index": 0}, "request_id": "s"}"#,
          ],
        ])
    }
  }

  @Test func `ids of JSON-RPC count for one file only`() async throws {
    try await RunScene.with { scene in
      for name in ["a", "b"] {
        try scene.directory.write(
          "p/\(name).jsonl",
          """
          {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"chat","arguments":{"prompt":"\(name)"},"_meta":5}}
          {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"of \(name)"}],"isError":false}}

          """)
      }
      let report = try await scene.run("request-response", ["p"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(
        try scene.rows(
          "SELECT s.continuation_id, m.role, m.content, m.metadata #> '{legacy,_meta}', m.metadata #> '{legacy,isError}' FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id ORDER BY 1, m.created_at"
        ) == [
          ["request:1@a.jsonl", "user", "a", "5", nil],
          ["request:1@a.jsonl", "assistant", "of a", nil, "false"],
          ["request:1@b.jsonl", "user", "b", "5", nil],
          ["request:1@b.jsonl", "assistant", "of b", nil, "false"],
        ])
    }
  }

  @Test func `what is no half is rejected with its bytes and place, and the others load`()
    async throws
  {
    try await RunScene.with { scene in
      let hello = #"{"op":"hello_ack","ok":false}"#
      let cut = #"{"op":"call_tool","request_id":"x","na"#
      try scene.directory.write(
        "p/a.jsonl", [Self.request("1", #"{"prompt":"p"}"#), hello, cut].joined(separator: "\n"))
      try scene.directory.write("p/b.json", "\u{FEFF}\n" + Self.answer("1", "z", "c"))
      try scene.directory.write("p/empty.json", "")
      let run = try await scene.run("request-response", ["p"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 2))
      #expect(report.total.messages == .of(inserted: 2))
      #expect(
        report.found == [
          "record.shape": 1, "json.truncated": 1, "input.empty": 1, "time.missing": 2,
        ])
      let rejects = try run.rejects
      #expect(rejects.map(\.text) == [hello, cut])
      #expect(rejects.map(\.file) == ["p/a.jsonl", "p/a.jsonl"])
      #expect(rejects.map(\.line) == [2, 3])
      let first = Self.request("1", #"{"prompt":"p"}"#).utf8.count + 1
      #expect(rejects.map(\.byteOffset) == [first, first + hello.utf8.count + 1])
      #expect(
        report.inputs.map(\.bytes).dropLast() == [
          first + hello.utf8.count + 1 + cut.utf8.count - 2, Self.answer("1", "z", "c").utf8.count,
        ])
    }
  }

  @Test func `a half that is rejected has its own bytes and loads later as it would have`()
    async throws
  {
    let large = #"{"prompt":"p","at":1}"#
    var loaded: [[[String?]]] = []
    for isRetried in [true, false] {
      try await RunScene.with { scene in
        try scene.directory.write("p/a_1559312800000_request.json", Self.request("1", large))
        try scene.directory.write("p/b_1759312800000_response.json", Self.answer("1", "one", "c"))
        let yaml = isRetried ? "" : "transform: {earliest: 2019-01-01}"
        let run = try await scene.run("request-response", ["p"], yaml: yaml)
        if isRetried {
          let report = try run.expect(3)
          #expect(report.total.messages == .of(inserted: 1, rejected: 1))
          let reject = try #require(try run.rejects.first)
          #expect(reject.text == Self.request("1", large))
          #expect(reject.file == "p/a_1559312800000_request.json")
          #expect(reject.byteOffset == 0)
          #expect(reject.field == "halves[0].created_at")
          let retried = try await scene.convoy([
            "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
            scene.database.url, "--set", "transform.earliest=2019-01-01", "--report", "again",
          ])
          #expect(retried.status == 0, "\(retried.errors)")
        } else {
          try run.expect()
        }
        loaded.append(
          try scene.rows(
            "SELECT id, role, content, created_at, metadata FROM exai_messages ORDER BY created_at")
        )
      }
    }
    #expect(loaded[0] == loaded[1])
    #expect(loaded[0].count == 2)
  }

  @Test func `a batch of one conversation at a time makes the same rows`() async throws {
    var loaded: [[[String?]]] = []
    for batch in ["64KiB", "4MiB"] {
      try await RunScene.with { scene in
        let filler = String(repeating: "y", count: 40_000)
        for number in 0..<6 {
          let time = 1_759_312_800_000 + number * 1000
          try scene.directory.write(
            "p/q\(number)_\(time)_request.json",
            Self.request("\(number)", #"{"prompt":"\#(number) \#(filler)"}"#))
          try scene.directory.write(
            "p/r\(number)_\(time + 500)_response.json",
            Self.answer("\(number)", "r", "c\(number % 3)"))
        }
        let report = try await scene.run(
          "request-response", ["p"], yaml: "load: {batchBytes: \(batch), workers: 2}"
        ).expect()
        #expect(report.total.sessions == .of(inserted: 3))
        #expect(report.total.messages == .of(inserted: 12))
        #expect(report.batches.total == (batch == "4MiB" ? 1 : 3))
        loaded.append(
          try scene.rows(
            "SELECT id, session_id, created_at, md5(content) FROM exai_messages ORDER BY id"))
        let again = try await scene.run("request-response", ["p"]).expect()
        #expect(again.total.messages == .of(unchanged: 12))
      }
    }
    #expect(loaded[0] == loaded[1])
  }

  @Test func `standard input is refused, as its records are read twice`() async throws {
    try await RunScene.with { scene in
      let run = try await scene.run("request-response", ["-"])
      #expect(run.status == 78)
      #expect(run.errors.contains("request-response cannot be read from standard input"))
    }
  }
}
