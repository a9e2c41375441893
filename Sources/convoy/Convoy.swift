internal import ArgumentParser

@main
struct Convoy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Move legacy AI conversations and files into Supabase/Postgres, and prove it.",
    subcommands: [LocalCommand.self, SchemaCommand.self, ShowCommand.self])
}
