internal import Testing

@testable internal import Pipeline

@Suite struct ContentTruncatedTests {
  @Test(arguments: [
    ("One … [truncated]", 1), ("One ... (1200 more characters)", 1), ("One <TRUNCATED>", 1),
    ("One [... output truncated, 7 lines]", 1), ("truncated [1]", 0), ("One two (three)", 0),
    ("One...", 0), ("It was truncated.", 0), ("[truncated] is what it said", 0), ("]", 0),
  ])
  func `a remark at the end tells a preview`(content: String, expected: Int) async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", content)])
    #expect(try await scene.found(.contentTruncated) == expected)
  }

  @Test(arguments: [
    (#","result_truncated":true"#, 1), (#","truncated":true"#, 1), (#","truncated":false"#, 0),
    (#","untouched":true"#, 0),
  ])
  func `so does a field beside it`(members: String, expected: Int) async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", "One", members)])
    #expect(try await scene.found(.contentTruncated) == expected)
  }
}
