internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "Load or store what a pipeline names, or export it to an archive, or say what that would do.",
    discussion: """
      Exit status: 0 done, 1 failed, 3 done but with findings that are errors, 64 usage, \
      65 more rejects than allowed, not as planned or a damaged archive, 69 database or store unreachable, 74 file I/O, \
      75 another run of the pipeline is under way, \
      78 bad pipeline file, 130/143 interrupted.
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(name: .customLong("dry-run"), help: "Do everything but keep it.")
  var isDryRun = false

  @Flag(
    name: .customLong("offline"),
    help: "Of a dry run: ask no target, and count as for empty tables of the built-in schema.")
  var isOffline = false

  @Option(
    help: ArgumentHelp("Where report.html, report.json and rejects.jsonl go.", valueName: "dir"))
  var report: String?

  @Option(
    name: .customLong("junit"), defaultAsFlag: "",
    help: ArgumentHelp(
      "Write a report for CI systems too: to this file, else junit.xml beside the report.",
      valueName: "file"))
  var junit: String?

  @Flag(help: "Load batches again that the ledger has; rows that are there stay as they are.")
  var restart = false

  @Option(
    name: .customLong("plan"),
    help: ArgumentHelp(
      "Load only what the plan of a dry run was made for, and say whether it came out so.",
      valueName: "plan.json"))
  var heldPlan: String?

  @Flag(help: "Print the report as JSON instead of the summary.")
  var json = false

  func validate() throws {
    guard heldPlan == nil || !isDryRun && !restart else {
      throw ValidationError("--plan goes with a load, and not with --restart")
    }
    guard isOffline else { return }
    guard isDryRun else { throw ValidationError("--offline goes with --dry-run only") }
    guard options.settings.target == nil else {
      throw ValidationError("--offline asks no target, so --target cannot be given")
    }
  }

  func run() async throws {
    try await reporting("run") {
      let spec = try options.settings.spec(options.pipeline)
      switch spec.kind {
      case .load: break
      case .export: return try await export(spec)
      case .files: return try await storeFiles(spec)
      }
      let plan = try options.plan {
        $0.reportDirectory = report
        $0.junitPath = junit
        $0.isDryRun = isDryRun
        $0.isOffline = isOffline
        $0.isRestart = restart
        $0.heldPlan = heldPlan
      }
      try await PlannedRun(plan: plan, isJSON: json).run()
    }
  }

  private func storeFiles(_ spec: PipelineSpec) async throws {
    guard !isOffline, !restart, heldPlan == nil else {
      throw RunError(
        .badPipeline,
        "\(options.pipeline): the pipeline stores files; --offline, --restart and --plan are for loads"
      )
    }
    var settings = FilesPlan.Options()
    settings.roots = options.input
    settings.target = options.settings.target
    settings.workers = options.settings.workers
    settings.reportDirectory = report
    settings.junitPath = junit
    settings.isDryRun = isDryRun
    let plan = try FilesPlan(
      file: options.pipeline, spec: spec, options: settings,
      environment: ProcessInfo.processInfo.environment)
    try await PlannedFiles(plan: plan, isJSON: json).run()
  }

  private func export(_ spec: PipelineSpec) async throws {
    guard options.input.isEmpty, !isOffline, !restart else {
      throw RunError(
        .badPipeline,
        "\(options.pipeline): the pipeline is an export; --input, --offline and --restart are for loads"
      )
    }
    var settings = ExportPlan.Options()
    settings.target = options.settings.target
    settings.connections = options.settings.workers
    settings.reportDirectory = report
    settings.isDryRun = isDryRun
    let plan = try ExportPlan(
      file: options.pipeline, spec: spec, options: settings,
      environment: ProcessInfo.processInfo.environment)
    try await PlannedExport(plan: plan, isJSON: json).run()
  }
}
