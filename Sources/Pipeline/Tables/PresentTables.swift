internal import Postgres

/// Tables of which a database need not have all.
extension SourcePlan {
  /// The same plan with those of its tables that are there, unless the pipeline names them itself.
  ///
  /// A table of the name of one of them, but with other columns, is something else, and is passed over.
  /// - Throws: ``RunError`` where none is there; `PostgresError`.
  func withTablesThere(_ connection: borrowing PostgresConnection) throws -> SourcePlan {
    guard areTablesOptional else { return self }
    var plan = self
    plan.tables = []
    for table in tables {
      guard let known = DumpTable(rawValue: table.name) else { continue }
      let columns = try connection.query(
        """
        SELECT attname FROM pg_catalog.pg_attribute
        WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
        """, [table.sql]
      ).rows.map { $0.text(0) }
      if known.fits(columns) {
        plan.tables.append(table)
      } else if !columns.isEmpty {
        let needed = known.neededNames
        plan.passedOver.append(
          (table, "not the columns of \(table.name) as it is loaded, \(needed)"))
      }
    }
    guard plan.tables.isEmpty else { return plan }
    throw RunError(
      .failed,
      "source \(database): none of the tables \(tables.map(\.title).joined(separator: ", ")) is there"
        + (plan.passedOver.isEmpty ? "" : ", but for others of their names"),
      hint: "source.tables names them where they are in another schema")
  }
}
