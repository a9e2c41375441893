internal import ArgumentParser
internal import Foundation

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Compare convoy's wall time with psql \\copy of the same rows made ready.",
    discussion: """
      Makes thread documents, loads them by turns with both tools into a database that starts the \
      same each time, and checks that both left the same rows. The server is convoy's local one with \
      its home in DIR, or --target: a scratch server and a superuser on it, because autovacuum is off \
      while this runs.
      """)

  @Option(help: "Threads to load.")
  var sessions = 40_000

  @Option(help: "Turns in each thread.")
  var turns = 10

  @Option(help: "Times each tool loads; the first one of a pair alternates.")
  var pairs = 5

  @Option(help: "Directory for data, rows, logs and reports; threads already in it are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench").path

  @OptionGroup var workers: MeasuredWorkers

  @Option(help: "convoy's load.strategy: auto, online or rebuild; the pipeline's if absent.")
  var strategy: String?

  @OptionGroup var measured: MeasuredConvoy

  @Option(help: "The pipeline convoy runs.")
  var pipeline = "pipelines/legacy-threads.yaml"

  @OptionGroup var scratch: ScratchServer

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard sessions >= 1, turns >= 1, pairs >= 1 else {
      throw ValidationError("--sessions, --turns and --pairs must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["rows", "logs", "reports"])
    let report = try await scratch.whileRunning(measured.path, in: directory) { url, environment in
      try await compare(on: url, in: directory, environment)
    }
    print(json ? try report.json() : report.text)
  }

  private func compare(
    on url: DatabaseURL, in directory: URL, _ environment: [String: String]
  ) async throws -> ImportReport {
    let documents = ThreadDocuments(sessions: sessions, turns: turns, files: 4, seed: 1)
    let inputBytes = try documents.makeUnlessKept(in: directory)
    let load = try LoadAverage.now()
    let server = try await BenchServer(url: url)
    let comparison = ImportComparison(
      convoy: measured.path, pipeline: pipeline, workers: workers.count, strategy: strategy,
      directory: directory,
      documents: documents, server: server, environment: environment)
    let runs: [ImportRun]
    do {
      runs = try await comparison.runs(pairs: pairs)
    } catch {
      // The comparison's failure is the one to tell; what then hinders tidying up follows from it.
      try? await server.release()
      throw error
    }
    try await server.release()
    return ImportReport(
      documents: documents, inputBytes: inputBytes, workers: workers.count, load: load, runs: runs)
  }
}
