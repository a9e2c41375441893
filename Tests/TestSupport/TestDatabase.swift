internal import Pipeline
public import Postgres

/// A database of its own for one test, on a real server that the tests of this process share.
public struct TestDatabase: Sendable {
  /// What a database holds when a test gets it.
  public enum Contents: Sendable {
    /// Nothing.
    case empty
    /// The baseline tables and both migrations, as `convoy local start` makes them.
    case schema
  }

  /// Name of the database.
  public let name: String
  /// A libpq URL of it, for `--target`; holds no password.
  public let url: String
  /// How to connect to it.
  public let target: ConnectionTarget

  /// Makes a database, lends it, and drops it however `body` ends.
  ///
  /// - Parameters:
  ///   - contents: what is in it at first.
  ///   - body: what the test does with it.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; also when there is no server on this machine, which is a failure.
  public static func with<Result>(
    _ contents: Contents = .schema, _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    let cluster = try await ScratchCluster.shared.cluster()
    return try await with(
      template: contents == .schema ? LocalCluster.databaseName : "template0",
      owner: LocalCluster.userName, url: { cluster.url(database: $0) }, body)
  }

  /// Makes a database on a server whose databases have the URLs that `url` tells, lends and drops it.
  static func with<Result>(
    template: String, owner: String, url: (_ database: String) -> String,
    _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    let name = "test_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    let server = try ConnectionTarget(url("postgres"))
    try PostgresConnection(server).execute(
      "CREATE DATABASE \(name) TEMPLATE \(template) OWNER \(owner)")
    let database = TestDatabase(name: name, url: url(name), target: try ConnectionTarget(url(name)))
    do {
      let result = try await body(database)
      try PostgresConnection(server).execute("DROP DATABASE \(name) WITH (FORCE)")
      return result
    } catch {
      // The test's own error matters more than one from dropping what it left.
      _ = try? PostgresConnection(server).execute("DROP DATABASE \(name) WITH (FORCE)")
      throw error
    }
  }

  /// Opens a connection to it.
  ///
  /// - Returns: the connection.
  /// - Throws: `PostgresError`.
  public func connect() throws(PostgresError) -> PostgresConnection {
    try PostgresConnection(target, applicationName: "convoy tests")
  }

  /// Opens a connection to another database of the same server.
  ///
  /// - Parameter other: its name.
  /// - Returns: the connection.
  /// - Throws: `PostgresError`.
  public func connect(to other: String) throws(PostgresError) -> PostgresConnection {
    var server = target
    server.set("dbname", other)
    return try PostgresConnection(server, applicationName: "convoy tests")
  }

  /// Runs one query on a connection of its own.
  ///
  /// - Parameters:
  ///   - sql: the query, with `$1`… for the parameters.
  ///   - parameters: their text forms.
  /// - Returns: rows of text values; NULL is nil.
  /// - Throws: `PostgresError`.
  public func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError)
    -> [[String?]]
  {
    let rows = try connect().query(sql, parameters)
    return rows.rows.map { row in (0..<rows.columns.count).map { row[$0] } }
  }

  /// Runs statements on a connection of its own.
  ///
  /// - Parameter sql: one or more statements.
  /// - Throws: `PostgresError`.
  public func execute(_ sql: String) throws(PostgresError) { try connect().execute(sql) }
}
