internal import Testing

@testable internal import Pipeline

@Suite struct ContentRepeatedTests {
  private static let paragraph = String(repeating: "The kettle sings. ", count: 20)

  private static func scene(
    _ texts: [[String]], role: String = "user", yaml: String = ""
  ) -> RuleScene {
    let threads = texts.enumerated().map { number, texts in
      RuleScene.thread(
        "t-\(number)", texts.enumerated().map { RuleScene.turn(role, $1, at: $0) })
    }
    return RuleScene(yaml: yaml, files: ["a.jsonl": threads.joined()])
  }

  @Test func `a long text of another session counts for each session that has it again`()
    async throws
  {
    let scene = Self.scene([[Self.paragraph], [Self.paragraph], ["x", Self.paragraph]])
    try await scene.run { report, _ in
      #expect(report.findings.total(.contentRepeated) == 2)
      let samples = report.findings.samples[Rule.contentRepeated.index]
      #expect(Set(samples.map(\.field)) == ["turns[0].content", "turns[1].content"])
      #expect(Set(samples.map(\.place.line)) == [2, 3])
    }
  }

  @Test func `not within one session, not when short, and not what the system says`() async throws {
    #expect(
      try await Self.scene([[Self.paragraph, Self.paragraph]]).found(.contentRepeated) == 0)
    #expect(try await Self.scene([["Yes."], ["Yes."]]).found(.contentRepeated) == 0)
    let prompts = Self.scene([[Self.paragraph], [Self.paragraph]], role: "system")
    #expect(try await prompts.found(.contentRepeated) == 0)
  }

  @Test func `the pipeline says how long`() async throws {
    let yaml = "validate: {repeatedContentBytes: 4}"
    #expect(try await Self.scene([["Yes."], ["Yes."]], yaml: yaml).found(.contentRepeated) == 1)
    #expect(try await Self.scene([["Yes"], ["Yes"]], yaml: yaml).found(.contentRepeated) == 0)
  }
}
