internal import ArgumentParser
internal import Foundation

struct PeersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "Compare convoy with the tools a user would otherwise run, as far as installed.",
    discussion: """
      Makes thread documents, loads them in rounds with each tool into a database that starts the same \
      each time (foreign key, indexes and CHECK there, autovacuum off), and compares the rows each \
      left with convoy's. A tool that lost or changed a row has no time. Tools of different jobs stand \
      in different tables: from the documents, from rows made ready as CSV, from the server's own text.
      """)

  @Option(help: "Threads to load.")
  var sessions = 5_000

  @Option(help: "Turns in each thread.")
  var turns = 10

  @Option(help: "Times each tool loads; another one comes first each time.")
  var rounds = 3

  @Option(help: "Directory for data, rows, logs and the peers' own files; threads are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench-peers").path

  @OptionGroup var measured: MeasuredConvoy

  @Option(help: "The pipeline convoy runs.")
  var pipeline = "pipelines/legacy-threads.yaml"

  @Option(
    help: "The Python whose psycopg, dlt and Sling are measured, as of a virtual environment.")
  var python = "python3"

  @Option(help: "A tool to leave out; can be repeated.")
  var skip: [Peer.Kind] = []

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func validate() throws {
    guard sessions >= 1, turns >= 1, rounds >= 1 else {
      throw ValidationError("--sessions, --turns and --rounds must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["rows", "logs", "reports", "peers"])
    let convoy = measured.path
    let local = LocalServer(
      convoy: convoy, home: directory.appending(path: "home").path,
      log: directory.appending(path: "logs/local.log"))
    let report = try await local.whileRunning { url in
      try await compare(convoy, on: url, in: directory, local.environment)
    }
    print(json ? try report.json() : report.text)
  }

  private func compare(
    _ convoy: String, on url: DatabaseURL, in directory: URL, _ environment: [String: String]
  ) async throws -> PeersReport {
    let documents = ThreadDocuments(sessions: sessions, turns: turns, files: 4, seed: 1)
    let inputBytes = try documents.makeUnlessKept(in: directory)
    let load = try LoadAverage.now()
    let setting = try await PeerSetting(
      directory: directory, url: url, convoy: convoy, pipeline: pipeline, python: python)
    let server = try await BenchServer(url: url)
    let comparison = PeersComparison(
      setting: setting, server: server, documents: documents, environment: environment)
    let results: [PeersComparison.Result]
    do {
      results = try await comparison.results(rounds: rounds, skipping: skip)
    } catch {
      // The comparison's failure is the one to tell; what then hinders tidying up follows from it.
      try? await server.release()
      throw error
    }
    try await server.release()
    return PeersReport(
      documents: documents, inputBytes: inputBytes, rounds: rounds, loadAverage: load,
      results: results)
  }
}

extension Peer.Kind: ExpressibleByArgument {}
