internal import Foundation

/// convoy's local server in a home of the bench's own, so that it never meets the user's database.
struct LocalServer {
  let convoy: String
  let home: String
  /// Takes the output of start and stop.
  ///
  /// A file, since the server may keep its starter's stdout open and a pipe would then never end.
  let log: URL

  /// What every convoy started by the bench sees.
  var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(["CONVOY_HOME": home]) { $1 }
  }

  /// Starts the server, hands over its URL and stops it, whatever `body` does.
  func whileRunning<Report>(
    _ body: (DatabaseURL) async throws -> Report
  ) async throws -> Report {
    try local("start")
    let report: Report
    do {
      let url = try await answer(
        of: [convoy, "local", "url"], variables: ["CONVOY_HOME": home])
      report = try await body(DatabaseURL(url))
    } catch {
      // A server that does not stop says less than the failure before it.
      try? local("stop")
      throw error
    }
    try local("stop")
    return report
  }

  static func convoyBesideThisProgram() -> String {
    // Without /proc the name alone is left, which is then looked up on PATH.
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let sibling = URL(filePath: program ?? "").deletingLastPathComponent().appending(path: "convoy")
    return FileManager.default.isExecutableFile(atPath: sibling.path) ? sibling.path : "convoy"
  }

  private func local(_ verb: String) throws {
    _ = try MeasuredProcess(
      command: [convoy, "local", verb], environment: environment, log: log
    ).run()
  }
}
