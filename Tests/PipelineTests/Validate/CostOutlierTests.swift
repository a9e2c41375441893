internal import Testing

@testable internal import Pipeline

@Suite struct CostOutlierTests {
  @Test(arguments: [("100", 0), ("100.01", 1), ("\"250\"", 1), ("0.01", 0), ("-500", 0)])
  func `a cost beyond the limit counts`(cost: String, expected: Int) async throws {
    let scene = RuleScene(answering: "\"cost_usd\":\(cost)")
    #expect(try await scene.found(.costOutlier) == expected)
  }

  @Test func `the pipeline says where the limit is`() async throws {
    var scene = RuleScene(answering: #""cost_usd":2"#)
    scene.yaml = "validate: {outlierCostDollars: 1}"
    #expect(try await scene.found(.costOutlier) == 1)
  }
}
