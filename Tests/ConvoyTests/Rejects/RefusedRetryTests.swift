internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Rejects of rows that the target refused, and took once it was mended.
@Suite struct RefusedRetryTests {
  private static let forbid = """
    ALTER TABLE exai_sessions ADD CONSTRAINT known CHECK (continuation_id NOT LIKE 'bad%');
    ALTER TABLE exai_messages ADD CONSTRAINT polite CHECK (content NOT LIKE 'rude%');
    """
  private static let allow = """
    ALTER TABLE exai_sessions DROP CONSTRAINT known; ALTER TABLE exai_messages DROP CONSTRAINT polite
    """

  private static func write(_ format: String, to directory: TemporaryDirectory) throws {
    func line(_ content: String, _ second: Int) -> String {
      #"{"ts":"2025-03-01T10:00:0\#(second)Z","role":"user","content":"\#(content)"}"# + "\n"
    }
    func thread(_ id: String, _ contents: [String]) -> String {
      let turns = contents.map {
        #"{"role":"user","timestamp":"2025-03-01T10:00:01Z","content":"\#($0)"}"#
      }
      return #"{"thread_id":"\#(id)","turns":[\#(turns.joined(separator: ","))]}"# + "\n"
    }
    switch format {
    case "threads":
      try directory.write(
        "in/a.jsonl",
        thread("bad1", ["x", "y"]) + thread("good", ["a", "rude", "b"])
          + thread("bad2", ["rude", "z"]) + thread("first", ["rude", "c"]))
    case "chat-history":
      try directory.write("in/bad.jsonl", line("x", 1) + line("rude", 1) + line("y", 2))
      try directory.write("in/good.jsonl", line("rude", 1) + line("rude", 1) + line("b", 1))
    default:
      try directory.write(
        "in/a.jsonl",
        [
          #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"rude","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}},{"id":"2","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"},{"role":"tool","tool_call_id":"2","content":"s"}]}"#,
          #"{"model":"m","messages":[{"role":"assistant","content":"rude"},{"role":"user","content":"b"}]}"#,
        ].joined(separator: "\n"))
    }
  }

  @Test(arguments: [("threads", 8), ("chat-history", 6), ("openai-chat", 3)])
  func `rows that the target takes by now are those of a load it took at once`(
    format: String, rejects: Int
  ) async throws {
    let isTimeless = format == "openai-chat"
    try await RunScene.with { fresh in
      try Self.write(format, to: fresh.directory)
      try await fresh.run(format, ["in"]).expect()
      try await RunScene.withAnother { scene in
        try Self.write(format, to: scene.directory)
        try scene.execute(Self.forbid)
        let first = try await scene.run(format, ["in"])
        try first.expect(3)
        #expect(try first.rejects.count == rejects)
        let still = try await scene.retry(format, report: "still")
        #expect(try still.expect(3).rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
        #expect(try still.rejects.count == rejects)
        try scene.execute(Self.allow)
        for file in ["report", "still", "report"] {
          try await scene.retry(format, "\(file)/rejects.jsonl").expect()
          #expect(
            try scene.everything(isTimeless: isTimeless)
              == fresh.everything(isTimeless: isTimeless))
        }
      }
    }
  }

  @Test
  func
    `a message whose session is nowhere stays, and one whose session is only in the target loads`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.write("threads", to: scene.directory)
      try scene.execute(Self.forbid)
      try await scene.run("threads", ["in"]).expect(3)
      try scene.execute(Self.allow)
      let lines = String(decoding: try scene.directory.read("report/rejects.jsonl"), as: UTF8.self)
        .split(separator: "\n")
      let messages = lines.filter { $0.contains(#""kind":"message""#) }
      #expect(messages.count == 6)
      try scene.directory.write("messages.jsonl", messages.joined(separator: "\n") + "\n")
      let retried = try await scene.retry("threads", "messages.jsonl")
      let report = try retried.expect(3)
      #expect(report.total.messages == .of(inserted: 2, rejected: 4))
      #expect(report.total.sessions == .of())
      #expect(
        try Set(retried.rejects.map(\.message))
          == ["its session is neither in the target nor among the rejects"])
      // With the sessions' own lines beside them they load, each once.
      let rest = lines.filter { $0.contains(#""kind":"session""#) }
      try scene.directory.write(
        "all.jsonl", (messages + rest).joined(separator: "\n") + "\n")
      let all = try await scene.retry("threads", "all.jsonl").expect()
      #expect(all.total.sessions == .of(inserted: 2))
      #expect(all.total.messages == .of(inserted: 4, unchanged: 2))
    }
  }

  @Test func `a title that somebody gave meanwhile stays`() async throws {
    try await RunScene.with { scene in
      let turns = ["moderator", "user"].map {
        #"{"role":"\#($0)","content":"by the \#($0)","timestamp":"2025-03-01T10:00:01Z"}"#
      }.joined(separator: ",")
      try scene.directory.write(
        "t.jsonl",
        ["a", "b"].map { #"{"thread_id":"\#($0)","turns":[\#(turns)]}"# }.joined(separator: "\n"))
      try await scene.run("threads", ["t.jsonl"]).expect(3)
      try scene.execute("UPDATE exai_sessions SET title = 'Mine' WHERE continuation_id = 'b'")
      try await scene.retry("threads", yaml: "transform: {roles: {moderator: user}}").expect()
      #expect(
        try scene.rows("SELECT continuation_id, title FROM exai_sessions ORDER BY 1")
          == [["a", "by the moderator"], ["b", "Mine"]])
    }
  }
}
