internal import Postgres

/// The ledger's memory of indexes and keys that are off their tables.
///
/// A definition is written down in the transaction that takes it off, and marked as restored in the one
/// that makes it again: whenever the process ends, what is missing is known.
enum DefinitionLedger {
  /// The table; made with the rest of the ledger.
  ///
  /// Its reference keeps the run from being removed as long as something of it is off.
  static let table = """
    CREATE TABLE IF NOT EXISTS convoy.definitions (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      run_id uuid NOT NULL REFERENCES convoy.runs,
      kind text NOT NULL,
      table_name text NOT NULL,
      name text NOT NULL,
      definition text NOT NULL,
      dropped_at timestamptz NOT NULL DEFAULT now(),
      restored_at timestamptz);
    """

  /// A definition that is off its table.
  struct Pending: Sendable, Hashable {
    let id: String
    let kind: DroppedDefinition.Kind
    let table: String
    let name: String
    let restoring: String
  }

  /// Writes down what is about to be dropped.
  static func record(
    _ definitions: [DroppedDefinition], run: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    for definition in definitions {
      _ = try connection.query(
        """
        INSERT INTO convoy.definitions (run_id, kind, table_name, name, definition)
        VALUES ($1::uuid, $2, $3, $4, $5)
        """,
        [run, definition.kind.rawValue, definition.table, definition.name, definition.restoring])
    }
  }

  /// What is off and of no run that is still under way: indexes, the primary key, then foreign keys.
  ///
  /// The caller may hold the lock of one `pipeline` itself.
  static func pending(
    _ connection: borrowing PostgresConnection, holding pipeline: String?
  ) throws(PostgresError) -> [Pending] {
    let known = try connection.query("SELECT to_regclass('convoy.definitions') IS NOT NULL")
    guard known.first?.isTrue(0) == true else { return [] }
    let rows = try connection.query(
      """
      SELECT d.id, d.kind, d.table_name, d.name, d.definition
      FROM convoy.definitions d JOIN convoy.runs r ON r.id = d.run_id
      WHERE d.restored_at IS NULL AND (r.pipeline = $1 OR NOT EXISTS (
        SELECT FROM pg_locks l WHERE \(RunLock.locks("r.pipeline"))))
      ORDER BY d.kind LIKE '%index' DESC, d.kind DESC, d.id
      """, [pipeline])
    return rows.rows.compactMap { row in
      DroppedDefinition.Kind(rawValue: row.text(1)).map {
        Pending(
          id: row.text(0), kind: $0, table: row.text(2), name: row.text(3),
          restoring: row.text(4))
      }
    }
  }

  /// Makes one of them again, in a transaction of its own; a foreign key that rows break by now is 23503, an
  /// index of a key 23505.
  static func restore(
    _ definition: Pending, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    try connection.execute(TransactionScope.begin(serverVersion: connection.serverVersion))
    do throws(PostgresError) {
      // Whoever else came to restore it waits here, and then sees that it is done.
      let open = try connection.query(
        "SELECT FROM convoy.definitions WHERE id = $1 AND restored_at IS NULL FOR UPDATE",
        [definition.id])
      if !open.rows.isEmpty {
        try connection.execute("SET LOCAL search_path = ''")
        if try !isThere(definition, connection) { try connection.execute(definition.restoring) }
        _ = try connection.query(
          "UPDATE convoy.definitions SET restored_at = clock_timestamp() WHERE id = $1",
          [definition.id])
      }
      try connection.execute("COMMIT")
    } catch {
      // The first failure is the one to tell; the connection may be gone.
      if connection.isInTransaction { _ = try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// Whether somebody has made it again by hand.
  private static func isThere(
    _ definition: Pending, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Bool {
    let found: PostgresRows
    switch definition.kind {
    case .index, .keyIndex:
      found = try connection.query(
        """
        SELECT pg_get_indexdef(indexrelid) = split_part($1, '; COMMENT ON ', 1) FROM pg_index
        WHERE indexrelid = to_regclass($2)
        """, [definition.restoring, "public.\(quotedIdentifier(definition.name))"])
    case .primaryKey:
      found = try connection.query(
        "SELECT true FROM pg_constraint WHERE contype = 'p' AND conrelid = to_regclass($1)",
        [definition.table])
    case .foreignKey:
      found = try connection.query(
        """
        SELECT true FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1)
          AND conname = $2 AND position(pg_get_constraintdef(oid) IN $3) > 0
        """, [definition.table, definition.name, definition.restoring])
    }
    return found.first?.isTrue(0) == true
  }
}
