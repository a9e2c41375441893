internal import Foundation
internal import Pipeline

/// A PgBouncer before the server that the tests of this process share; it ends with this process.
public struct TestPooler: Sendable {
  /// When a server connection goes back into the pool.
  public enum Mode: String, Sendable, CaseIterable {
    /// At the end of each transaction, with whatever a session's statements have left on it.
    case transaction
    /// When the client is gone; PgBouncer clears it.
    case session
  }

  /// Server connections of each pool; every database has a pool of its own.
  public static let poolSize = 3

  private let directory: String

  /// The pooler of a mode, started by the first that asks.
  ///
  /// - Parameter mode: its pool mode.
  /// - Returns: the running pooler.
  /// - Throws: ``TestFailure`` when it does not start.
  public static func shared(_ mode: Mode) async throws -> TestPooler {
    try await (mode == .transaction ? transaction : session).value
  }

  private static let transaction = Task { try await start(.transaction) }
  private static let session = Task { try await start(.session) }

  /// A libpq URL of a database of the shared server, by way of the pooler.
  ///
  /// - Parameter database: the database.
  /// - Returns: the URL, which holds no password.
  public func url(_ database: TestDatabase) -> String {
    "postgresql://\(LocalCluster.userName)@/\(database.name)?host=\(directory)&port=5432"
  }

  private static func start(_ mode: Mode) async throws -> TestPooler {
    let cluster = try await ScratchCluster.shared.cluster()
    let programs = try await ServerPrograms()
    let directory = TestServer.directory(named: "pooler-\(mode)")
    let pidFile = "\(directory)/pgbouncer.pid"
    try EndWatcher.watch(pidFile: pidFile, signal: "TERM", removing: [directory])
    try programs.makeDirectory(directory)
    // Supavisor and Supabase's own PgBouncer ignore the same parameter, and refuse others.
    let settings = """
      [databases]
      * = host=\(cluster.socketDirectory) port=5432
      [pgbouncer]
      listen_port = 5432
      unix_socket_dir = \(directory)
      auth_type = trust
      auth_file = \(directory)/users.txt
      pool_mode = \(mode.rawValue)
      default_pool_size = \(poolSize)
      max_client_conn = 500
      ignore_startup_parameters = extra_float_digits
      logfile = \(directory)/pgbouncer.log
      pidfile = \(pidFile)

      """
    try settings.write(
      toFile: "\(directory)/pgbouncer.ini", atomically: false, encoding: .utf8)
    try "\"\(LocalCluster.userName)\" \"\"\n".write(
      toFile: "\(directory)/users.txt", atomically: false, encoding: .utf8)
    try await programs.run("pgbouncer", ["-q", "-d", "pgbouncer.ini"], in: directory)
    // It goes into the background before it listens.
    for _ in 0..<6_000 {
      if FileManager.default.fileExists(atPath: "\(directory)/.s.PGSQL.5432") {
        return TestPooler(directory: directory)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw TestFailure("pgbouncer does not listen; its log is \(directory)/pgbouncer.log")
  }
}
