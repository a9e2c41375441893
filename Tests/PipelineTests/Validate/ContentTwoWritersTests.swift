internal import Testing

@testable internal import Pipeline

@Suite struct ContentTwoWritersTests {
  private static func answer(_ text: String, _ milliseconds: Int) -> String {
    let time = Timestamp(microseconds: 1_759_312_800_000_000 + Int64(milliseconds) * 1_000).rfc3339
    return #"{"role":"assistant","content":"\#(text)","timestamp":"\#(time)"}"#
  }

  @Test(arguments: [
    (55, "b", "b", 1), (2_000, "b", "b", 1), (2_001, "b", "b", 0), (55, "b", "c", 0),
  ])
  func `the same answer within two seconds counts`(
    apart: Int, first: String, second: String, expected: Int
  ) async throws {
    let scene = RuleScene(turns: [
      RuleScene.turn("user", "a"), Self.answer(first, 5_000), Self.answer(second, 5_000 + apart),
    ])
    #expect(try await scene.found(.contentTwoWriters) == expected)
  }

  @Test func `a user may say a thing twice`() async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", "a"), RuleScene.turn("user", "a")])
    #expect(try await scene.found(.contentTwoWriters) == 0)
  }

  @Test func `each further copy counts, and the pipeline says how near`() async throws {
    let turns = [0, 900, 1_800].map { Self.answer("b", $0) }
    #expect(try await RuleScene(turns: turns).found(.contentTwoWriters) == 2)
    let strict = RuleScene(turns: turns, yaml: "validate: {twoWritersMilliseconds: 500}")
    #expect(try await strict.found(.contentTwoWriters) == 0)
  }
}
