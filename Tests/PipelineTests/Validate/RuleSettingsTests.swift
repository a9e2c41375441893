internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RuleSettingsTests {
  /// A run without a target, of a pipeline that gives rules these severities.
  private static func scene(_ severities: String, _ scene: RuleScene) -> RuleScene {
    var scene = scene
    scene.yaml += "\nvalidate: {severity: {\(severities)}}"
    return scene
  }

  /// What is written of the rejects.
  private static func rejects(_ directory: TemporaryDirectory) throws -> String {
    String(decoding: try directory.read("report/rejects.jsonl"), as: UTF8.self)
  }

  private static let twice = RuleScene(turns: [
    RuleScene.turn("user", "a"), RuleScene.turn("user", "b", at: 1),
    RuleScene.turn("assistant", "c", at: 2),
  ])

  @Test func `a rule that is off finds nothing`() async throws {
    let found = try await Self.scene("turn.user-twice: off", Self.twice).found()
    #expect(found[.turnUserTwice] == nil)
  }

  @Test func `report and order of the findings have the pipeline's severity`() async throws {
    let scene = Self.scene("turn.user-twice: warning, turn.imbalance: info", Self.twice)
    try await scene.run { report, _ in
      #expect(report.rules.severity(of: .turnUserTwice) == .warning)
      #expect(report.rankedFindings.first?.rule == .turnUserTwice)
      #expect(report.json().contains(#""severity": "warning""#))
      #expect(report.outcome == .done)
    }
  }

  @Test func `a message whose rule is an error is rejected with its bytes, and the rest loads`()
    async throws
  {
    let scene = Self.scene("turn.user-twice: error", Self.twice)
    try await scene.run { report, directory in
      #expect(report.outcome == .rejects)
      #expect(report.total.messages.rejected == 1)
      #expect(report.total.messages.inserted == 2)
      #expect(report.findings.total(.turnUserTwice) == 1)
      #expect(report.isBalanced)
      let lines = try Self.rejects(directory)
      #expect(lines.contains(#""rule":"turn.user-twice","kind":"message","field":"turns[1]""#))
      #expect(lines.contains(#"\"content\":\"b\""#))
    }
  }

  /// Rules about a message that are found out at each stage there is.
  @Test(arguments: [
    (Rule.roleMapped, 1), (.timeMissing, 1), (.timeNaive, 1), (.timeTie, 1), (.timeBackward, 1),
    (.valueRange, 1), (.contentEmpty, 1), (.contentTwoWriters, 1), (.secretFound, 1),
    (.valueNegative, 1), (.contentHistory, 1), (.contentHistoryStripped, 1), (.valuePlaceholder, 1),
    (.timeFuture, 1),
  ])
  func `every rule about a message can reject it`(rule: Rule, rejected: Int) async throws {
    guard case .offline(let scene) = rule.fixture else { return }
    try await Self.scene("\(rule.rawValue): error", scene).run { report, directory in
      #expect(report.total.messages.rejected == rejected)
      #expect(report.rejectLines == rejected)
      #expect(report.findings.total(rule) == 1)
      #expect(report.total.sessions.inserted == 1)
      #expect(report.isBalanced)
      let lines = try Self.rejects(directory)
      #expect(lines.contains("\"rule\":\"\(rule.rawValue)\""))
    }
  }

  @Test(arguments: [
    Rule.sessionEmpty, .turnImbalance, .parentSelf, .titleMissing, .jsonDuplicateKey,
  ])
  func `a session whose rule is an error is rejected whole`(rule: Rule) async throws {
    guard case .offline(var scene) = rule.fixture else { return }
    scene.files["b.jsonl"] = RuleScene.thread("t-9", [RuleScene.turn("user", "fine")])
    try await Self.scene("\(rule.rawValue): error", scene).run { report, directory in
      #expect(report.total.sessions.rejected == 1)
      #expect(report.total.sessions.inserted == 1)
      #expect(report.total.messages.inserted == 1)
      #expect(report.total.messages.rejected == report.total.messages.read - 1)
      #expect(report.rejectLines == 1)
      #expect(report.isBalanced)
      let lines = try Self.rejects(directory)
      #expect(lines.contains("\"kind\":\"session\""))
    }
  }

  @Test func `a rejected row leaves no trace in those that follow`() async throws {
    // The time of the second message is the first's; without the second the third one's is free again.
    let turns = [
      RuleScene.turn("user", "a"), RuleScene.turn("assistant", "b"),
      RuleScene.turn("user", "c", at: 1),
    ]
    try await Self.scene("time.tie: error", RuleScene(turns: turns)).run { report, _ in
      #expect(report.total.messages.rejected == 1)
      #expect(report.total.messages.inserted == 2)
      #expect(report.findings.total(.timeTie) == 1)
    }
  }

  @Test func `a tool call is rejected with all its rows and its results`() async throws {
    let line =
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""#
      + SecretSamples.key + #"","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}},"#
      + #"{"id":"d","function":{"name":"g","arguments":"{}"}}]},"#
      + #"{"role":"tool","tool_call_id":"c","content":"1"},"#
      + #"{"role":"tool","tool_call_id":"d","content":"2"}]}"#
    let scene = Self.scene(
      "secret.found: error", RuleScene(.openAIChat, files: ["a.jsonl": line + "\n"]))
    try await scene.run { report, _ in
      #expect(report.total.messages.inserted == 1)
      #expect(report.total.messages.rejected == 3)
      #expect(report.isBalanced)
    }
  }

  @Test func `a load rejects what its dry run does`() async throws {
    try await TestDatabase.with(.schema) { database in
      let scene = Self.scene("turn.user-twice: error", Self.twice)
      try await scene.run(target: database.url) { report, _ in
        #expect(report.total.messages.rejected == 1)
        #expect(report.total.messages.inserted == 2)
      }
      #expect(
        try database.query("SELECT content FROM exai_messages ORDER BY created_at")
          == [["a"], ["c"]])
    }
  }

  @Test func `a reject loads once its rule is no error any more`() async throws {
    try await TestDatabase.with(.schema) { database in
      let scene = Self.scene("turn.user-twice: error", Self.twice)
      try await scene.run(target: database.url) { _, directory in
        let spec = try PipelineSpec.parse("source: {format: threads}", file: "p.yaml")
        var options = RunPlan.Options()
        options.target = database.url
        options.reportDirectory = "\(directory.path)/retry"
        let plan = try RunPlan(
          retrying: "\(directory.path)/report/rejects.jsonl", file: "p.yaml", spec: spec,
          options: options, environment: [:])
        let report = try await Runner(
          plan, progress: Progress(bytesTotal: nil), stop: StopSignal()
        ).run().report
        #expect(report.total.messages.inserted == 1)
      }
      #expect(
        try database.query("SELECT content FROM exai_messages ORDER BY created_at")
          == [["a"], ["b"], ["c"]])
    }
  }
}
