internal import Archive
internal import Postgres

/// What the catalogue of a database says of the tables to export.
struct ExportCatalogue {
  let tables: [ExportedTable]
  let enums: [ArchivedEnum]

  /// Reads it, in the snapshot of the connection's transaction.
  ///
  /// - Parameters:
  ///   - names: schema and name of each table, which are locked.
  ///   - use: what they are read for.
  ///   - connection: sees the rows that will be read.
  /// - Throws: ``RunError`` for what is no table, or whose rows a policy would hide; `PostgresError`.
  init(
    _ names: [QualifiedName], for use: TableUse = .export,
    _ connection: borrowing PostgresConnection
  ) throws {
    var tables: [ExportedTable] = []
    for name in names { tables.append(try Self.table(name, for: use, connection)) }
    self.tables = Self.parentsFirst(tables)
    enums = try Self.enums(names, connection)
  }

  private static func table(
    _ name: QualifiedName, for use: TableUse, _ connection: borrowing PostgresConnection
  ) throws -> ExportedTable {
    let facts = try connection.query(
      """
      SELECT c.oid, c.relkind, row_security_active(c.oid), c.oid::regclass::text,
        pg_get_partkeydef(c.oid)
      FROM pg_class c WHERE c.oid = to_regclass($1)
      """, [name.sql]
    ).first
    guard let facts else { throw RunError(.failed, "there is no table \(name.title)") }
    guard ["r", "p"].contains(facts.text(1)) else {
      throw notATable(name, kind: facts.text(1), for: use)
    }
    let id = facts.text(0)
    let (heaps, bytes) = try heaps(id, for: use, connection)
    guard !facts.isTrue(2), !heaps.contains(where: \.isHidden) else {
      throw RunError(
        .failed,
        "row-level security would hide rows of \(name.title) from this role; nothing was read",
        hint: "connect as the table's owner, or as a role with BYPASSRLS such as postgres")
    }
    return ExportedTable(
      schema: name.schema, name: name.name, sqlName: facts.text(3),
      columns: try columns(id, connection),
      constraints: try constraints(id, connection), indexes: try indexes(id, connection),
      partitioning: try facts[4].map { key in
        ArchivedPartitioning(key: key, partitions: try partitions(id, connection))
      },
      heaps: heaps.map(\.heap), bytes: bytes)
  }

  private static func columns(
    _ table: String, _ connection: borrowing PostgresConnection
  ) throws -> [ExportedColumn] {
    let rows = try connection.query(
      """
      WITH RECURSIVE base (attnum, type) AS (
        SELECT attnum, atttypid FROM pg_attribute
        WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attnum, typbasetype FROM base JOIN pg_type ON oid = type WHERE typtype = 'd'
      )
      SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.oid,
        CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', a.attidentity,
        EXISTS (SELECT FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'p'
          AND conkey = ARRAY[a.attnum]),
        CASE WHEN pg_get_expr(d.adbin, d.adrelid) = format('nextval(%L::regclass)', s.name)
          THEN (SELECT relname FROM pg_class WHERE oid = s.name::regclass) END
      FROM pg_attribute a
      JOIN base b USING (attnum) JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      CROSS JOIN LATERAL pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) s (name)
      WHERE a.attrelid = $1::oid ORDER BY a.attnum
      """, [table]
    ).rows
    var columns = rows.map { row in
      ExportedColumn(
        name: row.text(0), type: row.text(1),
        form: ValueForm(type: row.integer(2), element: row.integer(3)),
        isNotNull: row.isTrue(4), expression: row[5], isGenerated: row.isTrue(6),
        identity: ["a": "ALWAYS", "d": "BY DEFAULT"][row.text(7)], sequence: row[9])
    }
    let key =
      columns.firstIndex { $0.name == "session_id" } ?? rows.firstIndex { $0.isTrue(8) }
    if let key, columns[key].form == .uuid { columns[key].isKey = true }
    return columns
  }

  private static func constraints(
    _ table: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [ArchivedConstraint] {
    try connection.query(
      """
      SELECT conname, pg_get_constraintdef(oid), NULLIF(confrelid, 0)::regclass::text
      FROM pg_constraint c
      WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'c', 'x', 'f')
        -- A key to a partitioned table stands there once more for each partition.
        AND NOT EXISTS (SELECT FROM pg_constraint p
          WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
      ORDER BY contype = 'f', contype <> 'p', conname
      """, [table]
    ).rows.map {
      ArchivedConstraint(name: $0.text(0), definition: $0.text(1), references: $0[2])
    }
  }

  /// With an empty search path a definition has a fixed beginning, which restoring elsewhere replaces.
  private static func indexes(
    _ table: String, _ connection: borrowing PostgresConnection
  ) throws -> [ArchivedIndex] {
    try connection.query(
      """
      SELECT relname, indisunique, pg_get_indexdef(i.indexrelid),
        format('CREATE %sINDEX %I ON %s%s', CASE WHEN indisunique THEN 'UNIQUE ' END, relname,
          CASE WHEN relkind = 'I' THEN 'ONLY ' END, i.indrelid::regclass)
      FROM pg_index i JOIN pg_class ON pg_class.oid = i.indexrelid
      WHERE i.indrelid = $1::oid AND i.indisvalid
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid
          AND contype IN ('p', 'u', 'x'))
      ORDER BY relname
      """, [table]
    ).rows.map { row in
      guard row.text(2).hasPrefix(row.text(3)) else {
        throw RunError(.failed, "the definition of index \(row.text(0)) is not understood")
      }
      return ArchivedIndex(
        name: row.text(0), isUnique: row.isTrue(1),
        definition: String(row.text(2).dropFirst(row.text(3).count + 1)))
    }
  }

  private static func enums(
    _ names: [QualifiedName], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [ArchivedEnum] {
    var found: [ArchivedEnum] = []
    for name in names {
      let rows = try connection.query(
        """
        SELECT DISTINCT e.oid::regtype::text, l.label, l.place
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        JOIN pg_type e ON e.typtype = 'e' AND e.oid IN (t.oid, t.typelem)
        CROSS JOIN LATERAL (SELECT enumlabel::text, row_number() OVER (ORDER BY enumsortorder)
          FROM pg_enum WHERE enumtypid = e.oid) l (label, place)
        WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY 1, l.place
        """, [name.sql]
      ).rows
      for row in rows {
        if let index = found.firstIndex(where: { $0.name == row.text(0) }) {
          if !found[index].labels.contains(row.text(1)) { found[index].labels.append(row.text(1)) }
        } else {
          found.append(ArchivedEnum(name: row.text(0), labels: [row.text(1)]))
        }
      }
    }
    return found
  }

  /// The order in which tables can be restored while their foreign keys are there.
  private static func parentsFirst(_ tables: [ExportedTable]) -> [ExportedTable] {
    var waiting = tables
    var ordered: [ExportedTable] = []
    while !waiting.isEmpty {
      let free = waiting.firstIndex { table in
        let parents = table.constraints.compactMap(\.references)
        return !waiting.contains { other in
          other.sqlName != table.sqlName && parents.contains(other.sqlName)
        }
      }
      // Tables that refer to each other have no such order; their keys are made behind the rows anyway.
      ordered.append(waiting.remove(at: free ?? 0))
    }
    return ordered
  }
}
