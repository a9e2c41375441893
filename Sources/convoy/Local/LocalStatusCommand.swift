internal import ArgumentParser
internal import Foundation
internal import Pipeline

struct LocalStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell whether the server runs, which version, and where its data is.",
    discussion: "Exit status: 0 running, 1 stopped or not made yet.")

  func run() async throws {
    try await reporting("local status") {
      let status = try LocalCommand.cluster().status()
      print(status.isRunning ? "running" : status.version == nil ? "not made yet" : "stopped")
      if let version = status.version { print("version  PostgreSQL \(version)") }
      if status.isRunning { print("socket   \(status.socketDirectory)") }
      let mebibytes = String(format: "%.1f", Double(status.sizeBytes) / 1_048_576)
      print("data     \(status.dataDirectory) (\(mebibytes) MiB)")
      if !status.isRunning { throw ExitCode(ExitStatus.failed) }
    }
  }
}
