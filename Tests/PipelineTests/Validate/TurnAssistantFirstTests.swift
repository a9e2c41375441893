internal import Testing

@testable internal import Pipeline

@Suite struct TurnAssistantFirstTests {
  @Test(arguments: [
    (["assistant", "user"], 1), (["system", "assistant", "assistant"], 1),
    (["user", "assistant", "assistant"], 0), (["system", "user"], 0),
  ])
  func `only an answer that nobody asked for counts, and once`(
    roles: [String], expected: Int
  ) async throws {
    let turns = roles.enumerated().map { RuleScene.turn($1, "m\($0)", at: $0) }
    #expect(try await RuleScene(turns: turns).found(.turnAssistantFirst) == expected)
  }
}
