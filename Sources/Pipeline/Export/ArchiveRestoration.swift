public import Archive
internal import Postgres

/// Puts an archive's rows back into a database, and proves that they are the same.
public struct ArchiveRestoration: Sendable {
  /// What is restored, and where to.
  public struct Options: Sendable {
    /// A schema that is made for all tables; nil puts each into its own.
    public var schema: String?
    /// Tables, as the archive names them; empty for all.
    public var tables: [String] = []
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
    /// Rows that are there.
    public let rows: Int
    /// Whether count and checksum are those of the manifest.
    public let isEqual: Bool
    /// Whether the table was made.
    public let isNew: Bool
  }

  /// What a restoration did.
  public struct Result: Sendable {
    /// The tables, in the archive's order.
    public internal(set) var tables: [Outcome] = []
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
  ///   then; rows that came into a table that was there stay.
  public func run() async throws -> Result {
    let target = try await target.connectionTarget(startingLocal: true)
    let control = try PostgresConnection(target, applicationName: "convoy restore")
    stop.add(try control.canceller())
    let tables = try plan(control)
    progress.expect(bytes: tables.reduce(0) { $0 + $1.archived.packedBytes })
    try create(tables, control)
    do {
      try await load(tables, target)
      var result = Result()
      result.unmade = try await finish(tables, target, control)
      for table in tables {
        result.tables.append(try await compare(table, target, control))
      }
      if options.isTest { try drop(tables, control) }
      return result
    } catch {
      // What made it fail is the one to tell; tables that could not be dropped show themselves.
      try? drop(tables, control)
      throw error
    }
  }

  /// Finds each table's place, and refuses what cannot end well before anything is written.
  private func plan(_ control: borrowing PostgresConnection) throws -> [RestoredTable] {
    let known = archive.manifest.tables
    if let unknown = options.tables.first(where: { name in !known.contains { $0.title == name } }) {
      throw RunError(
        .failed, "\(archive.path) has no table \(unknown)",
        hint: "it has \(known.map(\.title).joined(separator: ", "))")
    }
    if let schema = options.schema {
      let there = try control.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema])
      guard there.rows.isEmpty else {
        throw RunError(
          .failed, "there is a schema \(schema) already", hint: "name one that is not there")
      }
    }
    let chosen = known.filter { options.tables.isEmpty || options.tables.contains($0.title) }
    let tables = try chosen.map { table in
      let name = QualifiedName(schema: options.schema ?? table.schema, name: table.name)
      let found = try control.query("SELECT to_regclass($1)", [name.sql]).first?[0]
      return RestoredTable(archived: table, name: name, isNew: found == nil)
    }
    if let twice = tables.first(where: { one in tables.count { $0.name == one.name } > 1 }) {
      throw RunError(.failed, "two tables of the archive are called \(twice.name.name)")
    }
    for table in tables where !table.isNew { try requireEmpty(table, control) }
    return tables
  }

  private func requireEmpty(
    _ table: RestoredTable, _ control: borrowing PostgresConnection
  ) throws {
    let rows = try control.query("SELECT EXISTS (SELECT FROM \(table.name.sql))")
    guard rows.first?.isTrue(0) != true else {
      throw RunError(
        .failed, "\(table.name.title) has rows; an archive is restored into empty tables",
        hint: "--schema NAME restores beside them, into a schema that is made for it")
    }
    let columns = try control.query(
      """
      SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      """, [table.name.sql]
    ).rows.map { ($0.text(0), $0.text(1)) }
    for column in table.archived.columns {
      let type = columns.first { $0.0 == column.name }?.1
      // With another search path a type may be written with its schema or without.
      guard let type, column.type == type || column.type.hasSuffix(".\(type)") else {
        throw RunError(
          .failed,
          "\(table.name.title).\(column.name) is \(type ?? "not there"), in the archive it is \(column.type)",
          hint: "restore before the migration that changed it, or with --schema NAME")
      }
    }
  }

  private func create(
    _ tables: [RestoredTable], _ control: borrowing PostgresConnection
  ) throws {
    var statements = [RestoreScope.begin(serverVersion: control.serverVersion)]
    if let schema = options.schema {
      statements.append("CREATE SCHEMA \(quotedIdentifier(schema))")
    }
    let new = tables.filter(\.isNew)
    for schema in Set(new.map(\.name.schema)) where options.schema == nil {
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
    statements += new.map(\.creation)
    do {
      for statement in statements { try control.execute(statement) }
      try control.execute("COMMIT")
    } catch {
      // The transaction has failed; ending it can only fail with the connection.
      _ = try? control.execute("ROLLBACK")
      throw error
    }
  }

  private func drop(
    _ tables: [RestoredTable], _ control: borrowing PostgresConnection
  ) throws {
    if control.isInTransaction { try control.execute("ROLLBACK") }
    let new = tables.filter(\.isNew).map(\.name.sql)
    if let schema = options.schema {
      try control.execute("DROP SCHEMA \(quotedIdentifier(schema)) CASCADE")
    } else if !new.isEmpty {
      try control.execute("DROP TABLE IF EXISTS \(new.joined(separator: ", ")) CASCADE")
    }
  }
}

/// What every transaction of a restoration begins with.
///
/// Long values are compressed by lz4 where the server has it: pglz is slower by far for about the same size
/// (PostgreSQL documentation, default_toast_compression).
enum RestoreScope {
  static func begin(serverVersion: Int) -> String {
    """
    BEGIN; SET LOCAL row_security = off; SET LOCAL search_path = '';
    \(ExportSnapshot.valueSettings)
    SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SELECT pg_catalog.set_config(name, 'lz4', true) FROM pg_catalog.pg_settings
      WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
    SET LOCAL maintenance_work_mem = '256MB';
    \(serverVersion >= 170_000 ? "SET LOCAL transaction_timeout = 0;" : "")
    """
  }
}
