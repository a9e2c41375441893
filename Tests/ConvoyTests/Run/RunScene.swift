internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport

/// A directory and a database of one test, and the built program between them.
struct RunScene: Sendable {
  let directory: TemporaryDirectory
  let database: TestDatabase

  /// Lends a scene; only a few are lent at a time, whatever the number of tests that run at once.
  static func with(
    _ contents: TestDatabase.Contents = .schema, _ body: (RunScene) async throws -> Void
  ) async throws {
    await gate.enter()
    do {
      try await withAnother(contents, body)
    } catch {
      await gate.leave()
      throw error
    }
    await gate.leave()
  }

  /// Lends a second scene to a test that has one.
  static func withAnother(
    _ contents: TestDatabase.Contents = .schema, _ body: (RunScene) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try await TestDatabase.with(contents) { database in
        try await body(RunScene(directory: directory, database: database))
      }
    }
  }

  private static let gate = Gate(width: 3)

  /// Variables under which nothing but the test's own target and state can be met.
  var environment: [String: String] {
    ["CONVOY_HOME": "\(directory.path)/home", "NO_COLOR": "1"]
  }

  /// Runs `convoy` in the scene's directory.
  func convoy(
    _ arguments: [String], through wrapper: [String] = [], input: String = "",
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      arguments, environment: environment, input: input, directory: directory.path,
      through: wrapper, whileRunning: whileRunning)
  }

  /// Writes a pipeline of some format, with further YAML below it, and runs it.
  func run(
    _ format: String, _ inputs: [String], yaml: String = "", options: [String] = [],
    through wrapper: [String] = [], standardInput: String = "",
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> RunOutcome {
    try directory.write("pipeline.yaml", "source: {format: \(format)}\n\(yaml)\n")
    let ended = try await convoy(
      ["run", "pipeline.yaml", "--target", database.url, "--report", "report"]
        + inputs.flatMap { ["--input", $0] } + options, through: wrapper, input: standardInput,
      whileRunning: whileRunning)
    return RunOutcome(ended, in: directory)
  }

  /// One text column or several of each row.
  func rows(_ sql: String) throws -> [[String?]] { try database.query(sql) }

  /// Runs statements whose answers nobody needs.
  func execute(_ sql: String) throws { try database.connect().execute(sql) }

  /// The one value a query answers with.
  func value(_ sql: String) throws -> String? { try database.query(sql).first?.first ?? nil }

  /// Whether a child of this process has not ended; one that has waits for it as a zombie.
  func isRunning(_ process: Int32) throws -> Bool {
    let fields = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return fields.split(separator: ")").last?.first { $0 != " " } != "Z"
  }

  /// Waits until some worker of a run is in a state, as `pg_stat_activity` has it.
  func waitForWorkers(_ condition: String) async throws {
    let connection = try database.connect()
    let question = """
      SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND application_name LIKE 'convoy worker%' AND \(condition))::int
      """
    while try connection.query(question).first?.integer(0) != 1 {
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Rows and an order-independent checksum over every column of both tables.
  func checksum() throws -> [[String?]] { try rows(Self.checksumQuery) }

  /// Asks any database for the same.
  static let checksumQuery = """
    SELECT 'sessions', count(*), sum(hashtextextended(t::text, 0)) FROM exai_sessions t
    UNION ALL
    SELECT 'messages', count(*), sum(hashtextextended(t::text, 0)) FROM exai_messages t
    ORDER BY 1
    """
}

/// Lets a number of tests in at a time, each in its turn.
actor Gate {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(width: Int) { free = width }

  func enter() async {
    guard free == 0 else {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    guard waiting.isEmpty else {
      waiting.removeFirst().resume()
      return
    }
    free += 1
  }
}
