internal import Testing

@testable internal import Pipeline

@Suite struct ValuePlaceholderTests {
  @Test(arguments: [
    (#","model_name":"string""#, 1), (#","tool_name":"string","model_provider":"string""#, 2),
    (#","model_metadata":{"additionalProp1":{}}"#, 1),
    (#","request":"3fa85f64-5717-4562-b3fc-2c963f66afa6""#, 1),
    (#","request":"2019-08-24T14:15:22Z""#, 1), (#","model_name":"strung""#, 0),
    (#","model_metadata":{"type":"string"}"#, 0), (#","model_metadata":{}"#, 0),
  ])
  func `the examples of API documentation are told`(members: String, expected: Int) async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", "a", members)])
    #expect(try await scene.found(.valuePlaceholder) == expected)
  }

  @Test func `so they are in place of a text or of a session's key`() async throws {
    let text = RuleScene(turns: [RuleScene.turn("user", "string")])
    #expect(try await text.found(.valuePlaceholder) == 1)
    let key = RuleScene(files: ["a.jsonl": RuleScene.thread("string", [])])
    #expect(try await key.found(.valuePlaceholder) == 1)
  }
}
