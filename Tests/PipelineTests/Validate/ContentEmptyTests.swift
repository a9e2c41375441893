internal import Testing

@testable internal import Pipeline

@Suite struct ContentEmptyTests {
  @Test(arguments: [("", 1), (" \\t\\n", 1), ("\\u0020", 1), ("a", 0), (" . ", 0)])
  func `white space is no text, however it is written`(
    content: String, expected: Int
  ) async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", content)])
    #expect(try await scene.found(.contentEmpty) == expected)
  }

  @Test func `a tool call needs no text`() async throws {
    let line =
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","#
      + #""tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}]}"#
    let scene = RuleScene(.openAIChat, files: ["a.jsonl": line + "\n"])
    #expect(try await scene.found(.contentEmpty) == 0)
  }
}
