public import Postgres

/// Which database a command works on, as `--target`, `load.target` or the environment say.
public struct TargetChoice: Sendable, CustomStringConvertible {
  private enum Database: Sendable {
    case local(LocalCluster)
    case server(ConnectionTarget)
    case none
  }

  /// No database at all, for a dry run that asks none.
  public static let offline = TargetChoice(
    database: .none, source: " (offline)", passwordCommand: nil)

  private let database: Database
  private let source: String
  private let passwordCommand: SecretCommand?

  /// Finds the target.
  ///
  /// - Parameters:
  ///   - text: `local`, a `postgresql://` URL, or libpq's keywords and values such as
  ///     `service=NAME`. Nil leaves it to `DATABASE_URL`, then to libpq's PG* variables
  ///     where one of them names a server or database, then to `local`.
  ///   - passwordCommand: a shell command that prints the password, for a target that gives none; nil
  ///     leaves it to `CONVOY_PASSWORD_COMMAND`.
  ///   - environment: where the variables are looked up.
  /// - Returns: the choice; nothing has been connected to or started.
  /// - Throws: `PostgresError` of reason `connectionString`, whose message does not repeat `text`;
  ///   ``RunError`` when there is no place for a local database.
  public static func resolve(
    _ text: String?, passwordCommand: String? = nil, environment: [String: String]
  ) throws -> TargetChoice {
    try named(text, passwordCommand, environment)
      ?? made(try read("local", environment), "", passwordCommand, environment)
  }

  /// Finds the target of a pipeline.
  ///
  /// - Parameters:
  ///   - text: what the command line says, which wins.
  ///   - load: what the pipeline says; its password command counts for either.
  ///   - environment: as for ``resolve(_:passwordCommand:environment:)``.
  /// - Returns: the choice.
  /// - Throws: the same errors.
  public static func resolve(
    _ text: String?, or load: LoadSpec, environment: [String: String]
  ) throws -> TargetChoice {
    try resolve(
      text ?? load.target?.connectionText, passwordCommand: load.passwordCommand,
      environment: environment)
  }

  /// Finds the database of an export, which is never one that nobody named: an empty local database would make
  /// an archive too, and nobody would miss the rows.
  ///
  /// - Parameters:
  ///   - text: what the command line says, which wins.
  ///   - export: what the pipeline says; its password command counts for either.
  ///   - file: the pipeline, for the message.
  ///   - environment: as for ``resolve(_:passwordCommand:environment:)``.
  /// - Returns: the choice.
  /// - Throws: the same errors; ``RunError`` of kind `badPipeline` where no database is named.
  public static func resolve(
    _ text: String?, or export: ExportSpec, of file: String, environment: [String: String]
  ) throws -> TargetChoice {
    let choice = try named(
      text ?? export.target?.connectionText, export.passwordCommand, environment)
    guard let choice else {
      throw RunError(
        .badPipeline, "\(file): no database is named, and an export takes none by itself",
        hint: "name one by --target or export.target, by DATABASE_URL, or by libpq's PGHOST, "
          + "PGDATABASE or PGSERVICE; local is the database that convoy local runs")
    }
    return choice
  }

  private static func made(
    _ database: Database, _ source: String, _ passwordCommand: String?,
    _ environment: [String: String]
  ) -> TargetChoice {
    let command = passwordCommand ?? environment["CONVOY_PASSWORD_COMMAND"] ?? ""
    return TargetChoice(
      database: database, source: source,
      passwordCommand: command.isEmpty ? nil : SecretCommand(command, prints: .password))
  }

  /// The target that the text or the environment name; nil where neither does.
  private static func named(
    _ text: String?, _ passwordCommand: String?, _ environment: [String: String]
  ) throws -> TargetChoice? {
    guard let (database, source) = try choose(text, environment) else { return nil }
    return made(database, source, passwordCommand, environment)
  }

  private static func choose(
    _ text: String?, _ environment: [String: String]
  ) throws -> (Database, source: String)? {
    if let text {
      // Most often a script's variable that is not set: nothing goes where nobody named.
      guard !text.isEmpty else {
        throw PostgresError(reason: .connectionString, message: "the target is empty")
      }
      return (try read(text, environment), "")
    }
    if let url = environment["DATABASE_URL"], !url.isEmpty {
      return (try read(url, environment), " (from DATABASE_URL)")
    }
    let naming = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"]
    if naming.contains(where: { environment[$0]?.isEmpty == false }) {
      return (.server(.environment), " (from libpq's environment variables)")
    }
    return nil
  }

  private static func read(_ text: String, _ environment: [String: String]) throws -> Database {
    guard text != "local" else { return .local(try LocalCluster(environment: environment)) }
    // libpq takes a bare word for a database name; here it is more likely a mistyped `local`.
    guard text.contains("=") || text.contains("://") else {
      throw PostgresError(
        reason: .connectionString,
        message: "the target is neither local, a postgresql:// URL nor key=value pairs")
    }
    return .server(try ConnectionTarget(text))
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

  /// Which server and database it is, without what names it that way and who connects.
  var serverAndDatabase: String {
    switch database {
    case .local: "local"
    case .server(let target): target.serverAndDatabase
    case .none: "none"
    }
  }

  /// How to connect.
  ///
  /// - Parameter startingLocal: whether the local server is started, and its database and schema
  ///   made, if that is what was chosen and it is not there yet.
  /// - Returns: the target for connections.
  /// - Throws: ``RunError`` or `PostgresError` when the local server cannot be started, ``RunError`` when
  ///   the password command fails or there is no target.
  public func connectionTarget(startingLocal: Bool) async throws -> ConnectionTarget {
    switch database {
    case .server(var target):
      guard let passwordCommand, !target.givesPassword else { return target }
      target.set("password", try await passwordCommand.read())
      return target
    case .local(let cluster):
      if startingLocal { try await cluster.start() }
      return try cluster.target()
    case .none: throw RunError(.failed, "there is no target to connect to")
    }
  }
}

extension ConnectionTarget {
  /// Server and database, the same for every user and however they were given.
  fileprivate var serverAndDatabase: String {
    var values: [String: String] = [:]
    for parameter in resolved { values[parameter.key] = parameter.value }
    if let service = values["service"] { return "service \(service)" }
    let host = values["host"] ?? values["hostaddr"] ?? ""
    return "\(host):\(values["port"] ?? "") \(values["dbname"] ?? values["user"] ?? "")"
  }

  /// Whether its text or `PGPASSWORD` holds one.
  fileprivate var givesPassword: Bool { resolved.contains { $0.key == "password" } }
}
