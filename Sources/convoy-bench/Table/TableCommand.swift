internal import ArgumentParser
internal import Foundation

struct TableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Compare convoy's migration of a conversations table with INSERT … SELECT.",
    discussion: """
      Makes a partitioned conversations table with embeddings, and migrates it by turns with convoy and with \
      statements of the same mapping inside the server, which send nothing over a connection; for metadata with \
      the embeddings, for object with a \\copy of them to a file. The server is convoy's local one with its home \
      in DIR, or --target: a scratch server and a superuser on it. Embeddings are vectors where it has pgvector, \
      as where CONVOY_PG_BIN names such a server's programs, else text.
      """)

  @Option(help: "Rows of the table.")
  var rows = 1_000_000

  @Option(help: "Numbers of an embedding.")
  var dimensions = 1_536

  @Option(help: "Times each migrates in each mode.")
  var pairs = 1

  @Option(help: "Modes of transform.embeddings: drop, metadata, object.")
  var modes = "drop,metadata,object"

  @Option(help: "Directory for the server, logs, reports and objects.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench-table").path

  @OptionGroup var workers: MeasuredWorkers

  @OptionGroup var measured: MeasuredConvoy

  @Option(help: "The pipeline convoy runs.")
  var pipeline = "pipelines/legacy-conversations-table.yaml"

  @OptionGroup var scratch: ScratchServer

  private var chosenModes: [TableStatements.Mode] {
    modes.split(separator: ",").compactMap { TableStatements.Mode(rawValue: String($0)) }
  }

  func validate() throws {
    guard rows >= 1, (1...16_000).contains(dimensions), pairs >= 1 else {
      throw ValidationError(
        "--rows, --dimensions (to 16000) and --pairs must be at least 1")
    }
    guard !chosenModes.isEmpty, chosenModes.count == modes.split(separator: ",").count else {
      throw ValidationError("--modes must be some of drop,metadata,object")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["logs", "reports", "objects"])
    try await scratch.whileRunning(measured.path, in: directory) { url, environment in
      try await compare(on: url, in: directory, environment)
    }
  }

  private func compare(
    on url: DatabaseURL, in directory: URL, _ environment: [String: String]
  ) async throws {
    let load = try LoadAverage.now()
    let server = try await BenchServer(url: url)
    let comparison = TableComparison(
      convoy: measured.path, pipeline: pipeline, workers: workers.count, directory: directory,
      server: server,
      environment: environment, rows: rows, dimensions: dimensions)
    do {
      try await comparison.makeTable()
      let runs = try await comparison.runs(of: chosenModes, pairs: pairs)
      try await server.release()
      print(comparison.text(runs, loadAverage: load))
    } catch {
      // The comparison's failure is the one to tell; what then hinders tidying up follows from it.
      try? await server.release()
      throw error
    }
  }
}
