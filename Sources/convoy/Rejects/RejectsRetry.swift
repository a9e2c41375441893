internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct RejectsRetry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Try the records of a rejects.jsonl again with today's pipeline.",
    discussion: """
      Records that are in order by now are loaded once, with the ids and places their input gives \
      them. The others go to a rejects.jsonl of the retry's own; the file that is read is not \
      changed.

      Exit status: 0 all are in, 1 failed, 3 some are still rejects, 64 usage, 69 database \
      unreachable, 74 file I/O, 75 another run of the pipeline is under way, 78 bad pipeline file, \
      130/143 interrupted.
      """)

  @Argument(help: "A rejects.jsonl that a run wrote.")
  var file: String

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @OptionGroup var settings: PipelineSettings

  @Flag(name: .customLong("dry-run"), help: "Do everything but keep it.")
  var isDryRun = false

  @Option(
    help: ArgumentHelp(
      "Where report.json and rejects.jsonl of the retry go; <report.directory>/retry if not given.",
      valueName: "dir"))
  var report: String?

  @Flag(help: "Print the report as JSON instead of the summary.")
  var json = false

  func run() async throws {
    try await reporting("rejects retry") {
      var options = settings.options
      options.reportDirectory = report
      options.isDryRun = isDryRun
      let plan = try RunPlan(
        retrying: file, file: pipeline, spec: try settings.spec(pipeline), options: options,
        environment: ProcessInfo.processInfo.environment)
      try await PlannedRun(plan: plan, isJSON: json).run()
    }
  }
}
