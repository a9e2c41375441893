internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct OpenAIRunTests {
  private static let stored = """
    SELECT role, content, tool_name, tool_args, tool_result, metadata
    FROM exai_messages ORDER BY created_at, metadata->'legacy'->'index'
    """

  @Test func `calls carry their results, one row a call`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"""
        {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"2","type":"function","function":{"name":"g","arguments":"not json"}}]},{"role":"tool","tool_call_id":"2","content":"two"},{"role":"tool","tool_call_id":"1","name":"f","content":[{"type":"text","text":"one"}]},{"role":"assistant","content":"done"}],"tools":[{"type":"function"}],"model":"gpt-x","seed":7}
        """#)
      let report = try await scene.run("openai-chat", ["o.jsonl"]).expect()
      // Messages are counted as they were found; the second call of one is a row of its own.
      #expect(report.total.messages == .of(inserted: 3, merged: 2))
      #expect(report.rowsWritten == ["exai_sessions": 1, "exai_messages": 4])
      #expect(
        try scene.rows(Self.stored) == [
          ["user", "q", nil, nil, nil, #"{"legacy": {"index": 0}}"#],
          [
            "assistant", "", "f", #"{"a": 1}"#, #"{"output": "one"}"#,
            #"{"legacy": {"index": 1}, "tool_call_id": "1"}"#,
          ],
          [
            "assistant", "", "g", #"{"input": "not json"}"#, #"{"output": "two"}"#,
            #"{"legacy": {"part": 1, "index": 1}, "tool_call_id": "2"}"#,
          ],
          ["assistant", "done", nil, nil, nil, #"{"legacy": {"index": 4}}"#],
        ])
      #expect(
        try scene.rows("SELECT DISTINCT model_used FROM exai_messages WHERE role = 'assistant'")
          == [["gpt-x"]])
      #expect(
        try scene.rows(
          "SELECT title, metadata->'tools', metadata->'legacy'->'seed', metadata->'legacy'->>'model' FROM exai_sessions"
        ) == [["q", #"[{"type": "function"}]"#, "7", "gpt-x"]])
    }
  }

  @Test func `a result without call and a call without result are kept and counted`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"""
        {"messages":[{"role":"user","content":"q"},{"role":"tool","tool_call_id":"x","name":"f","content":{"ok":true}},{"role":"assistant","content":"text","tool_calls":[{"id":"9","type":"function","function":{"name":"g","arguments":{"b":2}}}]}]}
        """#)
      let report = try await scene.run("openai-chat", ["o.jsonl"]).expect()
      #expect(report.found["tool.result-without-call"] == 1)
      #expect(report.found["tool.call-without-result"] == 1)
      #expect(
        try scene.rows(Self.stored) == [
          ["user", "q", nil, nil, nil, #"{"legacy": {"index": 0}}"#],
          [
            "system", "", "f", nil, #"{"ok": true}"#,
            #"{"legacy": {"name": "f", "role": "tool", "index": 1}, "tool_call_id": "x"}"#,
          ],
          [
            "assistant", "text", "g", #"{"b": 2}"#, nil,
            #"{"legacy": {"index": 2}, "tool_status": "unanswered", "tool_call_id": "9"}"#,
          ],
        ])
    }
  }

  @Test func `the older function calls pair by name`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"""
        {"messages":[{"role":"assistant","content":null,"function_call":{"name":"h","arguments":"{\"z\":2}"}},{"role":"function","name":"h","content":"r"}]}
        """#)
      try await scene.run("openai-chat", ["o.jsonl"]).expect()
      #expect(
        try scene.rows("SELECT role, tool_name, tool_args, tool_result FROM exai_messages")
          == [["assistant", "h", #"{"z": 2}"#, #"{"output": "r"}"#]])
    }
  }

  @Test func `roles the table lacks become system with their word kept`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"{"messages":[{"role":"developer","content":"d"},{"role":"system","content":"s"},{"role":"critic","content":"c"}]}"#
      )
      let run = try await scene.run(
        "openai-chat", ["o.jsonl"], yaml: "transform: {roles: {critic: assistant}}")
      let report = try run.expect()
      #expect(report.found["role.mapped"] == 2)
      #expect(
        try scene.rows(
          "SELECT content, role, metadata->'legacy'->>'role' FROM exai_messages ORDER BY created_at"
        )
          == [["d", "system", "developer"], ["s", "system", nil], ["c", "assistant", "critic"]])
    }
  }

  @Test func `parts of text are joined and all other parts kept beside them`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"""
        {"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"text","text":"b"}]},{"role":"assistant","content":null},{"role":"assistant","content":""}]}
        """#)
      let run = try await scene.run("openai-chat", ["o.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.messages == .of(inserted: 2, rejected: 1))
      #expect(try run.rejects.map(\.text) == [#"{"role":"assistant","content":null}"#])
      #expect(
        try scene.rows(
          "SELECT content, metadata->'content_parts'->1 FROM exai_messages ORDER BY created_at")
          == [
            ["a\nb", #"{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}"#],
            ["", nil],
          ])
    }
  }

  @Test func `arrays, trajectories and batch requests hold conversations too`() async throws {
    let list = { (text: String) in #"[{"role":"user","content":"\#(text)"}]"# }
    try await RunScene.with { scene in
      try scene.directory.write(
        "array.json", "[{\"messages\":\(list("a"))},\n{\"messages\":\(list("b"))}]")
      try scene.directory.write(
        "traj.json", "{\n \"traj\": \(list("c")),\n \"info\": {\"reward\": 1}\n}")
      try scene.directory.write(
        "batch.jsonl", "{\"custom_id\":\"r1\",\"body\":{\"model\":\"m\",\"messages\":\(list("d"))}}"
      )
      try scene.directory.write("bare.jsonl", list("e") + "\n" + list("f"))
      let inputs = ["array.json", "traj.json", "batch.jsonl", "bare.jsonl"]
      let report = try await scene.run("openai-chat", inputs).expect()
      #expect(report.inputs.map(\.tally.sessions.inserted) == [2, 1, 1, 2])
      let titles = try scene.rows("SELECT title FROM exai_sessions ORDER BY 1")
      #expect(titles == ["a", "b", "c", "d", "e", "f"].map { [$0] })
    }
  }

  @Test func `a record that comes again is counted as merged and stored once`() async throws {
    let record = #"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#
    let respelled =
      #"{ "messages" : [ {"content":"\u0071","role":"user"}, {"role":"assistant","content":"a"} ] }"#
    try await RunScene.with { scene in
      try scene.directory.write("o.jsonl", [record, respelled, record].joined(separator: "\n"))
      let report = try await scene.run("openai-chat", ["o.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 1, merged: 2))
      #expect(report.total.messages == .of(inserted: 2, merged: 4))
    }
  }

  @Test func `records without times are not changed by another file that has them too`()
    async throws
  {
    let record = #"{"messages":[{"role":"user","content":"q"}]}"#
    try await RunScene.with { scene in
      try scene.directory.write("a.jsonl", record)
      try scene.directory.write("b.jsonl", "\n" + record)
      try await scene.run("openai-chat", ["a.jsonl"]).expect()
      let before = try scene.checksum()
      let report = try await scene.run("openai-chat", ["b.jsonl"]).expect()
      #expect(report.total.sessions == .of(unchanged: 1))
      #expect(report.total.messages == .of(unchanged: 1))
      #expect(try scene.checksum() == before)
    }
  }

  @Test func `other chat formats are rejected by the name of what was seen`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "o.jsonl",
        #"""
        {"prompt":"p","completion":"c"}
        {"conversations":[]}
        {"instruction":"i","output":"o"}
        """#)
      let run = try await scene.run("openai-chat", ["o.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(rejected: 3))
      #expect(
        try run.rejects.map(\.message) == [
          "prompt/completion pairs are not a chat", "this is ShareGPT, not OpenAI chat",
          "instruction/output rows are not a chat",
        ])
    }
  }
}
