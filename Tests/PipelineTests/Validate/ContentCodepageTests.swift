internal import Testing

@testable internal import Pipeline

@Suite struct ContentCodepageTests {
  @Test(arguments: [
    ("a cafÃ© for birds", 1), ("Itâ€™s here", 1), ("21 Â°C", 1), ("Ã\u{A0} table", 1),
    ("birds ðŸ\u{90}¦", 1), ("Ð¿Ñ€Ð¸", 1), (#"a caf\u00c3\u00a9"#, 1),
    (#"It\u00e2\u20ac\u2122s"#, 1),
    ("a café for birds", 0), ("It’s 21 °C", 0), ("São Paulo, MAÇÃ, Â, château", 0), ("🐦", 0),
    ("при", 0), ("Ã", 0), (#"a caf\u00e9, \\u00c3\\u00a9"#, 0), ("Ãa", 0), ("", 0),
  ])
  func `a text whose characters are the bytes of another tells its codepage`(
    content: String, expected: Int
  ) async throws {
    let scene = RuleScene(turns: [RuleScene.turn("user", content)])
    #expect(try await scene.found(.contentCodepage) == expected)
  }
}
