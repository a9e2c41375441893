internal import Foundation

/// Migrates one table by turns: with convoy, and by statements inside the server.
struct TableComparison {
  let convoy: String
  let pipeline: String
  let workers: Int?
  let directory: URL
  let server: BenchServer
  let environment: [String: String]
  let rows: Int
  let dimensions: Int

  /// One migration in one mode by both.
  struct Run {
    let mode: TableStatements.Mode
    let convoySeconds: Double
    let serverSeconds: Double
    let peakBytes: Int?
  }

  private var url: String { server.url.database(BenchServer.loaded) }

  /// Makes the database with the table and the target's empty tables.
  func makeTable() async throws {
    try await server.makeEmptyTemplate()
    try await server.makeFreshDatabase()
    _ = try process([convoy, "schema", "apply", "--baseline", "--target", url], "schema").run()
    Self.tell("making \(rows) rows")
    _ = try process(psql(statements(hasVectors: await hasVectors()).make), "make").run()
  }

  /// Whether the server has pgvector, which is then made in the database.
  private func hasVectors() async -> Bool {
    // Its failure is the answer.
    (try? await answer(of: psql("CREATE EXTENSION IF NOT EXISTS vector"))) != nil
  }

  private func statements(hasVectors: Bool) -> TableStatements {
    TableStatements(rows: rows, dimensions: dimensions, hasVectors: hasVectors)
  }

  /// Runs each pair in each mode; both left the same messages, else this throws.
  func runs(of modes: [TableStatements.Mode], pairs: Int) async throws -> [Run] {
    let hasVectors = await hasVectors()
    let source = try await contents(
      of: "conversations", "direction, text, tokens_in, latency_ms, created_at")
    var runs: [Run] = []
    for mode in modes {
      for pair in 1...pairs {
        let statements = statements(hasVectors: hasVectors)
        let theirs = try await measure(source, "server-\(mode.rawValue)-\(pair)") { name in
          try migrate(statements, mode, name)
        }
        let ours = try await measure(source, "convoy-\(mode.rawValue)-\(pair)") { name in
          try process(convoyCommand(mode, report: name), name).run()
        }
        runs.append(
          Run(
            mode: mode, convoySeconds: ours.wallSeconds, serverSeconds: theirs.wallSeconds,
            peakBytes: ours.peakBytes))
        Self.tell(
          "\(mode.rawValue) \(pair)/\(pairs): convoy \(ours.wallSeconds) s, server \(theirs.wallSeconds) s"
        )
      }
    }
    return runs
  }

  private func measure(
    _ source: TableContents.Checksum, _ name: String, _ job: (String) throws -> ProcessCost
  ) async throws -> ProcessCost {
    try await removeRows()
    let cost = try job(name)
    let found = try await contents(
      of: "exai_messages", "role, content, tokens_in, latency_ms, created_at")
    guard found == source else {
      throw BenchError.unreadableAnswer(
        command: [name], answer: "\(found.rows) messages, \(source.rows) rows, or others than these"
      )
    }
    // Of millions of embeddings a disk may hold one copy and not two.
    try await removeRows()
    try removeFiles(objects(name))
    try removeFiles(embeddings)
    return cost
  }

  private func removeRows() async throws {
    _ = try await answer(of: psql("TRUNCATE exai_sessions CASCADE; CHECKPOINT"))
  }

  private func removeFiles(_ place: URL) throws {
    guard FileManager.default.fileExists(atPath: place.path) else { return }
    try FileManager.default.removeItem(at: place)
  }

  /// Where convoy stores the embeddings of a run, and where the server's are copied.
  private func objects(_ name: String) -> URL { directory.appending(path: "objects/\(name)") }
  private var embeddings: URL { directory.appending(path: "embeddings.copy") }

  private func contents(of table: String, _ columns: String) async throws -> TableContents.Checksum
  {
    try await server.checksum(of: "row(\(columns))", from: table)
  }

  /// The statements, and for files of embeddings a copy of these.
  private func migrate(
    _ statements: TableStatements, _ mode: TableStatements.Mode, _ name: String
  ) throws -> ProcessCost {
    let cost = try process(psql(statements.migrate(mode)), name).run()
    guard mode == .object else { return cost }
    let path = embeddings.path.replacing("'", with: "''")
    let copy = try process(
      psql("\\copy (select id, embedding from conversations) to '\(path)' (format binary)"),
      "\(name)-copy"
    ).run()
    return ProcessCost(
      wallSeconds: cost.wallSeconds + copy.wallSeconds,
      cpuSeconds: cost.cpuSeconds + copy.cpuSeconds,
      peakBytes: cost.peakBytes)
  }

  private func convoyCommand(_ mode: TableStatements.Mode, report: String) -> [String] {
    [
      convoy, "run", pipeline, "--target", url, "--restart",
      "--report", directory.appending(path: "reports/\(report)").path,
      "--set", "transform.embeddings=\(mode.rawValue)", "--set", "store.kind=directory",
      "--set", "store.directory=\(objects(report).path)",
    ] + (workers.map { ["--workers", "\($0)"] } ?? [])
  }

  private func psql(_ statements: String) -> [String] {
    ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statements]
  }

  private func process(_ command: [String], _ log: String) -> MeasuredProcess {
    MeasuredProcess(
      command: command, environment: environment.merging(["LEGACY_DATABASE_URL": url]) { $1 },
      log: directory.appending(path: "logs/\(log).log"))
  }

  private static func tell(_ progress: String) {
    FileHandle.standardError.write(Data("\(progress)\n".utf8))
  }

  /// A line for each mode: medians, their ratio, and convoy's peak.
  func text(_ runs: [Run], loadAverage: Double) -> String {
    var lines = [
      "\(rows) rows, embeddings of \(dimensions) numbers; load average \(loadAverage)",
      "embeddings  convoy s  server s   ratio  peak MiB",
    ]
    for mode in TableStatements.Mode.allCases {
      let own = runs.filter { $0.mode == mode }
      guard !own.isEmpty else { continue }
      let ours = Spread(own.map(\.convoySeconds)).median
      let theirs = Spread(own.map(\.serverSeconds)).median
      let peak = own.compactMap(\.peakBytes).max().map { Double($0) / 1_048_576 }
      lines.append(
        mode.rawValue + String(repeating: " ", count: 10 - mode.rawValue.count)
          + ImportReport.fixed(ours, width: 10) + ImportReport.fixed(theirs, width: 10)
          + ImportReport.fixed(ours / theirs, width: 8) + ImportReport.fixed(peak, width: 10))
    }
    return lines.joined(separator: "\n")
  }
}
