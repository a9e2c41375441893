internal import ArgumentParser

/// `convoy runs`: the history of a target, from its ledger.
struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Show the runs a target has seen.",
    subcommands: [RunsList.self, RunsShow.self], defaultSubcommand: RunsList.self)
}
