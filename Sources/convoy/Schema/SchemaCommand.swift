internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// `convoy schema`: what convoy adds to the schema of a target.
struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Show and apply the two migrations an import needs.",
    discussion: """
      Migrations are recorded in supabase_migrations.schema_migrations, as the Supabase CLI \
      records them, and recognised there by name under any version.
      """,
    subcommands: [
      SchemaStatus.self, SchemaPlanCommand.self, SchemaApply.self, SchemaExport.self,
    ])

  /// Prints what works but should be looked at.
  static func warn(_ state: SchemaState) {
    let lines = state.warnings.map { "convoy schema: warning: \($0)\n" }.joined()
    FileHandle.standardError.write(Data(lines.utf8))
  }
}
