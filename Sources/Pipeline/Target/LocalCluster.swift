internal import FoundationEssentials
public import Postgres

#if canImport(Glibc)
  internal import Glibc
#endif

/// convoy's own PostgreSQL server on this machine: one per state directory.
///
/// It listens on a Unix socket only, in a directory of mode 0700 whose owner runs the server, so
/// that only this user and root can connect; within it no password is asked.
public struct LocalCluster: Sendable {
  /// The state directory the cluster lives in.
  public let home: StateDirectory
  let environment: [String: String]

  /// Names the cluster of a state directory; touches nothing.
  ///
  /// - Parameter environment: where `CONVOY_HOME`, `CONVOY_PG_BIN` and `PATH` are looked up.
  /// - Throws: ``RunError`` when no variable tells where local state is kept.
  public init(environment: [String: String]) throws(RunError) {
    home = try StateDirectory(environment: environment)
    self.environment = environment
  }

  /// The name of the database imports go to.
  public static let databaseName = "convoy"
  /// The cluster's superuser.
  public static let userName = "postgres"

  /// Where the server's files are.
  public var dataDirectory: String { "\(directory)/data" }

  /// Where the server's messages go.
  public var logFile: String { "\(directory)/server.log" }

  /// Where the server's socket is.
  ///
  /// Beside the data, or in a short directory under /tmp when the socket's path would be longer
  /// than the 107 bytes Linux allows, or holds a comma, which libpq takes for the end of a host.
  public var socketDirectory: String {
    let beside = "\(directory)/socket"
    let isShort = beside.utf8.count + "/.s.PGSQL.5432".utf8.count <= 107
    if isShort, !beside.contains(",") { return beside }
    // FNV-1a: the name has only to differ from one home to the next.
    let hash = home.path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return "/tmp/convoy-" + String(hash, radix: 16)
  }

  /// A libpq URL of the database, which holds no secret; the server may not be running.
  public var url: String { url(database: Self.databaseName) }

  /// A libpq URL of one database of the cluster.
  public func url(database: String) -> String {
    let unreserved = Set("/-._~".utf8)
    let host = socketDirectory.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || (48...57).contains(byte))
      if isPlain || unreserved.contains(byte) { return String(Character(scalar)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return "postgresql://\(Self.userName)@/\(database)?host=\(host.joined())&port=5432"
  }

  /// How to connect to one database of the cluster.
  ///
  /// - Parameter database: its name.
  /// - Returns: the target; the server may not be running.
  /// - Throws: `PostgresError` when the path of the state directory cannot be part of a URL.
  public func target(database: String = Self.databaseName) throws(PostgresError)
    -> ConnectionTarget
  { try ConnectionTarget(url(database: database)) }

  /// Starts the server, making cluster, roles, database and schema as far as they are missing.
  ///
  /// - Returns: false when it was running already.
  /// - Throws: ``RunError`` or `PostgresError`; a half-made cluster is made anew next time.
  @discardableResult
  public func start() async throws -> Bool {
    let user = try ServerUser.choose(dataOwner: filesOwner)
    return try await locked(owner: user) { try await startLocked(user: user) }
  }

  private func startLocked(user: ServerUser) async throws -> Bool {
    if postmaster() != nil {
      try await waitUntilReady()
      try prepareDatabase()
      return false
    }
    let program = try await serverProgram(user: user)
    try makePrivateDirectory(directory, owner: user)
    try makePrivateDirectory(socketDirectory, owner: user)
    if PathFacts(dataDirectory) == nil { try await makeCluster(program) }
    try writeSettings(owner: user)
    try await clearStaleProcess()
    do throws(RunError) {
      try await program.run(
        "pg_ctl", ["start", "-D", "data", "-l", "server.log", "-w", "-t", "60", "-s"],
        in: directory)
    } catch {
      throw RunError(.failed, error.message, hint: "the server's log is \(logFile)")
    }
    try prepareDatabase()
    return true
  }

  /// Stops the server, ending its connections.
  ///
  /// - Returns: false when it was not running.
  /// - Throws: ``RunError`` when it does not stop within a minute.
  @discardableResult
  public func stop() async throws -> Bool {
    guard let filesOwner else { return false }
    let user = try ServerUser.choose(dataOwner: filesOwner)
    return try await locked(owner: user) { try await stopLocked(user: user) }
  }

  /// Stops the server and deletes its files, data included.
  ///
  /// - Returns: false when there was nothing to delete.
  /// - Throws: ``RunError`` when the server does not stop or a file cannot be deleted.
  @discardableResult
  public func remove() async throws -> Bool {
    guard let filesOwner else { return false }
    let user = try ServerUser.choose(dataOwner: filesOwner)
    return try await locked(owner: user) {
      _ = try await stopLocked(user: user)
      do {
        for path in [socketDirectory, directory] where PathFacts(path) != nil {
          try FileManager.default.removeItem(atPath: path)
        }
      } catch {
        throw RunError(.fileAccess, "\(directory): \(error)")
      }
      return true
    }
  }

  /// Path of the psql that belongs to the server.
  ///
  /// - Returns: an absolute path.
  /// - Throws: ``RunError`` when no server of the data's version is installed.
  public func psql() async throws(RunError) -> String {
    let binaries = try await ServerBinaries.find(
      environment: environment, majorVersion: dataVersion)
    return "\(binaries.directory)/psql"
  }

  var directory: String { "\(home.path)/local" }

  /// Who the files belong to; nil when there are none.
  var filesOwner: UInt32? { (PathFacts(dataDirectory) ?? PathFacts(directory))?.userID }

  private func stopLocked(user: ServerUser) async throws(RunError) -> Bool {
    guard postmaster() != nil else { return false }
    let program = try await serverProgram(user: user)
    try await program.run(
      "pg_ctl", ["stop", "-D", "data", "-m", "fast", "-w", "-t", "60", "-s"], in: directory)
    return true
  }

  private func serverProgram(user: ServerUser) async throws(RunError) -> ServerProgram {
    let binaries = try await ServerBinaries.find(
      environment: environment, majorVersion: dataVersion)
    return ServerProgram(binaries: binaries, user: user, environment: environment)
  }

  private func locked<Result>(
    owner: ServerUser, _ body: () async throws -> Result
  ) async throws -> Result {
    try makeStateDirectory(home.path)
    if owner.needsSwitch, let closed = firstClosedDirectory(to: home.path, for: owner) {
      throw RunError(
        .fileAccess,
        "\(closed): the server runs as user \(owner.name), who may not enter this directory",
        hint: "set CONVOY_HOME to a directory that \(owner.name) can reach")
    }
    let homeOwner = PathFacts(home.path).map { ($0.userID, $0.groupID) }
    return try await withFileLock(
      "\(home.path)/local.lock", owner: homeOwner ?? (owner.userID, owner.groupID), body)
  }
}
