internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// `convoy local`: the database server convoy runs on this machine.
struct LocalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local",
    abstract: "Run convoy's own PostgreSQL server on this machine.",
    discussion: """
      The server listens on a Unix socket only and keeps its data below CONVOY_HOME, else \
      /var/lib/convoy for root, else $XDG_STATE_HOME/convoy, else ~/.local/state/convoy. For root \
      it runs as user postgres or nobody. Its programs are found below /usr/lib/postgresql, in \
      PATH, or in the directory CONVOY_PG_BIN names.
      """,
    subcommands: [
      LocalStart.self, LocalStop.self, LocalStatusCommand.self, LocalURL.self, LocalPsql.self,
      LocalRemove.self,
    ])

  static func cluster() throws -> LocalCluster {
    try LocalCluster(environment: ProcessInfo.processInfo.environment)
  }
}
