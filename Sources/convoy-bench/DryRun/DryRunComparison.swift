internal import Foundation

/// Runs a load and a dry run of it by turns against one server, into a database that is empty each time.
struct DryRunComparison {
  let convoy: String
  let pipeline: String
  let workers: Int?
  let directory: URL
  let server: BenchServer
  let environment: [String: String]

  /// Wall times of one pair.
  struct Pair {
    let loadSeconds: Double
    let dryRunSeconds: Double

    var ratio: Double { dryRunSeconds / loadSeconds }
  }

  /// Compares on convoy's local server with a home of its own in the directory.
  ///
  /// Autovacuum is off meanwhile, and the file system's cache warm: both have been through once before.
  static func pairs(
    _ count: Int, convoy: String, pipeline: String, workers: Int?, in directory: URL,
    tell: (Int, Pair) -> Void
  ) async throws -> [Pair] {
    let local = LocalServer(
      convoy: convoy, home: directory.appending(path: "home").path,
      log: directory.appending(path: "logs/local.log"))
    return try await local.whileRunning { url in
      let server = try await BenchServer(url: url)
      let comparison = DryRunComparison(
        convoy: convoy, pipeline: pipeline, workers: workers, directory: directory,
        server: server, environment: local.environment)
      let pairs: [Pair]
      do {
        pairs = try await comparison.pairs(count, tell: tell)
      } catch {
        // The comparison's failure is the one to tell; what then hinders tidying up follows from it.
        try? await server.release()
        throw error
      }
      try await server.release()
      return pairs
    }
  }

  private func pairs(_ count: Int, tell: (Int, Pair) -> Void) async throws -> [Pair] {
    try await server.makeEmptyTemplate()
    _ = try process(
      ["schema", "apply", "--baseline", "--target", server.url.database(BenchServer.template)],
      log: "schema-apply"
    ).run()
    _ = try await pair(0)
    var pairs: [Pair] = []
    for number in 1...count {
      let pair = try await pair(number)
      tell(number, pair)
      pairs.append(pair)
    }
    return pairs
  }

  private func pair(_ number: Int) async throws -> Pair {
    // Which of them goes first alternates: the second one finds a warmer machine.
    if number % 2 == 0 {
      let dryRun = try await seconds("dry-run-target", ["--dry-run"])
      return Pair(loadSeconds: try await seconds("load", []), dryRunSeconds: dryRun)
    }
    let load = try await seconds("load", [])
    return Pair(
      loadSeconds: load, dryRunSeconds: try await seconds("dry-run-target", ["--dry-run"]))
  }

  private func seconds(_ name: String, _ options: [String]) async throws -> Double {
    try await server.makeFreshDatabase()
    return try process(
      [
        "run", pipeline, "--input", directory.appending(path: "threads").path,
        "--target", server.url.database(BenchServer.loaded),
        "--report", directory.appending(path: "reports/\(name)").path,
      ] + options + (workers.map { ["--workers", "\($0)"] } ?? []), log: name
    ).run().wallSeconds
  }

  private func process(_ arguments: [String], log: String) -> MeasuredProcess {
    MeasuredProcess(
      command: [convoy] + arguments, environment: environment,
      log: directory.appending(path: "logs/\(log).log"))
  }
}
