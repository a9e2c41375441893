internal import Foundation
internal import TestSupport

@testable internal import Pipeline

/// Inputs with something wrong, and what a run makes of them.
struct RuleScene {
  var format = SourceFormat.threads
  /// Files by their names, which are also the inputs.
  var files: [String: String] = [:]
  /// Inputs that are no text.
  var damaged: [String: [UInt8]] = [:]
  /// Files that are no inputs.
  var beside: [String: String] = [:]
  /// YAML below `source`, in which `{directory}` is where the files are.
  var yaml = ""

  init(_ format: SourceFormat = .threads, yaml: String = "", files: [String: String]) {
    (self.format, self.yaml, self.files) = (format, yaml, files)
  }

  /// A gzip stream that ends behind its head (RFC 1952).
  static let cutGzip = RuleScene(damaged: ["a.jsonl.gz": [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]])

  private init(damaged: [String: [UInt8]]) {
    self.init(files: [:])
    self.damaged = damaged
  }

  /// A thread of turns, each as JSON.
  init(turns: [String], fields: String = "", yaml: String = "") {
    self.init(yaml: yaml, files: ["a.jsonl": Self.thread("t-1", turns, fields)])
  }

  /// A line with a thread.
  static func thread(_ id: String, _ turns: [String], _ fields: String = "") -> String {
    #"{"thread_id":"\#(id)","turns":[\#(turns.joined(separator: ","))]\#(fields)}"# + "\n"
  }

  /// A turn a number of seconds after a fixed time, with further members as JSON.
  static func turn(
    _ role: String, _ content: String, at second: Int = 0, _ members: String = ""
  ) -> String {
    let time = Timestamp(microseconds: 1_759_312_800_000_000 + Int64(second) * 1_000_000).rfc3339
    return #"{"role":"\#(role)","content":"\#(content)","timestamp":"\#(time)"\#(members)}"#
  }

  /// Runs without a target, or against one, in a directory of its own.
  func run(
    target: String? = nil, isDryRun: Bool = false,
    _ body: (RunReport, TemporaryDirectory) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      for (name, text) in files.merging(beside, uniquingKeysWith: { $1 }) {
        try directory.write(name, text)
      }
      for (name, bytes) in damaged { try directory.write(name, bytes) }
      let yaml =
        "source: {format: \(format.rawValue)}\n"
        + self.yaml.replacing("{directory}", with: directory.path)
      let spec = try PipelineSpec.parse(yaml, file: "rules.yaml")
      var options = RunPlan.Options()
      options.inputs = (files.keys.sorted() + damaged.keys).map { "\(directory.path)/\($0)" }
      options.target = target
      options.workers = 1
      options.reportDirectory = "\(directory.path)/report"
      options.isDryRun = isDryRun || target == nil
      options.isOffline = target == nil
      let plan = try RunPlan(
        file: "rules.yaml", spec: spec, options: options,
        environment: ["CONVOY_HOME": "\(directory.path)/home"])
      let result = try await Runner(
        plan, progress: Progress(bytesTotal: nil), stop: StopSignal()
      ).run()
      if let failure = result.failure { throw failure }
      try await body(result.report, directory)
    }
  }

  /// Findings of each rule that has any.
  func found() async throws -> [Rule: Int] {
    var found: [Rule: Int] = [:]
    try await run { report, _ in found = report.found }
    return found
  }

  /// Findings of one rule.
  func found(_ rule: Rule) async throws -> Int { try await found()[rule] ?? 0 }

  /// What the findings of one rule say.
  func messages(_ rule: Rule) async throws -> [String] {
    var messages: [String] = []
    try await run { report, _ in
      messages = report.findings.samples[rule.index].map(\.message)
    }
    return messages
  }
}

extension RunReport {
  /// Findings of each rule that has any.
  var found: [Rule: Int] {
    Dictionary(uniqueKeysWithValues: rankedFindings.map { ($0.rule, $0.total) })
  }
}
