internal import Foundation

/// Exports and restores the same rows in turns.
struct ExportComparison {
  /// One measured command.
  struct Run {
    let job: Job
    let wallSeconds: Double
    let peakBytes: Int?
  }

  enum Job: String, CaseIterable {
    case convoyExport = "convoy, everything new"
    case unchanged = "convoy, nothing changed"
    case pgDump = "pg_dump -Fd -j2"
    case pigz = "psql \\copy | pigz -p2"
    case convoyRestore = "convoy archive restore"
    case gunzip = "gunzip -c | psql \\copy"
  }

  let convoy: String
  let directory: URL
  let documents: ThreadDocuments
  let server: BenchServer
  let environment: [String: String]

  private static let tables = ["exai_sessions", "exai_messages"]

  /// Runs every job `pairs` times; rows that were restored are compared with those that were exported.
  func runs(pairs: Int) async throws -> [Run] {
    try await prepare()
    let expected = try await server.contents()
    var runs: [Run] = []
    for pair in 1...pairs {
      var jobs = Job.allCases
      // An unchanged night comes behind a full one, a restore behind its export; the rest alternates.
      if pair % 2 == 0 {
        jobs = [.pigz, .pgDump, .convoyExport, .unchanged, .gunzip, .convoyRestore]
      }
      for job in jobs {
        try await makeReady(for: job)
        let cost = try process(["sh", "-c", script(job)], log: "\(pair)-\(job)").run()
        Self.tell(
          "pair \(pair)/\(pairs) \(job.rawValue): \(ImportReport.fixed(cost.wallSeconds, width: 0)) s"
        )
        runs.append(Run(job: job, wallSeconds: cost.wallSeconds, peakBytes: cost.peakBytes))
        if job == .convoyRestore || job == .gunzip {
          let found = try await server.contents(of: BenchServer.restored)
          guard found == expected else {
            throw BenchError.wrongRows(
              tool: job == .gunzip ? .psql : .convoy, expected: expected, found: found)
          }
        }
      }
    }
    return runs
  }

  private func prepare() async throws {
    try await server.makeEmptyTemplate()
    _ = try process(
      [convoy, "schema", "apply", "--baseline", "--target", url(BenchServer.template)],
      log: "schema-apply"
    ).run()
    try await server.makeFreshDatabase()
    _ = try process(
      [
        convoy, "run", "pipelines/legacy-threads.yaml", "--input", path("threads"), "--target",
        url(BenchServer.loaded), "--report", path("reports/load"),
      ], log: "load"
    ).run()
    let pipeline = """
      name: bench
      report: {directory: "\(path("reports/export"))"}
      export: {root: "\(path("archives"))", tables: [\(Self.tables.joined(separator: ", "))], verify: none}
      """
    try Data(pipeline.utf8).write(to: directory.appending(path: "export.yaml"))
  }

  private func makeReady(for job: Job) async throws {
    switch job {
    case .convoyExport: try directory.makeEmptied(["archives"])
    case .pgDump, .pigz: try directory.makeEmptied(["dumps"])
    case .unchanged: break
    case .convoyRestore:
      try await server.make(BenchServer.restored, from: "template0")
    case .gunzip:
      try directory.makeEmptied(["dumps"])
      _ = try process(["sh", "-c", script(.pigz)], log: "pigz-for-gunzip").run()
      try await server.make(BenchServer.restored, from: BenchServer.template)
    }
  }

  private func script(_ job: Job) -> String {
    func copy(_ database: String, _ command: String) -> String {
      "psql -Xq -v ON_ERROR_STOP=1 -d '\(url(database))' -c '\(command)'"
    }
    switch job {
    case .convoyExport, .unchanged:
      return "'\(convoy)' run '\(path("export.yaml"))' --target '\(url(BenchServer.loaded))'"
    case .pgDump:
      return "\(pgDump) -Fd -j2 -Z6 -f '\(path("dumps/dump"))' -d '\(url(BenchServer.loaded))'"
    case .pigz:
      return Self.tables.map {
        copy(BenchServer.loaded, "\\copy \($0) to stdout")
          + " | pigz -p2 -6 > '\(path("dumps/\($0).gz"))'"
      }.joined(separator: " && ")
    case .convoyRestore:
      return "'\(convoy)' archive restore \"$(ls -d '\(path("archives"))'/2* | tail -n 1)\" "
        + "--target '\(url(BenchServer.restored))'"
    case .gunzip:
      return Self.tables.map {
        "gunzip -c '\(path("dumps/\($0).gz"))' | "
          + copy(BenchServer.restored, "\\copy \($0) from stdin")
      }.joined(separator: " && ")
    }
  }

  /// An older pg_dump refuses a newer server, so that of the server's own programs comes first.
  private var pgDump: String {
    environment["CONVOY_PG_BIN"].map { "'\($0)/pg_dump'" } ?? "pg_dump"
  }

  private func process(_ command: [String], log: String) -> MeasuredProcess {
    MeasuredProcess(
      command: command, environment: environment,
      log: directory.appending(path: "logs/\(log).log"))
  }

  private func path(_ name: String) -> String { directory.appending(path: name).path }

  private func url(_ database: String) -> String { server.url.database(database) }

  private static func tell(_ progress: String) {
    FileHandle.standardError.write(Data("\(progress)\n".utf8))
  }
}
