internal import Testing

@testable internal import Pipeline

@Suite struct TokensOutlierTests {
  @Test(arguments: [
    ("2000000", 0), ("2000001", 1), ("\"2000001\"", 1), ("3e9", 0), ("3000000000", 1),
  ])
  func `a count beyond the limit counts`(tokens: String, expected: Int) async throws {
    let scene = RuleScene(answering: "\"usage\":{\"output_tokens\":\(tokens)}")
    #expect(try await scene.found(.tokensOutlier) == expected)
  }

  @Test func `the pipeline says where the limit is`() async throws {
    var scene = RuleScene(answering: #""usage":{"output_tokens":101}"#)
    scene.yaml = "validate: {outlierTokens: 100}"
    #expect(try await scene.found(.tokensOutlier) == 1)
  }
}
