internal import Testing

@testable internal import Pipeline

@Suite struct ValueNegativeTests {
  @Test(arguments: [
    (#""cost_usd":-0.5"#, 1), (#""response_time_ms":-1"#, 1), (#""usage":{"tokens_in":-1}"#, 1),
    (#""usage":{"tokens_in":-1,"tokens_out":"-2"}"#, 2), (#""cost_usd":-0.0"#, 0),
    (#""usage":{"tokens_in":"-"}"#, 0), (#""cost_usd":1"#, 0),
  ])
  func `each number below zero counts`(metadata: String, expected: Int) async throws {
    #expect(try await RuleScene(answering: metadata).found(.valueNegative) == expected)
  }
}
