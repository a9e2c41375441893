internal import ArgumentParser

@main
struct Convoy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Move legacy AI conversations and files into Supabase/Postgres, and prove it.",
    subcommands: [
      RunCommand.self, PlanCommand.self, PreviewCommand.self, ShowCommand.self,
      SchemaCommand.self, LocalCommand.self,
    ])
}
