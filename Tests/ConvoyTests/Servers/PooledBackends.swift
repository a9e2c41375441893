internal import Pipeline
internal import Postgres
internal import TestSupport

/// The server connections a pooler holds for one database, and what was left on them.
struct PooledBackends {
  let database: TestDatabase
  let url: String

  /// What the next client would inherit, as `process: thing`; empty if the pool is as new.
  ///
  /// As many transactions as there are backends are opened at once, so that each is on another one.
  func leftovers() throws -> [String] {
    let processes = try waitUntilIdle()
    guard !processes.isEmpty else { throw TestFailure("the pool is empty: nothing was looked at") }
    var found: [String] = []
    var seen: Set<String> = []
    try look(processes.count, &found, &seen)
    guard seen == processes else {
      throw TestFailure("looked at \(seen) instead of the pool's \(processes)")
    }
    return found
  }

  /// Ids of the pool's backends, once none of them is in a transaction.
  private func waitUntilIdle() throws -> Set<String> {
    while true {
      let rows = try database.query(
        """
        SELECT pid::text, state FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND application_name <> 'convoy tests'
        """)
      // One more than the pool may have is one that is about to end.
      guard rows.count > TestPooler.poolSize || rows.contains(where: { $0[1] != "idle" }) else {
        return Set(rows.compactMap { $0[0] })
      }
    }
  }

  /// Looks at one backend, and at the others while its transaction is open.
  private func look(_ count: Int, _ found: inout [String], _ seen: inout Set<String>) throws {
    guard count > 0 else { return }
    let connection = try PostgresConnection(ConnectionTarget(url))
    try connection.execute("BEGIN")
    let rows = try connection.query(Self.inherited)
    let process = try connection.query("SELECT pg_backend_pid()").first?.text(0) ?? ""
    seen.insert(process)
    found += rows.rows.map { "\(process): \($0.text(0))" }
    try look(count - 1, &found, &seen)
    try connection.execute("ROLLBACK")
  }

  // The settings left out are those PgBouncer itself brings from client to client.
  private static let inherited = """
    SELECT 'setting ' || name || ' = ' || setting FROM pg_settings
    WHERE source = 'session' AND name NOT IN
      ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')
    UNION ALL
    SELECT 'temporary ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
    UNION ALL
    SELECT 'advisory lock ' || objid FROM pg_locks
    WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL
    SELECT 'prepared statement ' || name FROM pg_prepared_statements
    UNION ALL
    SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
    UNION ALL
    SELECT 'role ' || current_user WHERE current_user <> session_user
    """
}
