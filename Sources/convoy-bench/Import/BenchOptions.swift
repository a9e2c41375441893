internal import ArgumentParser
internal import Foundation

/// The convoy that a bench measures.
struct MeasuredConvoy: ParsableArguments {
  @Option(
    name: .customLong("convoy"),
    help: "The convoy to measure; by default the one beside this program, else on PATH.")
  var given: String?

  var path: String { given ?? LocalServer.convoyBesideThisProgram() }
}

/// How many workers it has.
struct MeasuredWorkers: ParsableArguments {
  @Option(name: .customLong("workers"), help: "convoy's --workers; its own default if absent.")
  var count: Int?

  func validate() throws {
    guard count ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
  }
}

/// The server that a bench loads into.
struct ScratchServer: ParsableArguments {
  @Option(help: "URL of a scratch server, and a superuser on it, in place of a local one in DIR.")
  var target: String?

  /// Hands over its URL, and what every convoy started there sees; a local one is stopped behind it.
  func whileRunning<Report>(
    _ convoy: String, in directory: URL,
    _ body: (DatabaseURL, [String: String]) async throws -> Report
  ) async throws -> Report {
    let local = LocalServer(
      convoy: convoy, home: directory.appending(path: "home").path,
      log: directory.appending(path: "logs/local.log"))
    if let target { return try await body(DatabaseURL(target), local.environment) }
    return try await local.whileRunning { url in try await body(url, local.environment) }
  }
}
