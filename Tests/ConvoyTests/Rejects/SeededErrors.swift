internal import TestSupport
internal import Testing

/// Inputs of a dialect with errors that a wider mapping mends, all of them.
struct SeededErrors: Sendable, CustomTestStringConvertible {
  let format: String
  /// Names below `in` and contents.
  let files: [(name: String, text: String)]
  /// Rejects the narrow mapping leaves.
  let rejects: Int
  var isTimeless = false

  var testDescription: String { format }

  static let narrow = """
    transform: {title: first-user-message, text: reject, earliest: 2025-01-01, latest: 2025-12-31}
    """
  static let wide = """
    transform: {title: first-user-message, text: replace, earliest: 2019-01-01, latest: 2026-12-31,
      roles: {moderator: user, critic: assistant}}
    """

  static let all = [threads, chatHistory, openAIChat] + stores

  private static func turn(
    _ role: String, _ content: String, _ time: String, name: String = "timestamp"
  ) -> String {
    #"{"role":"\#(role)","content":"\#(content)","\#(name)":"\#(time)"}"#
  }

  private static func thread(_ id: String, _ turns: [String], more: String = "") -> String {
    #"{"thread_id":"\#(id)","created_at":"2025-03-01T10:00:00Z"\#(more),"turns":[\#(turns.joined(separator: ","))]}"#
  }

  static var threads: SeededErrors {
    let second = "2025-03-01T10:00:05Z"
    let tied = [
      turn("moderator", "Welcome", "2025-03-01T10:00:01Z"), turn("user", "a", second),
      turn("critic", "b", second), turn("user", "c", second), turn("critic", "c", second),
      turn("assistant", "late", "2026-06-01T00:00:00Z"), turn("user", "after", second),
    ]
    let packed = thread("packed", [turn("user", "p", second), turn("critic", "q", second)])
      .replacing("\"", with: "\\\"")
    return SeededErrors(
      format: "threads",
      files: [
        (
          "a.jsonl",
          [
            thread("tied", tied),
            thread(
              "early", [turn("user", "x", "2019-05-01T00:00:00Z"), turn("user", "y", second)]),
            thread("text", [turn("user", "a\\u0000b", second), turn("assistant", "c", second)]),
            thread(
              "whole", [turn("user", "1", second), turn("critic", "2", second)],
              more: #","initial_context":{"k":"\u0000"}"#),
            thread("fine", [turn("user", "z", second)]),
          ].joined(separator: "\n")
        ),
        (
          "dump.json",
          """
          {"thread:member": \(thread("member", [turn("critic", "m", second)])),
           "thread:refused": {"created_at": "2025-03-01T10:00:00Z", "tool_name": "a\\u0000", "turns": []},
           "thread:packed": "\(packed)"}
          """
        ),
        (
          "maps.jsonl",
          """
          {"thread:m1":{"turns":[\(turn("critic", "n", second))],"tool_name":"\\u0000"},\
          "thread:m2":{"turns":[\(turn("critic", "o", second))]}}
          """
        ),
      ], rejects: 12)
  }

  static var chatHistory: SeededErrors {
    func line(_ role: String, _ content: String, _ second: Int) -> String {
      #"{"ts":"2025-03-01T10:00:0\#(second)Z","role":"\#(role)","content":"\#(content)"}"# + "\n"
    }
    return SeededErrors(
      format: "chat-history",
      files: [
        (
          "one.jsonl",
          line("moderator", "hello", 1) + line("user", "a", 2) + line("critic", "b", 2)
            + line("user", "c", 2) + line("critic", "b", 2) + line("user", "d\\u0000", 3)
            + turn("user", "old", "2019-05-01T00:00:00Z", name: "ts") + "\n"
            + turn("user", "new", "2026-05-01T00:00:00Z", name: "ts") + "\n" + line("user", "e", 2)
        ),
        ("all.jsonl", line("critic", "x", 4) + line("moderator", "y", 4) + line("critic", "z", 1)),
        ("fine.jsonl", line("user", "z", 1)),
      ], rejects: 10)
  }

  static var openAIChat: SeededErrors {
    func message(_ role: String, _ content: String, _ more: String = "") -> String {
      #"{"role":"\#(role)","content":"\#(content)"\#(more)}"#
    }
    func call(_ id: String, _ arguments: String) -> String {
      #"{"id":"\#(id)","type":"function","function":{"name":"f","arguments":"\#(arguments)"}}"#
    }
    func result(_ id: String, _ content: String) -> String {
      #"{"role":"tool","tool_call_id":"\#(id)","content":"\#(content)"}"#
    }
    let nul = "a\\u0000"
    let records = [
      #"{"model":"m-1","messages":["#
        + [
          message("moderator", "hi"), message("user", "a"), message("critic", "b"),
          message("assistant", "c\\u0000"), message("user", "d"),
        ].joined(separator: ",") + "]}",
      #"{"messages":["#
        + [
          message("user", "q"),
          message("critic", "calls", ",\"tool_calls\":[\(call("1", "x")),\(call("2", "y"))]"),
          result("2", "second"), result("1", "first"), message("user", "thanks"),
        ].joined(separator: ",") + "]}",
      #"{"messages":["#
        + [
          message("user", "r"), message("assistant", "", ",\"tool_calls\":[\(call("3", "z"))]"),
          result("3", nul), result("lost", nul), message("user", "s"),
        ].joined(separator: ",") + "]}",
      #"{"messages":["#
        + [
          message("user", "t"),
          message("assistant", "two", ",\"tool_calls\":[\(call("4", "u")),\(call("5", nul))]"),
          message("user", "v"),
        ].joined(separator: ",") + "]}",
      #"{"note":"\u0000","messages":["# + message("user", "whole") + "]}",
      #"{"messages":["# + message("user", "fine") + "]}",
    ]
    return SeededErrors(
      format: "openai-chat", files: [("a.jsonl", records.joined(separator: "\n"))], rejects: 11,
      isTimeless: true)
  }

  /// Writes the inputs below `in`.
  func write(to directory: TemporaryDirectory) throws {
    for (name, text) in files { try directory.write("in/\(name)", text) }
  }
}
