internal import Postgres

/// What decides in the target which rows a table takes and what becomes of them, as lines to compare.
struct TableDefinition: Sendable {
  let lines: [String]
  let rows: Int

  /// Reads the catalogue of a table, qualified and quoted, and counts its rows.
  init(_ table: String, _ connection: borrowing PostgresConnection) throws(PostgresError) {
    let id = "\(quotedLiteral(table))::regclass"
    lines = try connection.query(
      """
      SELECT format('column %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
        CASE WHEN a.attgenerated <> '' OR a.attidentity <> '' THEN ' GENERATED' END)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = \(id) AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      SELECT format('constraint %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
      WHERE conrelid = \(id) AND contype IN ('c', 'f', 'p', 'u', 'x')
      UNION ALL
      SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i
      WHERE i.indrelid = \(id)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid)
      UNION ALL
      SELECT format('trigger %s md5 %s', pg_get_triggerdef(g.oid), md5(p.prosrc))
      FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
      WHERE g.tgrelid = \(id) AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
      ORDER BY 1
      """
    ).rows.map { $0.text(0) }
    rows = try connection.query("SELECT count(*) FROM \(table)").first?.integer(0) ?? 0
  }

  /// Whether a line is of what a load with strategy `rebuild` takes off for its length.
  static func isRebuilt(_ line: String) -> Bool {
    line.hasPrefix("index ") || line.hasPrefix("constraint ")
  }
}
