internal import Foundation
internal import Pipeline
internal import Postgres
internal import Synchronization

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
    let name = "convoy-tests-\(ProcessInfo.processInfo.processIdentifier)"
    let home = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    var environment = ProcessInfo.processInfo.environment
    environment["CONVOY_HOME"] = home
    let cluster = try LocalCluster(environment: environment)
    try watch(cluster, home: home)
    try await cluster.start()
    let connection = try PostgresConnection(cluster.target(database: "postgres"))
    // Nothing here outlives the tests, so nothing has to survive a power cut.
    try connection.execute("ALTER SYSTEM SET fsync = off")
    try connection.execute("SELECT pg_reload_conf()")
    return cluster
  }

  /// Leaves a process behind that ends the server and removes its files once the tests are over.
  ///
  /// It waits for the end of a pipe whose other end only this process holds, so that it notices an
  /// ordinary end as well as a crash or `kill -9`.
  private static func watch(_ cluster: LocalCluster, home: String) throws {
    let script = """
      trap '' INT TERM HUP
      cat > /dev/null
      test -f "$1/postmaster.pid" && kill -QUIT "$(head -n 1 "$1/postmaster.pid")"
      for _ in $(seq 100); do test -f "$1/postmaster.pid" || break; sleep 0.1; done
      rm -rf "$2" "$3"
      """
    let watcher = Process()
    watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
    watcher.arguments = [
      "-c", script, "sh", cluster.dataDirectory, home, cluster.socketDirectory,
    ]
    let pipe = Pipe()
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    watcher.standardInput = pipe
    watcher.standardOutput = FileHandle.nullDevice
    watcher.standardError = FileHandle.nullDevice
    try watcher.run()
    held.withLock { $0 = pipe }
  }

  // Closed by the kernel when the process ends, which is the signal the watcher waits for.
  private static let held = Mutex<Pipe?>(nil)
}
