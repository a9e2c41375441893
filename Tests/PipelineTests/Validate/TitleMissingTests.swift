internal import Testing

@testable internal import Pipeline

@Suite struct TitleMissingTests {
  @Test(arguments: [
    ("", "user", 0), ("", "assistant", 1), (#","title":"Tea""#, "assistant", 0),
    (#","title":"""#, "assistant", 1),
  ])
  func `a title is the session's own or its user's words`(
    fields: String, role: String, expected: Int
  ) async throws {
    let scene = RuleScene(turns: [RuleScene.turn(role, "a")], fields: fields)
    #expect(try await scene.found(.titleMissing) == expected)
  }

  @Test func `where none is wanted none is missing`() async throws {
    let scene = RuleScene(
      turns: [RuleScene.turn("assistant", "a")], yaml: "transform: {title: none}")
    #expect(try await scene.found(.titleMissing) == 0)
  }

  @Test func `a file of the chat history is asked once, at its end`() async throws {
    let line = #"{"role":"assistant","content":"a"}"# + "\n"
    let scene = RuleScene(
      .chatHistory, yaml: "load: {batchRows: 1}", files: ["a.jsonl": line + line + line])
    #expect(try await scene.found(.titleMissing) == 1)
  }
}
