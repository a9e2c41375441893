internal import Postgres

/// Tables of which a database need not have all.
extension SourcePlan {
  /// The same plan with those of its tables that are there, unless the pipeline names them itself.
  ///
  /// A table of the name of one of them, but with other columns, is something else, and is left alone.
  /// - Throws: ``RunError`` where none is there; `PostgresError`.
  func withTablesThere(_ target: ConnectionTarget) throws -> SourcePlan {
    guard areTablesOptional else { return self }
    let connection = try PostgresConnection(target, applicationName: "convoy source")
    var plan = self
    plan.tables = try tables.filter { table in
      guard let known = DumpTable(rawValue: table.name) else { return false }
      let columns = try connection.query(
        """
        SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
        """, [table.sql])
      return known.fits(columns.rows.map { $0.text(0) })
    }
    guard plan.tables.isEmpty else { return plan }
    throw RunError(
      .failed,
      "source \(database): none of the tables \(tables.map(\.title).joined(separator: ", ")) is there",
      hint: "source.tables names them where they are in another schema")
  }
}
