internal import ArgumentParser

/// `convoy rejects`: what a run left out, and another try at it.
struct RejectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejects",
    abstract: "Show what a run left out, and load what can be loaded by now.",
    subcommands: [RejectsList.self, RejectsRetry.self])
}
