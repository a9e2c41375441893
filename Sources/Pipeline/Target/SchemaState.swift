public import Postgres

/// How far a target's schema is, as its catalogue and its migration history tell.
public struct SchemaState: Sendable {
  /// One migration and where it stands.
  public struct Entry: Sendable {
    /// The migration.
    public let migration: Migration
    /// Where it stands.
    public let state: State
  }

  /// Where a migration stands.
  public enum State: Sendable, Hashable {
    /// Recorded under this version; its objects are there.
    case applied(version: String)
    /// Neither recorded nor there, or there only in part.
    case missing
    /// There with all that is needed, but not recorded.
    case unrecorded
    /// Something of that name is there that an import cannot use; recorded or not.
    case differs([String])
    /// Recorded under this version, while objects it makes are not there.
    case lost(version: String, [String])
    /// Its version is taken by a migration of another name.
    case versionTaken(by: String)
  }

  /// The migrations in order.
  public let entries: [Entry]
  /// Tables of the baseline that are not there.
  public let missingTables: [String]
  /// Things that work but should be looked at, each with what to do.
  public let warnings: [String]

  /// Reads the state; writes nothing, not even where there is no history yet.
  ///
  /// - Parameter connection: where to look; outside a transaction.
  /// - Throws: `PostgresError`.
  public init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    // One snapshot: an apply that commits between two reads would look like a damaged schema.
    try connection.execute(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '10s'")
    do throws(PostgresError) {
      try self.init(inSnapshotOf: connection)
      try connection.execute("COMMIT")
    } catch {
      // The first error tells; a lost connection has no transaction to end.
      _ = try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private init(inSnapshotOf connection: borrowing PostgresConnection) throws(PostgresError) {
    let catalogue = try SchemaCatalogue(connection)
    let history = try MigrationHistory(connection)
    missingTables = BaselineSchema.tables.filter { catalogue.columns[$0] == nil }
    var entries: [Entry] = []
    for migration in Migration.all {
      let objects = catalogue.objects(of: migration)
      entries.append(
        Entry(migration: migration, state: Self.state(of: migration, objects, history)))
    }
    self.entries = entries
    warnings = catalogue.warnings
  }

  /// Whether something is there, or recorded, that keeps migrations from being applied.
  public var clashes: Bool {
    entries.contains { entry in
      switch entry.state {
      case .applied, .missing, .unrecorded: false
      case .differs, .lost, .versionTaken: true
      }
    }
  }

  private static func state(
    of migration: Migration, _ objects: SchemaCatalogue.Objects, _ history: MigrationHistory
  ) -> State {
    if case .differ(let differences) = objects { return .differs(differences) }
    if let version = history.version(of: migration) {
      if case .absent(let missing) = objects { return .lost(version: version, missing) }
      return .applied(version: version)
    }
    if let name = history.names[migration.version] { return .versionTaken(by: name ?? "") }
    return objects == .present ? .unrecorded : .missing
  }
}

extension SchemaState.State: CustomStringConvertible {
  /// The state as `schema status` prints it.
  public var description: String {
    switch self {
    case .applied(let version): "applied under version \(version)"
    case .missing: "missing"
    case .unrecorded: "present but unrecorded"
    case .differs(let differences): "differs: " + differences.joined(separator: "; ")
    case .lost(let version, let missing):
      "recorded under version \(version), but not there: " + missing.joined(separator: "; ")
    case .versionTaken(let name): "its version is recorded for another migration: \(name)"
    }
  }
}
