internal import ArgumentParser
internal import Pipeline

struct LocalStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop the server; its data stays.",
    discussion: "Exit status: 0 stopped (also when it was before), 1 failed, 74 file I/O.")

  func run() async throws {
    try await reporting("local stop") {
      let isStopped = try await LocalCommand.cluster().stop()
      print(isStopped ? "stopped" : "was not running")
    }
  }
}
