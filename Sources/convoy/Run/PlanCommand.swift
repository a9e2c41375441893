internal import ArgumentParser
internal import Pipeline

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would read, where it would load, and within which limits.",
    discussion: "Exit status: 0 done, 64 usage, 74 file I/O, 78 bad pipeline file.")

  @OptionGroup var options: PipelineOptions

  @Option(
    help: ArgumentHelp(
      "Where report.html, report.json and rejects.jsonl would go.", valueName: "dir"))
  var report: String?

  func run() async throws {
    try await reporting("plan") {
      let plan = try options.plan { $0.reportDirectory = report }
      print(plan.text, terminator: "")
    }
  }
}
