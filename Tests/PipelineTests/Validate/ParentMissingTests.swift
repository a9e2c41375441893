internal import Testing

@testable internal import Pipeline

@Suite struct ParentMissingTests {
  @Test(arguments: [
    ("\"t-2\"", 0), ("\"T-2\"", 0), ("\"thread:t-2\"", 0), ("\"t-3\"", 1), ("null", 0),
    ("\"\"", 0), ("7", 0),
  ])
  func `a parent may be anywhere in the input, in any spelling of its key`(
    parent: String, expected: Int
  ) async throws {
    let scene = RuleScene(files: [
      "a.jsonl": RuleScene.thread("t-1", [], ",\"parent_thread_id\":\(parent)"),
      "b.jsonl": RuleScene.thread("t-2", []),
    ])
    #expect(try await scene.found(.parentMissing) == expected)
  }
}
