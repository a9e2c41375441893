internal import ArgumentParser
internal import Pipeline

@main
struct Convoy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Move legacy AI conversations and files into Supabase/Postgres, and prove it.",
    version: Runner.version,
    subcommands: [
      RunCommand.self, PlanCommand.self, PreviewCommand.self, DetectCommand.self,
      RejectsCommand.self,
      RunsCommand.self, ShowCommand.self, HashCommand.self, DoctorCommand.self, SchemaCommand.self,
      LocalCommand.self, ArchiveCommand.self, FilesCommand.self,
    ])
}
