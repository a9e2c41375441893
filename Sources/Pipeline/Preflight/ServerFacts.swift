internal import Postgres

/// What the server says of itself, the role and the tables, read in one short transaction.
struct ServerFacts: Sendable {
  /// A table that a run writes, as the role sees it.
  struct Table: Sendable {
    let schema: String
    let name: String
    let owner: String
    let isRowSecurityActive: Bool
    let isRowSecurityForced: Bool
    /// Which of SELECT, INSERT and UPDATE the role has on no column of it.
    let missingPrivileges: [String]
  }

  let tables: [Table]
  private let values: [String: String]

  init(values: [String: String], tables: [Table] = []) {
    self.values = values
    self.tables = tables
  }

  init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    // The catalogue alone is read, without a lock on any table.
    try connection.execute(
      "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog")
    do throws(PostgresError) {
      let facts = try connection.query(Self.factsQuery)
      var values: [String: String] = [:]
      if let row = facts.first {
        for (column, name) in facts.columns.enumerated() { values[name] = row[column] }
      }
      self.values = values
      tables = try connection.query(Self.tablesQuery).rows.map { row in
        Table(
          schema: row.text(0), name: row.text(1), owner: row.text(2),
          isRowSecurityActive: row.isTrue(3), isRowSecurityForced: row.isTrue(4),
          missingPrivileges: row.text(5).split(separator: " ").map(String.init))
      }
      try connection.execute("COMMIT")
    } catch {
      // The first error tells; a lost connection has no transaction to end.
      _ = try? connection.execute("ROLLBACK")
      throw error
    }
  }

  /// A value as text; nil where the server does not say.
  subscript(name: String) -> String? { values[name] }

  func text(_ name: String) -> String { values[name] ?? "" }

  func isTrue(_ name: String) -> Bool { values[name] == "t" }

  func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

  /// Tables of schema `public` by their names, as far as they are there.
  func tables(_ names: [String]) -> [Table] {
    tables.filter { $0.schema == "public" && names.contains($0.name) }
  }

  /// The tables of schema `public` that sessions and messages go to, as far as they are there.
  var loaded: [Table] {
    tables.filter { $0.schema == "public" && $0.name != "files" }
  }

  /// `current_setting` fails for settings the role may not see, and reading them by `pg_settings` does not.
  private static let factsQuery = """
    SELECT r.rolname AS role, session_user AS session_role, r.rolsuper AS is_superuser,
      r.rolbypassrls AS bypasses, s.ssl AS backend_ssl,
      current_setting('server_version') AS version,
      current_setting('server_version_num') AS version_number,
      current_setting('server_encoding') AS encoding,
      current_setting('default_transaction_read_only') AS read_only,
      pg_is_in_recovery() AS in_recovery,
      current_setting('statement_timeout') AS statement_timeout,
      current_setting('lock_timeout') AS lock_timeout,
      current_setting('idle_in_transaction_session_timeout') AS idle_timeout,
      current_setting('transaction_timeout', true) AS transaction_timeout,
      current_database() AS database, pg_database_size(current_database()) AS size_bytes,
      (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory,
      floor(extract(epoch FROM pg_postmaster_start_time()))::bigint AS started_at,
      has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
      has_database_privilege(current_database(), 'TEMPORARY') AS may_make_temporary,
      has_schema_privilege(to_regnamespace('public')::oid, 'USAGE') AS may_use_public,
      to_regnamespace('convoy') IS NOT NULL AS has_ledger,
      has_schema_privilege(to_regnamespace('convoy')::oid, 'USAGE') AS may_use_ledger,
      has_schema_privilege(to_regnamespace('convoy')::oid, 'CREATE') AS may_extend_ledger,
      (SELECT string_agg(rolname, ' or ') FROM (
        SELECT rolname FROM pg_roles
        WHERE (rolbypassrls OR rolsuper) AND rolcanlogin AND rolname <> r.rolname
        ORDER BY rolname <> 'postgres', rolsuper, rolname LIMIT 2) b) AS bypassing_roles
    FROM pg_roles r LEFT JOIN pg_stat_ssl s ON s.pid = pg_backend_pid()
    WHERE r.rolname = current_user
    """

  private static let tablesQuery = """
    SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), row_security_active(c.oid),
      c.relforcerowsecurity,
      concat_ws(' ',
        CASE WHEN NOT has_any_column_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
        CASE WHEN NOT has_any_column_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
        CASE WHEN NOT has_any_column_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
        CASE WHEN n.nspname = 'convoy' AND c.relname = 'batches'
          AND NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'convoy' OR n.nspname = 'public'
      AND c.relname IN ('exai_sessions', 'exai_messages', 'files'))
    ORDER BY n.nspname DESC, c.relname DESC
    """
}
