internal import ArgumentParser
internal import Pipeline

struct LocalURL: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "url",
    abstract: "Print a libpq URL of the local database; starts nothing.",
    discussion: "Exit status: 0 printed, 74 no place for local state.")

  func run() async throws {
    try await reporting("local url") {
      print(try LocalCommand.cluster().url)
    }
  }
}
