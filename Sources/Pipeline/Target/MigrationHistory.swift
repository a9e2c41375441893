internal import Postgres

/// What `supabase_migrations.schema_migrations` records.
struct MigrationHistory: Sendable {
  /// Name by version; nil where it was recorded before names were.
  let names: [String: String?]

  init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    let columns = try connection.query(
      """
      SELECT attname FROM pg_attribute
      WHERE attrelid = to_regclass('supabase_migrations.schema_migrations')
        AND attnum > 0 AND NOT attisdropped
      """
    ).rows.map { $0.text(0) }
    guard columns.contains("version") else {
      names = [:]
      return
    }
    let name = columns.contains("name") ? "name" : "NULL"
    let rows = try connection.query(
      "SELECT version, \(name) FROM supabase_migrations.schema_migrations ORDER BY version"
    ).rows
    names = Dictionary(rows.map { ($0.text(0), $0[1]) }, uniquingKeysWith: { first, _ in first })
  }

  /// The version a migration is recorded under.
  ///
  /// The platform gives migrations versions of its own, so the name decides; the version alone does
  /// where no name was recorded with it.
  func version(of migration: Migration) -> String? {
    if let name = names[migration.version], name == nil || name == migration.name {
      return migration.version
    }
    return names.filter { $0.value == migration.name }.keys.min()
  }

  /// SQL that records a migration, in the form the Supabase CLI and the platform write.
  static func recording(_ migration: Migration) -> [String] {
    let statements = migration.statements.map { quotedLiteral($0) }.joined(separator: ",\n")
    return [
      "CREATE SCHEMA IF NOT EXISTS supabase_migrations",
      """
      CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (
        version text NOT NULL PRIMARY KEY)
      """,
      """
      ALTER TABLE supabase_migrations.schema_migrations
        ADD COLUMN IF NOT EXISTS statements text[], ADD COLUMN IF NOT EXISTS name text
      """,
      """
      INSERT INTO supabase_migrations.schema_migrations (version, name, statements)
      SELECT \(quotedLiteral(migration.version)), \(quotedLiteral(migration.name)),
        ARRAY[\(statements)]::text[]
      WHERE NOT EXISTS (
        SELECT FROM supabase_migrations.schema_migrations
        WHERE version = \(quotedLiteral(migration.version))
          OR name = \(quotedLiteral(migration.name)))
      """,
    ]
  }
}
