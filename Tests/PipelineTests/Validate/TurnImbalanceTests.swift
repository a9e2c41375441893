internal import Testing

@testable internal import Pipeline

@Suite struct TurnImbalanceTests {
  private static func scene(_ users: Int, _ assistants: Int, _ yaml: String = "") -> RuleScene {
    let roles =
      Array(repeating: "user", count: users) + Array(repeating: "assistant", count: assistants)
    return RuleScene(
      turns: roles.enumerated().map { RuleScene.turn($1, "m\($0)", at: $0) }, yaml: yaml)
  }

  @Test(arguments: [(3, 3, 0), (3, 2, 0), (3, 1, 1), (0, 2, 1), (6, 8, 1)])
  func `more than one message apart counts once a session`(
    users: Int, assistants: Int, expected: Int
  ) async throws {
    #expect(try await Self.scene(users, assistants).found(.turnImbalance) == expected)
  }

  @Test func `the pipeline says how many`() async throws {
    let wide = Self.scene(6, 8, "validate: {roleDifferenceMessages: 2}")
    #expect(try await wide.found(.turnImbalance) == 0)
    let narrow = Self.scene(3, 2, "validate: {roleDifferenceMessages: 0}")
    #expect(
      try await narrow.messages(.turnImbalance) == [
        "3 messages of the user, 2 of the assistant"
      ])
  }

  @Test func `tool calls are nobody's turn`() async throws {
    let call =
      #"{"role":"assistant","content":null,"tool_calls":[{"id":"c","#
      + #""function":{"name":"f","arguments":"{}"}}]}"#
    let line =
      #"{"messages":[{"role":"user","content":"a"},"#
      + "\(call),\(call),\(call)," + #"{"role":"assistant","content":"b"}]}"#
    let scene = RuleScene(.openAIChat, files: ["a.jsonl": line + "\n"])
    #expect(try await scene.found(.turnImbalance) == 0)
    #expect(try await scene.found(.turnAssistantFirst) == 0)
  }
}
