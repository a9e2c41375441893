internal import Pipeline
internal import TestSupport
internal import Testing

/// Conversations of OpenAI's form with more messages than a batch has rows.
@Suite struct LongChatTests {
  private static let batchRows = 2_000
  private static let yaml = "load: {batchRows: \(batchRows)}"
  private static let count = 8_000
  /// A call whose result is far behind it, one without a result, and a result without a call.
  private static let (call, result, unanswered, orphan) = (1_000, 5_000, 6_001, 7_002)

  private static func message(_ index: Int) -> String {
    switch index {
    case call:
      #"{"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"far"},"id":"f"}]}"#
    case result: #"{"content":"found","role":"tool","tool_call_id":"f"}"#
    case unanswered:
      #"{"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"lost"},"id":"u"}]}"#
    case orphan: #"{"content":"alone","role":"tool","tool_call_id":"o"}"#
    case _ where index.isMultiple(of: 2): #"{"content":"message \#(index)","role":"user"}"#
    default: #"{"content":"message \#(index)","role":"assistant"}"#
    }
  }

  /// In canonical form: the session's id hangs on a digest of that.
  private static let record =
    #"{"messages":[\#((0..<count).map(message).joined(separator: ","))],"model":"m","other":["kept"]}"#
  /// The same, written in another way.
  private static let input =
    #"{"model":"m", "messages":[\#((0..<count).map(message).joined(separator: " , "))],"other":[ "kept"]}"#

  @Test func `a conversation goes in batches, its calls with their results however far they are`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("c.jsonl", Self.input)
      let dry = try await scene.run(
        "openai-chat", ["c.jsonl"], yaml: Self.yaml, options: ["--dry-run"]
      ).expect()
      let report = try await scene.run("openai-chat", ["c.jsonl"], yaml: Self.yaml).expect()
      for report in [dry, report] {
        #expect(report.total.sessions == .of(inserted: 1))
        #expect(report.total.messages == .of(inserted: Self.count - 1, merged: 1))
        #expect(report.found["tool.call-without-result"] == 1)
        #expect(report.found["tool.result-without-call"] == 1)
      }
      #expect(report.batches.total > 1)
      #expect(
        try scene.rows(
          """
          SELECT continuation_id = 'openai:' || left(encode(sha256($text$\(Self.record)$text$), 'hex'), 32),
            metadata#>>'{legacy,other}', title FROM exai_sessions
          """) == [["t", #"["kept"]"#, "message 0"]])
      #expect(
        try scene.rows(
          """
          SELECT tool_name, tool_result::text, metadata#>>'{legacy,index}', model_used FROM exai_messages
          WHERE content NOT LIKE 'message %' ORDER BY (metadata#>>'{legacy,index}')::int
          """) == [
            ["far", #"{"output": "found"}"#, "\(Self.call)", "m"],
            ["lost", nil, "\(Self.unanswered)", "m"],
            [nil, #"{"output": "alone"}"#, "\(Self.orphan)", nil],
          ])
      #expect(
        try scene.rows(
          """
          SELECT count(*), count(DISTINCT id), count(DISTINCT created_at),
            bool_and(content = 'message ' || (metadata#>>'{legacy,index}')),
            count(*) FILTER (WHERE model_used = 'm') FROM exai_messages WHERE content LIKE 'message %'
          """) == [
            [
              "\(Self.count - 4)", "\(Self.count - 4)", "\(Self.count - 4)", "t",
              "\(Self.count / 2 - 1)",
            ]
          ])
      let again = try await scene.run(
        "openai-chat", ["c.jsonl"], yaml: Self.yaml, options: ["--restart"]
      ).expect()
      #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
    }
  }
}
