internal import Foundation

/// Loads the same rows in turns: convoy from the thread documents, psql from rows made ready beforehand.
struct ImportComparison {
  let convoy: String
  let pipeline: String
  let workers: Int?
  let strategy: String?
  let directory: URL
  let documents: ThreadDocuments
  let server: BenchServer
  let environment: [String: String]

  /// Returns 2 × `pairs` runs; every one left the same rows, else this throws.
  func runs(pairs: Int) async throws -> [ImportRun] {
    Self.tell("loading once with convoy, to make psql's rows ready")
    let expected = try await prepareRows()
    var runs: [ImportRun] = []
    for pair in 1...pairs {
      for tool in pair % 2 == 1 ? [ImportRun.Tool.psql, .convoy] : [.convoy, .psql] {
        try await server.makeFreshDatabase()
        let run = try measure(tool, pair: pair)
        Self.tell(
          "pair \(pair)/\(pairs) \(tool.rawValue): \(ImportReport.fixed(run.wallSeconds, width: 0)) s"
        )
        let found = try await server.contents()
        guard found == expected else {
          throw BenchError.wrongRows(tool: tool, expected: expected, found: found)
        }
        runs.append(run)
      }
    }
    return runs
  }

  /// Makes the template database, and psql's rows in the order in which convoy stored them.
  private func prepareRows() async throws -> TableContents {
    try await server.makeEmptyTemplate()
    _ = try process(
      [convoy, "schema", "apply", "--baseline", "--target", url(BenchServer.template)],
      log: "schema-apply"
    ).run()
    try await server.makeFreshDatabase()
    _ = try process(convoyCommand(report: "prepare"), log: "convoy-prepare").run()
    let contents = try await server.contents()
    guard contents.sessions.rows == documents.sessions,
      contents.messages.rows == documents.sessions * documents.turns
    else {
      let wanted = TableContents(
        sessions: .init(rows: documents.sessions, sum: "any"),
        messages: .init(rows: documents.sessions * documents.turns, sum: "any"))
      throw BenchError.wrongRows(tool: .convoy, expected: wanted, found: contents)
    }
    _ = try process(
      psqlCommand { table, file in "\\copy (select * from \(table) order by ctid) to \(file)" },
      log: "psql-prepare"
    ).run()
    return contents
  }

  private func measure(_ tool: ImportRun.Tool, pair: Int) throws -> ImportRun {
    let name = "\(tool.rawValue)-\(pair)"
    let command =
      switch tool {
      case .convoy: convoyCommand(report: name)
      case .psql: psqlCommand { table, file in "\\copy \(table) from \(file)" }
      }
    let before = try server.cpu?.ticks()
    let cost = try process(command, log: name).run()
    let after = try server.cpu?.ticks()
    var serverSeconds: Double?
    if let before, let after { serverSeconds = ServerCPU.seconds(ticks: after - before) }
    return ImportRun(
      pair: pair, tool: tool, wallSeconds: cost.wallSeconds, clientCPUSeconds: cost.cpuSeconds,
      serverCPUSeconds: serverSeconds, clientPeakBytes: cost.peakBytes)
  }

  private func convoyCommand(report: String) -> [String] {
    [
      convoy, "run", pipeline, "--input", directory.appending(path: "threads").path,
      "--target", url(BenchServer.loaded),
      "--report", directory.appending(path: "reports/\(report)").path,
    ] + (workers.map { ["--workers", "\($0)"] } ?? [])
      + (strategy.map { ["--set", "load.strategy=\($0)"] } ?? [])
  }

  /// One psql process, one transaction for each table, as a user would type it.
  private func psqlCommand(_ copy: (_ table: String, _ file: String) -> String) -> [String] {
    ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url(BenchServer.loaded)]
      + ["sessions", "messages"].flatMap { rows in
        let path = directory.appending(path: "rows/\(rows).copy").path
        let quoted = "'" + path.replacing("'", with: "''") + "'"
        return ["-c", copy("exai_\(rows)", quoted)]
      }
  }

  private func process(_ command: [String], log: String) -> MeasuredProcess {
    MeasuredProcess(
      command: command, environment: environment,
      log: directory.appending(path: "logs/\(log).log"))
  }

  private static func tell(_ progress: String) {
    FileHandle.standardError.write(Data("\(progress)\n".utf8))
  }

  private func url(_ database: String) -> String {
    server.url.database(database)
  }
}
