internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import Postgres

/// `--target`, as every command that needs a database takes it.
struct TargetOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      local, a postgresql:// URL, or libpq's key=value pairs such as service=NAME. Default: \
      DATABASE_URL, else libpq's PG* variables, else local, which an export takes by name only.
      """, valueName: "target"))
  var target: String?

  /// The chosen target.
  func choice() throws -> TargetChoice {
    try TargetChoice.resolve(target, environment: ProcessInfo.processInfo.environment)
  }

  /// A connection to it; starts the local server if that is the target.
  func connect() async throws -> PostgresConnection {
    try PostgresConnection(try await choice().connectionTarget(startingLocal: true))
  }
}
