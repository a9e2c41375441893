internal import ArgumentParser
internal import Pipeline

struct LocalStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start the server, making database and schema the first time.",
    discussion: "Exit status: 0 running (also when it was before), 1 failed, 74 file I/O.")

  func run() async throws {
    try await reporting("local start") {
      let cluster = try LocalCommand.cluster()
      let isStarted = try await cluster.start()
      print(isStarted ? "started" : "running already")
      print(cluster.url)
    }
  }
}
