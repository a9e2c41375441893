internal import Foundation
internal import Pipeline
internal import Postgres

/// The one server all tests of this process share, started by the first that asks.
actor ScratchCluster {
  static let shared = ScratchCluster()

  private var starting: Task<LocalCluster, any Error>?

  /// The running cluster.
  func cluster() async throws -> LocalCluster {
    if let starting { return try await starting.value }
    let task = Task { try await Self.start() }
    starting = task
    return try await task.value
  }

  private static func start() async throws -> LocalCluster {
    let home = TestServer.directory(named: "scratch")
    var environment = ProcessInfo.processInfo.environment
    environment["CONVOY_HOME"] = home
    let cluster = try LocalCluster(environment: environment)
    // Server processes may outlive an immediate end by a moment; the socket's directory may be elsewhere.
    try EndWatcher.watch(
      pidFile: "\(cluster.dataDirectory)/postmaster.pid", signal: "QUIT",
      removing: [home, cluster.socketDirectory])
    try await cluster.start()
    let connection = try PostgresConnection(cluster.target(database: "postgres"))
    // Nothing here outlives the tests, so nothing has to survive a power cut.
    try connection.execute("ALTER SYSTEM SET fsync = off")
    try connection.execute("SELECT pg_reload_conf()")
    return cluster
  }
}
