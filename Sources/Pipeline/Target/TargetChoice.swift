public import Postgres

/// Which database a command works on, as `--target`, `load.target` or the environment say.
public struct TargetChoice: Sendable, CustomStringConvertible {
  private enum Database: Sendable {
    case local(LocalCluster)
    case server(ConnectionTarget)
    case none
  }

  /// No database at all, for a dry run that asks none.
  public static let offline = TargetChoice(database: .none, source: " (offline)")

  private let database: Database
  private let source: String

  /// Finds the target.
  ///
  /// - Parameters:
  ///   - text: `local`, a `postgresql://` URL, or libpq's keywords and values such as
  ///     `service=NAME`. Nil or empty leaves it to `DATABASE_URL`, then to libpq's PG* variables
  ///     where one of them names a server or database, then to `local`.
  ///   - environment: where the variables are looked up.
  /// - Returns: the choice; nothing has been connected to or started.
  /// - Throws: `PostgresError` of reason `connectionString`, whose message does not repeat `text`;
  ///   ``RunError`` when there is no place for a local database.
  public static func resolve(_ text: String?, environment: [String: String]) throws
    -> TargetChoice
  {
    if let text, !text.isEmpty {
      return try TargetChoice(text, source: "", environment: environment)
    }
    if let url = environment["DATABASE_URL"], !url.isEmpty {
      return try TargetChoice(url, source: " (from DATABASE_URL)", environment: environment)
    }
    let naming = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"]
    if naming.contains(where: { environment[$0]?.isEmpty == false }) {
      return TargetChoice(
        database: .server(.environment), source: " (from libpq's environment variables)")
    }
    return try TargetChoice("local", source: "", environment: environment)
  }

  private init(database: Database, source: String) {
    self.database = database
    self.source = source
  }

  private init(_ text: String, source: String, environment: [String: String]) throws {
    if text == "local" {
      database = .local(try LocalCluster(environment: environment))
    } else {
      // libpq takes a bare word for a database name; here it is more likely a mistyped `local`.
      guard text.contains("=") || text.contains("://") else {
        throw PostgresError(
          reason: .connectionString,
          message: "the target is neither local, a postgresql:// URL nor key=value pairs")
      }
      database = .server(try ConnectionTarget(text))
    }
    self.source = source
  }

  /// Whether it is convoy's own server on this machine.
  public var isLocal: Bool {
    if case .local = database { return true }
    return false
  }

  /// What to call it before a person: server and database, never a password.
  public var description: String {
    switch database {
    case .local(let cluster):
      "local (database \(LocalCluster.databaseName), socket \(cluster.socketDirectory))\(source)"
    case .server(let target): target.description + source
    case .none: "none" + source
    }
  }

  /// How to connect.
  ///
  /// - Parameter startingLocal: whether the local server is started, and its database and schema
  ///   made, if that is what was chosen and it is not there yet.
  /// - Returns: the target for connections.
  /// - Throws: ``RunError`` or `PostgresError` when the local server cannot be started, ``RunError`` when
  ///   there is no target.
  public func connectionTarget(startingLocal: Bool) async throws -> ConnectionTarget {
    switch database {
    case .server(let target): return target
    case .local(let cluster):
      if startingLocal { try await cluster.start() }
      return try cluster.target()
    case .none: throw RunError(.failed, "there is no target to connect to")
    }
  }
}
