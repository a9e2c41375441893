/// Seeded errors of the stores that lie in files of their own.
extension SeededErrors {
  static let stores = [toolCalls, auggie, conversationTracker, agentMemory]

  private static var toolCalls: SeededErrors {
    func call(_ time: String, _ error: String = "null") -> String {
      #"{"provider":"kimi","tool_name":"f","args":{"p":1},"start_ts":\#(time),"error":\#(error)}"#
    }
    func boundary(_ time: String, _ arguments: String) -> String {
      #"{"provider":"boundary","tool_name":"g","args":{\#(arguments),"req_id":"b"},"start_ts":\#(time)}"#
    }
    func event(_ name: String, _ time: String, _ rest: String) -> String {
      #"{"timestamp":\#(time),"event":"tool_\#(name)","tool":"h","request_id":"r",\#(rest)}"#
    }
    let lines = [
      call("1740823200.5"), call("1740823201", #""bad\u0000""#), call("1556704800.25"),
      call("1780272000"), event("start", "1740823202", #""params":{}"#),
      event("complete", "1740823203", #""duration_secs":1,"result":"r\u0000""#),
      boundary("1556704900", #""arg_count":1"#),
      boundary("1556704901", #""event":"TOOL_COMPLETED""#), call("1740823205"),
    ]
    return SeededErrors(
      format: "tool-calls", files: [("calls.jsonl", lines.joined(separator: "\n"))], rejects: 7)
  }

  private static var auggie: SeededErrors {
    func entry(_ prompt: String, _ content: String, _ tool: String = "t") -> String {
      #"{"tool":"\#(tool)","model":"m","prompt":"\#(prompt)","content":"\#(content)"}"#
    }
    let nul = "a\\u0000"
    let first = [entry(nul, "1"), entry("q", nul), entry("r", "2", nul), entry("s", "3")]
    return SeededErrors(
      format: "auggie",
      files: [
        (
          "store.json",
          """
          {"one": {"history": [\(first.joined(separator: ","))], "_ts": 1740823200},
           "null": {"history": [\(entry("t", "4"))]},
           "null": {"history": [\(entry("u", "5"))], "last_model": "\(nul)"}}
          """
        )
      ], rejects: 7, isTimeless: true)
  }

  private static var conversationTracker: SeededErrors {
    func message(_ role: String, _ content: String, _ time: String) -> String {
      #"{"role":"\#(role)","content":"\#(content)","timestamp":"\#(time)"}"#
    }
    func conversation(_ id: String, _ messages: [String], _ rest: String = "") -> String {
      #"{"conversation_id":"glm_conv_\#(id)","provider":"glm","created_at":"2025-03-01T10:00:00Z"\#(rest),"messages":[\#(messages.joined(separator: ","))]}"#
    }
    let time = "2025-03-01T10:00:01Z"
    return SeededErrors(
      format: "conversation-tracker",
      files: [
        (
          "one.json",
          conversation(
            "1",
            [
              message("moderator", "a", time), message("critic", "b", time),
              message("assistant", "c\\u0000", time), message("user", "d", "2019-05-01T00:00:00Z"),
              message("user", "e", time),
            ])
        ),
        (
          "two.json",
          conversation("2", [message("user", "f", time)], #","metadata":{"k":"\u0000"}"#)
        ),
      ], rejects: 5)
  }

  private static var agentMemory: SeededErrors {
    func note(_ time: String, _ content: String) -> String {
      #"{"timestamp":"\#(time)","category":"c","content":"\#(content)"}"#
    }
    let time = "2025-03-01T10:00:01Z"
    let notes = [note(time, "a\\u0000"), note("2019-05-01T00:00:00Z", "b"), note(time, "c")]
    return SeededErrors(
      format: "agent-memory",
      files: [
        ("memory.json", "[\n\(notes.joined(separator: ",\n"))\n]"),
        (
          "session.json",
          """
          {"session_id": "s", "start_time": "\(time)", "decisions": ["d\\u0000", "e"],
           "operations": [{"timestamp": "2019-05-01T00:00:00Z", "n": 1}, {"n": [2, "x y"]}]}
          """
        ),
      ], rejects: 4, isTimeless: true)
  }
}
