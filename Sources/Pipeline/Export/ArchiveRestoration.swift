public import Archive
internal import Postgres

/// Puts an archive's rows back into a database, and proves that they are the same.
public struct ArchiveRestoration: Sendable {
  /// What is restored, and where to.
  public struct Options: Sendable {
    /// A schema that is made for all tables; nil puts each into its own.
    public var schema: String?
    /// Which rows.
    public var selection = ArchiveSelection()
    /// What becomes of a row whose primary key is in the table already; nil wants the tables empty.
    public var onConflict: ConflictPolicy?
    /// Members loaded at a time, each table's by so many connections.
    public var connections = ExportSpec.defaultConnections
    /// Whether the schema is dropped again once the rows are proven.
    public var isTest = false

    /// Makes options that restore everything where it was.
    public init() {}
  }

  /// What became of one table.
  public struct Outcome: Sendable {
    /// The table's name, with its schema where that is not `public`.
    public let table: String
    /// Rows of the archive that were to be restored, all of which have been read.
    public let rows: Int
    /// What became of them; nil where they went into a table that had none.
    public internal(set) var merged: MergeCounts?
    /// Whether the rows in the database have the archive's count and checksum, those left out that `merged`
    /// tells to be kept as they were.
    public let isEqual: Bool
    /// Members that were read, and that the table has in the archive.
    public let membersRead: Int
    /// See ``membersRead``.
    public let members: Int
  }

  /// What became of rows that met a table with rows; together they are all.
  public struct MergeCounts: Sendable, Hashable {
    /// Not there before.
    public internal(set) var inserted = 0
    /// There as they are in the archive.
    public internal(set) var unchanged = 0
    /// There with other values, and now as in the archive.
    public internal(set) var updated = 0
    /// There with other values, which stay.
    public internal(set) var kept = 0
  }

  /// What a restoration did.
  public struct Result: Sendable {
    /// The tables, in the archive's order.
    public internal(set) var tables: [Outcome] = []
    /// Tables of which a selection takes no rows, with the reason.
    public internal(set) var passedOver: [String] = []
    /// Constraints, indexes and defaults the server would not make, with its reason.
    public internal(set) var unmade: [String] = []
  }

  let archive: ArchiveDirectory
  let target: TargetChoice
  let options: Options
  let progress: Progress
  let stop: StopSignal

  /// Prepares to restore.
  ///
  /// - Parameters:
  ///   - archive: what.
  ///   - target: where to.
  ///   - options: how.
  ///   - progress: told behind each member how far it is.
  ///   - stop: asked behind each member.
  public init(
    _ archive: ArchiveDirectory, to target: TargetChoice, options: Options, progress: Progress,
    stop: StopSignal
  ) {
    self.archive = archive
    self.target = target
    self.options = options
    self.progress = progress
    self.stop = stop
  }

  /// Restores and compares.
  ///
  /// - Returns: each table's verdict.
  /// - Throws: ``RunError``, of kind `overBudget` for damage; `PostgresError`. Tables that were made are gone
  ///   then, and what was merged is as it was; rows that came into an empty table stay.
  public func run() async throws -> Result {
    let format = try archive.format()
    guard format != .conversations else {
      throw RunError(
        .failed,
        "\(archive.path) holds conversations to read and to hand over, not rows to restore",
        hint: "restore an archive whose export.format is jsonl or copy")
    }
    let target = try await target.connectionTarget(startingLocal: true)
    let control = try PostgresConnection(target, applicationName: "convoy restore")
    stop.add(try control.canceller())
    let selected = try await SelectedTables(options.selection, archive)
    let tables = try plan(selected, control)
    progress.expect(bytes: tables.reduce(0) { $0 + $1.rows.packedBytes })
    try create(tables, control)
    do {
      let expected = try await load(tables, target)
      let merge = ArchiveMerge(
        archive: archive, policy: options.onConflict ?? .fail, progress: progress, stop: stop)
      var merged = try await merge.run(tables.filter(\.isMerged), control)[...]
      var result = Result(passedOver: selected.passedOver)
      let unmade = try await define(tables, target, control)
      let proof = try await prove(tables, expected, target, control)
      result.unmade = (unmade + proof.unmade).sorted()
      result.tables = tables.indices.compactMap { proof.outcomes[$0] ?? merged.popFirst() }
      try settle(control)
      if options.isTest { try drop(tables, control) }
      return result
    } catch {
      // What made it fail is the one to tell; tables that could not be dropped show themselves.
      try? drop(tables, control)
      throw error
    }
  }

  private func create(
    _ tables: [RestoredTable], _ control: borrowing PostgresConnection
  ) throws {
    var statements = [RestoreScope.begin(serverVersion: control.serverVersion)]
    if let schema = options.schema {
      statements.append("CREATE SCHEMA \(quotedIdentifier(schema))")
    }
    let new = tables.filter(\.isMade)
    for schema in Set(new.flatMap(\.schemas)) where options.schema == nil {
      statements.append("CREATE SCHEMA IF NOT EXISTS \(quotedIdentifier(schema))")
    }
    if !new.isEmpty {
      for type in archive.manifest.enums {
        let known = try control.query("SELECT to_regtype($1)", [type.name]).first?[0]
        guard known == nil else { continue }
        let labels = type.labels.map { quotedLiteral($0) }.joined(separator: ", ")
        statements.append("CREATE TYPE \(type.name) AS ENUM (\(labels))")
      }
    }
    statements += new.flatMap { $0.creation(schema: options.schema) }
    do {
      for statement in statements { try control.execute(statement) }
      try control.execute("COMMIT")
    } catch {
      // The transaction has failed; ending it can only fail with the connection.
      _ = try? control.execute("ROLLBACK")
      throw error
    }
  }

  /// Waits until the server has on disk what was committed without waiting for that.
  ///
  /// A commit that waits, as the server is set up, waits for all commits before it too; it must have an id.
  private func settle(_ control: borrowing PostgresConnection) throws(PostgresError) {
    try control.execute("BEGIN; SELECT pg_catalog.txid_current(); COMMIT")
  }

  private func drop(
    _ tables: [RestoredTable], _ control: borrowing PostgresConnection
  ) throws {
    if control.isInTransaction { try control.execute("ROLLBACK") }
    let new = tables.filter(\.isMade).map(\.name.sql)
    if let schema = options.schema {
      try control.execute("DROP SCHEMA \(quotedIdentifier(schema)) CASCADE")
    } else if !new.isEmpty {
      try control.execute("DROP TABLE IF EXISTS \(new.joined(separator: ", ")) CASCADE")
    }
  }
}

/// What every transaction of a restoration begins with.
///
/// No commit waits for the disk: one at the end of the restoration waits for all of them.
///
/// Long values are compressed by lz4 where the server has it: pglz is slower by far for about the same size
/// (PostgreSQL documentation, default_toast_compression).
enum RestoreScope {
  static func begin(serverVersion: Int) -> String {
    """
    BEGIN; SET LOCAL row_security = off; SET LOCAL search_path = '';
    \(ExportSnapshot.valueSettings)
    SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL synchronous_commit = off;
    SELECT pg_catalog.set_config(name, 'lz4', true) FROM pg_catalog.pg_settings
      WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
    SET LOCAL maintenance_work_mem = '256MB';
    \(serverVersion >= 170_000 ? "SET LOCAL transaction_timeout = 0;" : "")
    """
  }
}
