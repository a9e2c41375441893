internal import Testing

@testable internal import Pipeline

@Suite struct CostWithoutTokensTests {
  @Test(arguments: [
    (#""cost_usd":0.5"#, 1), (#""cost_usd":0.5,"usage":{"input_tokens":0}"#, 1),
    (#""cost_usd":0.5,"usage":{"output_tokens":7}"#, 0), (#""cost_usd":0"#, 0),
    (#""cost_usd":-1"#, 0), (#""cost_usd":0.5,"usage":{"output_tokens":"~93"}"#, 0),
    (#""usage":{"output_tokens":7}"#, 0),
  ])
  func `a cost needs tokens`(metadata: String, expected: Int) async throws {
    #expect(try await RuleScene(answering: metadata).found(.costWithoutTokens) == expected)
  }
}
