internal import Testing

@testable internal import Pipeline

@Suite struct TurnUserTwiceTests {
  @Test(arguments: [
    (["user", "assistant", "user"], 0), (["user", "user"], 1), (["user", "user", "user"], 2),
    (["user", "system", "user"], 0), (["assistant", "assistant"], 0),
  ])
  func `only a user who speaks again unanswered counts`(
    roles: [String], expected: Int
  ) async throws {
    let turns = roles.enumerated().map { RuleScene.turn($1, "m\($0)", at: $0) }
    #expect(try await RuleScene(turns: turns).found(.turnUserTwice) == expected)
  }

  @Test func `a line of the chat history knows the line before it`() async throws {
    let lines =
      #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"a"}"# + "\n"
      + #"{"ts":"2025-10-05T10:12:34Z","role":"user","content":"b"}"# + "\n"
    let scene = RuleScene(.chatHistory, files: ["a.jsonl": lines, "b.jsonl": lines])
    #expect(try await scene.found(.turnUserTwice) == 2)
  }
}
