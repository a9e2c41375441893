internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct LocalPsql: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "psql",
    abstract: "Open psql on the local database, starting the server if it is stopped.",
    discussion: """
      What follows -- goes to psql: convoy local psql -- -c 'select 1'

      Exit status: psql's own; 1 when the server or psql cannot be started.
      """)

  @Argument(parsing: .postTerminator, help: "Arguments of psql.")
  var arguments: [String] = []

  func run() async throws {
    try await reporting("local psql") {
      let cluster = try LocalCommand.cluster()
      try await cluster.start()
      // These would lead psql to another server in spite of the URL.
      let environment = ProcessInfo.processInfo.environment.filter {
        !["PGHOSTADDR", "PGSERVICE"].contains($0.key)
      }
      throw replaceProcess(
        program: try await cluster.psql(), arguments: [cluster.url] + arguments,
        environment: environment)
    }
  }
}
