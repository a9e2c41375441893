internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RuleCorpusTests {
  @Test(arguments: Rule.allCases)
  func `every rule speaks up on its fixture`(rule: Rule) async throws {
    switch rule.fixture {
    case .offline(let scene):
      let found = try await scene.found()
      #expect((found[rule] ?? 0) > 0, "\(found)")
    case .load(let scene, let statement):
      try await Self.expect(rule, scene, after: statement, isDryRun: false)
    case .dryRun(let scene, let statement):
      try await Self.expect(rule, scene, after: statement, isDryRun: true)
    case .retry(let scene, let change):
      try await TestDatabase.with(.schema) { database in
        try await scene.run(target: database.url) { _, directory in
          let report = try await Self.retry(scene, change, database.url, directory)
          #expect(report.findings.total(rule) == 1)
        }
      }
    case .files(let files, let yaml, let statement):
      try await Self.expect(rule, storing: files, yaml, between: statement)
    case .table(let rows, let yaml): try await Self.expect(rule, inTableOf: rows, yaml)
    case .refusal(let refusal): #expect(refusal.rule == rule)
    }
  }

  private static func expect(
    _ rule: Rule, _ scene: RuleScene, after statement: String, isDryRun: Bool
  ) async throws {
    try await TestDatabase.with(.schema) { database in
      try database.connect().execute(statement)
      try await scene.run(target: database.url, isDryRun: isDryRun) { report, _ in
        #expect(report.findings.total(rule) == 1)
      }
    }
  }

  /// Loads a table whose users are `u1`, `u2` and so on, by the rows' ids.
  private static func expect(
    _ rule: Rule, inTableOf rows: String, _ yaml: String
  ) async throws {
    try await TestDatabase.with(.schema) { database in
      try await TemporaryDirectory.with { directory in
        try database.connect().execute(
          """
          CREATE TABLE conversations AS SELECT id, 'u' || id AS user_id,
            timestamptz '2025-10-01 10:00Z' + id * interval '1 minute' AS created_at, direction, text,
            embedding::text, meta::jsonb
          FROM (VALUES \(rows)) AS row (id, direction, text, embedding, meta)
          """)
        let spec = try PipelineSpec.parse(
          """
          source: {format: conversations-table, database: "${SOURCE}"}
          \(yaml)
          """, file: "rules.yaml", environment: ["SOURCE": database.url])
        var options = RunPlan.Options()
        options.target = database.url
        options.reportDirectory = "\(directory.path)/report"
        let plan = try RunPlan(file: "rules.yaml", spec: spec, options: options, environment: [:])
        let result = try await Runner(
          plan, progress: Progress(bytesTotal: nil), stop: StopSignal()
        ).run()
        #expect(result.report.findings.total(rule) == 1, "\(result.failure?.message ?? "")")
      }
    }
  }

  private static func expect(
    _ rule: Rule, storing files: [String: String], _ yaml: String, between statement: String
  ) async throws {
    try await TestDatabase.with(.schema) { database in
      try await TemporaryDirectory.with { directory in
        for (name, text) in files {
          let link = name.split(separator: " -> ")
          guard link.count == 2 else {
            try directory.write("up/\(name)", text)
            continue
          }
          try FileManager.default.createDirectory(
            atPath: "\(directory.path)/up", withIntermediateDirectories: true)
          try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/up/\(link[0])", withDestinationPath: String(link[1]))
        }
        let spec = try PipelineSpec.parse(
          "files:\n  roots: [{directory}/up]\n  \(yaml)\nstore: {directory: {directory}/objects}\n"
            .replacing("{directory}", with: directory.path), file: "rules.yaml")
        var options = FilesPlan.Options()
        options.target = database.url
        options.reportDirectory = "\(directory.path)/report"
        let plan = try FilesPlan(
          file: "rules.yaml", spec: spec, options: options,
          environment: ["CONVOY_HOME": "\(directory.path)/home"])
        func run() async throws -> RunReport {
          try await FilesRun(plan, progress: Progress(bytesTotal: nil), stop: StopSignal()).run()
            .report
        }
        var report = try await run()
        if !statement.isEmpty {
          try database.connect().execute(statement)
          report = try await run()
        }
        #expect(report.findings.total(rule) == 1, "\(report.failure ?? "")")
      }
    }
  }

  /// Tries the rejects of a load again, after their file was changed.
  private static func retry(
    _ scene: RuleScene, _ change: (String) -> String, _ target: String,
    _ directory: TemporaryDirectory
  ) async throws -> RunReport {
    let lines = String(decoding: try directory.read("report/rejects.jsonl"), as: UTF8.self)
    let rejects = try directory.write("rejects.jsonl", change(lines))
    let spec = try PipelineSpec.parse(
      "source: {format: \(scene.format.rawValue)}", file: "rules.yaml")
    var options = RunPlan.Options()
    options.target = target
    options.reportDirectory = "\(directory.path)/retry"
    let plan = try RunPlan(
      retrying: rejects, file: "rules.yaml", spec: spec, options: options, environment: [:])
    return try await Runner(plan, progress: Progress(bytesTotal: nil), stop: StopSignal())
      .run().report
  }

  /// What the samples are there to show, none of it a fault of theirs.
  private static let shown: [SourceFormat: Set<Rule>] = [
    .threads: [.timeNaive, .timeTie],
    .chatHistory: [.timeTie, .timeBackward, .roleMapped],
    .openAIChat: [.timeMissing, .roleMapped, .toolCallUnanswered],
    .requestResponse: [.timeMissing, .toolCallUnanswered],
    .toolCalls: [],
    .auggie: [.timeMissing, .jsonDuplicateKey, .sessionEmpty],
    .conversationTracker: [.sessionEmpty],
    .agentMemory: [.timeNaive, .timeZoneChange, .timeTie],
    .messagesDump: [
      .statementSkipped, .jsonBackslashes, .contentMerged, .turnUserTwice, .turnImbalance,
      .valuePlaceholder,
    ],
  ]

  @Test(arguments: [
    (SourceFormat.threads, "threads"), (.chatHistory, "chat-history"), (.openAIChat, "openai-chat"),
    (.requestResponse, "request-response"), (.toolCalls, "tool-calls"), (.auggie, "auggie"),
    (.conversationTracker, "conversation-tracker"), (.agentMemory, "agent-memory"),
    (.messagesDump, "messages-dump"),
  ])
  func `no rule finds fault with the clean samples`(
    format: SourceFormat, name: String
  ) async throws {
    let samples = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "samples/\(name)").path()
    try await TemporaryDirectory.with { directory in
      let spec = try PipelineSpec.parse("source: {format: \(format.rawValue)}", file: "p.yaml")
      var options = RunPlan.Options()
      options.inputs = [samples]
      options.isDryRun = true
      options.isOffline = true
      options.reportDirectory = "\(directory.path)/report"
      let plan = try RunPlan(file: "p.yaml", spec: spec, options: options, environment: [:])
      let report = try await Runner(
        plan, progress: Progress(bytesTotal: nil), stop: StopSignal()
      ).run().report
      #expect(report.total.messages.inserted > 0)
      #expect(Set(report.found.keys) == Self.shown[format])
    }
  }

  @Test(arguments: Rule.allCases)
  func `a rule says what to do about itself, and has a number of its own`(rule: Rule) {
    #expect(Rule.allCases.filter { $0.index == rule.index } == [rule])
    #expect(rule.index < Rule.allCases.count)
    #expect(!rule.title.isEmpty)
  }
}
