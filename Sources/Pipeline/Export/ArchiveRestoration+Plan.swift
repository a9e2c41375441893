internal import Archive
internal import Postgres

/// What is decided before anything is written.
extension ArchiveRestoration {
  /// Finds each table's place, and refuses what cannot end well.
  func plan(
    _ selected: SelectedTables, _ control: borrowing PostgresConnection
  ) throws -> [RestoredTable] {
    if let schema = options.schema {
      let there = try control.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema])
      guard there.rows.isEmpty else {
        throw RunError(
          .failed, "there is a schema \(schema) already", hint: "name one that is not there")
      }
    }
    let tables = try selected.tables.map { rows in
      let name = QualifiedName(
        schema: options.schema ?? rows.table.schema, name: rows.table.name)
      let found = try control.query("SELECT to_regclass($1)", [name.sql]).first?[0]
      guard found != nil else { return RestoredTable(rows: rows, name: name, way: .made) }
      try requireColumns(of: rows.table, name, control)
      return RestoredTable(rows: rows, name: name, way: try way(into: name, rows.table, control))
    }
    if let twice = tables.first(where: { one in tables.count { $0.name == one.name } > 1 }) {
      throw RunError(.failed, "two tables of the archive are called \(twice.name.name)")
    }
    return tables
  }

  private func way(
    into name: QualifiedName, _ table: ArchivedTable, _ control: borrowing PostgresConnection
  ) throws -> RestoredTable.Way {
    guard options.onConflict != nil else {
      let rows = try control.query("SELECT EXISTS (SELECT FROM \(name.sql))")
      guard rows.first?.isTrue(0) != true else {
        throw RunError(
          .failed, "\(name.title) has rows; an archive is restored into empty tables",
          hint: "--on-conflict merges it with them, --schema NAME restores beside them")
      }
      return .filled
    }
    let key = try control.query(
      """
      SELECT a.attname FROM pg_constraint c CROSS JOIN unnest(c.conkey) WITH ORDINALITY k (number, place)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
      WHERE c.conrelid = to_regclass($1) AND c.contype = 'p' ORDER BY k.place
      """, [name.sql]
    ).rows.map { $0.text(0) }
    guard !key.isEmpty else {
      throw RunError(
        .failed, "\(name.title) has no primary key, so that its rows cannot be merged",
        hint: "--schema NAME restores it beside the one that is there")
    }
    if let missing = key.first(where: { name in !table.columns.contains { $0.name == name } }) {
      throw RunError(
        .failed,
        "\(name.title).\(missing) is of its primary key, and the archive has no such column")
    }
    return .merged(by: key)
  }

  private func requireColumns(
    of table: ArchivedTable, _ name: QualifiedName, _ control: borrowing PostgresConnection
  ) throws {
    let columns = try control.query(
      """
      SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      """, [name.sql]
    ).rows.map { ($0.text(0), $0.text(1)) }
    for column in table.columns {
      let type = columns.first { $0.0 == column.name }?.1
      // With another search path a type may be written with its schema or without.
      guard let type, column.type == type || column.type.hasSuffix(".\(type)") else {
        throw RunError(
          .failed,
          "\(name.title).\(column.name) is \(type ?? "not there"), in the archive it is \(column.type)",
          hint: "restore before the migration that changed it, or with --schema NAME")
      }
    }
  }
}
