internal import Testing

@testable internal import Pipeline

@Suite struct ParentSelfTests {
  @Test(arguments: [("t-1", 1), ("T-1", 1), ("{t-1}", 1), ("t-2", 0)])
  func `a session that continues itself counts, and as no cycle`(
    parent: String, expected: Int
  ) async throws {
    let found = try await RuleScene(turns: [], fields: ",\"parent_thread_id\":\"\(parent)\"")
      .found()
    #expect((found[.parentSelf] ?? 0) == expected)
    #expect(found[.parentCycle] == nil)
    #expect((found[.parentMissing] ?? 0) == 1 - expected)
  }
}
