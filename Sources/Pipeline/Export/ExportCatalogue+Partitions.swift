internal import Archive
internal import Postgres

/// Where the rows of a table are.
extension ExportCatalogue {
  /// The table itself, or the leaves of a partitioned one, with what all of them take.
  ///
  /// - Throws: ``RunError`` for a partition that is no table; `PostgresError`.
  static func heaps(
    _ table: String, for use: TableUse, _ connection: borrowing PostgresConnection
  ) throws -> (heaps: [(heap: ExportedTable.Heap, isHidden: Bool)], bytes: Int) {
    let rows = try connection.query(
      """
      SELECT n.nspname, c.relname, c.relkind, row_security_active(c.oid),
        pg_relation_size(c.oid) / current_setting('block_size')::bigint, pg_table_size(c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = $1::oid AND c.relkind = 'r'
        OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass) WHERE isleaf)
      ORDER BY 1, 2
      """, [table]
    ).rows
    let heaps = try rows.map { row in
      let name = QualifiedName(schema: row.text(0), name: row.text(1))
      guard row.text(2) == "r" else { throw notATable(name, kind: row.text(2), for: use) }
      return (ExportedTable.Heap(name: name, blocks: row.integer(4)), row.isTrue(3))
    }
    return (heaps, rows.reduce(0) { $0 + $1.integer(5) })
  }

  /// The partitions of a table, those of one level behind those they are cut from.
  static func partitions(
    _ table: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [ArchivedPartition] {
    try connection.query(
      """
      SELECT n.nspname, c.relname, pn.nspname, p.relname, pg_get_expr(c.relpartbound, c.oid),
        pg_get_partkeydef(c.oid)
      FROM pg_partition_tree($1::oid::regclass) t
      JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_class p ON p.oid = t.parentrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
      WHERE t.level > 0 ORDER BY t.level, 1, 2
      """, [table]
    ).rows.map { row in
      ArchivedPartition(
        schema: row.text(0), name: row.text(1), parentSchema: row.text(2), parentName: row.text(3),
        bounds: row.text(4), key: row[5])
    }
  }

  /// The failure that something named in the pipeline, or one of its partitions, holds no rows of its own.
  static func notATable(_ name: QualifiedName, kind: String, for use: TableUse) -> RunError {
    let article =
      switch kind {
      case "v": "a view"
      case "m": "a materialized view"
      case "f": "a foreign table, whose rows are elsewhere"
      case "S": "a sequence"
      default: "not a table"
      }
    return RunError(
      .badPipeline, "\(use.key): \(name.title) is \(article)",
      hint: "only tables, partitioned ones too, can be read at one moment")
  }

  /// The table of sessions, into the lines of which the rows of the others are put.
  ///
  /// - Throws: ``RunError`` where there are no sessions, or a table is of none.
  func conversations() throws(RunError) -> ExportedTable {
    guard var sessions = tables.first(where: { $0.archived.isSessions }) else {
      throw RunError(
        .badPipeline, "export.tables: conversations are made of exai_sessions, which is not named")
    }
    guard sessions.partitioning == nil else {
      throw RunError(
        .badPipeline,
        "export.format: a partitioned exai_sessions cannot be written as conversations")
    }
    for table in tables where table.title != sessions.title {
      guard table.archived.sessionColumn != nil else {
        throw RunError(
          .badPipeline,
          "export.tables: \(table.title) has no session_id, so that its rows are in no conversation"
        )
      }
      let name = table.title.hasPrefix("exai_") ? String(table.title.dropFirst(5)) : table.title
      guard !sessions.columns.contains(where: { $0.name == name }) else {
        throw RunError(
          .badPipeline, "export.tables: exai_sessions has a column \(name) already")
      }
      // In time, and those of one moment in a fixed order.
      let order =
        table.columns.filter(\.isTime).map(\.name)
        + table.columns.filter { $0.name == "id" }.map(\.name)
      sessions.members.append(
        ExportedTable.Member(key: name, name: QualifiedName(table), order: order))
      sessions.bytes += table.bytes
    }
    return sessions
  }
}
