internal import ArgumentParser

struct FilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files",
    abstract: "Compare stored files with their rows, and bring them back.",
    subcommands: [FilesVerify.self, FilesGet.self])
}
