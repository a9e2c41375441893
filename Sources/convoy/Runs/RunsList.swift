internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct RunsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show the latest runs, the newest first.",
    discussion: "Exit status: 0 shown, 1 failed, 64 usage, 69 database unreachable.")

  @OptionGroup var target: TargetOption

  @Option(help: ArgumentHelp("Runs shown; 20 if not given.", valueName: "n"))
  var limit = 20

  @Flag(help: "Print a JSON array instead.")
  var json = false

  func validate() throws {
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1…100000") }
  }

  func run() async throws {
    try await reporting("runs list") {
      let runs = try RunRecord.latest(limit, from: await target.connect())
      let text = json ? try RunText.json(runs) : RunText.table(runs)
      FileHandle.standardOutput.write(Data(text.utf8))
    }
  }
}
