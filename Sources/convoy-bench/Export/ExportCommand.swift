internal import ArgumentParser
internal import Foundation

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Compare convoy's exports and restores with pg_dump, psql, pigz and gunzip.",
    discussion: """
      Loads thread documents once, then by turns exports both tables with convoy, with pg_dump -Fd -j2 \
      and with psql \\copy into pigz -p2, all at gzip level 6; exports once more with nothing changed; and \
      restores them with convoy and with gunzip into psql \\copy, each into a database made anew. The \
      server is convoy's local one with its home in DIR.
      """)

  @Option(help: "Threads to load.")
  var sessions = 40_000

  @Option(help: "Turns in each thread.")
  var turns = 10

  @Option(help: "Times each tool runs.")
  var pairs = 5

  @Option(
    help: "Directory for data, archives, logs and reports; threads already in it are used again.")
  var dir = URL.temporaryDirectory.appending(path: "convoy-bench-export").path

  @OptionGroup var measured: MeasuredConvoy

  func validate() throws {
    guard sessions >= 1, turns >= 1, pairs >= 1 else {
      throw ValidationError("--sessions, --turns and --pairs must be at least 1")
    }
  }

  func run() async throws {
    let directory = URL(filePath: dir, directoryHint: .isDirectory).absoluteURL
    try directory.makeEmptied(["archives", "dumps", "logs", "reports"])
    let convoy = measured.path
    let local = LocalServer(
      convoy: convoy, home: directory.appending(path: "home").path,
      log: directory.appending(path: "logs/local.log"))
    let documents = ThreadDocuments(sessions: sessions, turns: turns, files: 4, seed: 1)
    _ = try documents.makeUnlessKept(in: directory)
    let load = try LoadAverage.now()
    let runs = try await local.whileRunning { url in
      let server = try await BenchServer(url: url)
      let comparison = ExportComparison(
        convoy: convoy, directory: directory, documents: documents, server: server,
        environment: local.environment)
      do {
        let runs = try await comparison.runs(pairs: pairs)
        try await server.release()
        return runs
      } catch {
        // The comparison's failure is the one to tell; what then hinders tidying up follows from it.
        try? await server.release()
        throw error
      }
    }
    print(ExportTable(runs: runs, loadAverage: load).text)
  }
}
