internal import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy-bench",
    abstract: "Makes synthetic conversations and compares convoy with named peers.",
    subcommands: [
      MakeCommand.self, ImportCommand.self, PeersCommand.self, DryRunCommand.self,
      HashCommand.self,
      ExportCommand.self, UploadCommand.self, TableCommand.self,
    ])
}
