internal import ArgumentParser

struct MakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract: "Write synthetic conversations; the same options give the same bytes.",
    subcommands: [MakeThreads.self, MakeChatHistory.self, MakeDump.self, MakeOpenAI.self])
}

/// Options that every generator takes.
struct MakeOptions: ParsableArguments {
  @Option(help: "Conversations to write.")
  var sessions: Int

  @Option(help: "Directory to write into; made if absent, files of the same name are replaced.")
  var out: String

  @Option(help: "Seed of the generator.")
  var seed: UInt64 = 1

  @Option(help: "Turns in each conversation.")
  var turns = 10

  func validate() throws {
    guard sessions >= 1 else { throw ValidationError("--sessions must be at least 1") }
    guard (1...10_000).contains(turns) else {
      throw ValidationError("--turns must be 1 to 10000")
    }
  }
}
