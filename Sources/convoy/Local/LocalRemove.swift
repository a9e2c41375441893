internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct LocalRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Stop the server and delete its files, data included.",
    discussion: "Exit status: 0 removed (also when there was nothing), 1 failed or not confirmed.")

  @Flag(name: .long, help: "Delete without asking.")
  var yes = false

  func run() async throws {
    try await reporting("local remove") {
      let cluster = try LocalCommand.cluster()
      if !yes { try confirm(cluster) }
      print(try await cluster.remove() ? "removed" : "nothing to remove")
    }
  }

  private func confirm(_ cluster: LocalCluster) throws(RunError) {
    guard isatty(STDIN_FILENO) == 1 else {
      throw RunError(
        .failed, "this deletes \(cluster.dataDirectory)", hint: "to do so without a terminal: --yes"
      )
    }
    let question = "Delete the database in \(cluster.dataDirectory)? Type yes to confirm: "
    FileHandle.standardError.write(Data(question.utf8))
    guard readLine() == "yes" else { throw RunError(.failed, "not confirmed, nothing deleted") }
  }
}
