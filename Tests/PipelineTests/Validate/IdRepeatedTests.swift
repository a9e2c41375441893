internal import Testing

@testable internal import Pipeline

@Suite struct IdRepeatedTests {
  @Test func `each further copy of a session counts, wherever it is`() async throws {
    let one = RuleScene.thread("t-1", [])
    let scene = RuleScene(files: [
      "a.jsonl": one + one, "b.jsonl": RuleScene.thread("t-2", []) + one,
    ])
    try await scene.run { report, _ in
      #expect(report.findings.total(.idRepeated) == 2)
      #expect(report.total.sessions.merged == 2)
      #expect(report.findings.total(.idCollision) == 0)
    }
  }

  @Test func `a message of the chat history that stands there twice is one`() async throws {
    let pair =
      #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"a"}"# + "\n"
      + #"{"ts":"2025-10-05T10:12:34Z","role":"assistant","content":"b"}"# + "\n"
    let scene = RuleScene(.chatHistory, files: ["a.jsonl": pair + pair])
    try await scene.run { report, _ in
      #expect(report.findings.total(.idRepeated) == 2)
      #expect(report.total.messages.merged == 2)
    }
  }

  @Test func `the same words of another session are other messages`() async throws {
    let line = #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"a"}"# + "\n"
    let scene = RuleScene(.chatHistory, files: ["a.jsonl": line, "b.jsonl": line])
    #expect(try await scene.found(.idRepeated) == 0)
  }
}
