internal import Testing

@testable internal import Pipeline

@Suite struct ContentHistoryTests {
  @Test(arguments: [
    (#"=== CONVERSATION HISTORY (CONTINUATION) ===\na"#, "user", 1),
    (#"Hello\n=== FILES REFERENCED IN THIS CONVERSATION ===\na"#, "user", 1),
    (#"a = b == c === d\n=== NEW USER INPUT ===\nb"#, "user", 1),
    (#"=== CONVERSATION HISTORY (CONTINUATION) ===\na"#, "assistant", 0),
    ("=== PROGRESS ===", "user", 0), ("a == b", "user", 0), ("===", "user", 0),
  ])
  func `the product's marks tell a prompt from what the user said`(
    content: String, role: String, expected: Int
  ) async throws {
    let scene = RuleScene(turns: [RuleScene.turn(role, content)])
    #expect(try await scene.found(.contentHistory) == expected)
  }
}
