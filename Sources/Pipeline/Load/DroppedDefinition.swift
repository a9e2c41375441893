internal import Postgres

/// An index or key that is taken off a table for the length of a load, and how to make it again.
struct DroppedDefinition: Sendable, Hashable {
  enum Kind: String, Sendable, Hashable {
    case index
    /// The one that a primary key is made of; the key is a definition of its own, because it takes a lock on
    /// the table that nobody building an index beside it would wait for.
    case keyIndex = "key index"
    case primaryKey = "primary key"
    case foreignKey = "foreign key"

    var isIndex: Bool {
      switch self {
      case .index, .keyIndex: true
      case .primaryKey, .foreignKey: false
      }
    }
  }

  let kind: Kind
  /// Schema-qualified and quoted.
  let table: String
  let name: String
  /// The statements that make it as it was, its comment included; every name in them is qualified.
  let restoring: String

  /// The statement that takes it off; nil where it goes with its key.
  var dropping: String? {
    switch kind {
    case .index: "DROP INDEX public.\(quotedIdentifier(name))"
    case .keyIndex: nil
    case .primaryKey, .foreignKey:
      "ALTER TABLE \(table) DROP CONSTRAINT \(quotedIdentifier(name))"
    }
  }
}

extension DroppedDefinition {
  /// What may be taken off the two tables: nothing that could refuse a row, so that no row is found bad
  /// only when all are in.
  ///
  /// Of the foreign keys that is the one from a message to its session, because a message is only loaded
  /// together with its session or after it. Of the indexes, plain B-trees over columns of fixed width:
  /// they take any value, are not unique, and have nothing (statistics targets, tablespace, clustering,
  /// replica identity, an extension) that their definition does not say.
  ///
  /// The connection must be in a transaction, whose search path this empties.
  static func read(
    _ connection: borrowing PostgresConnection, sessions: String, messages: String
  ) throws(PostgresError) -> [DroppedDefinition] {
    // With an empty search path the server qualifies every name it writes.
    try connection.execute("SET LOCAL search_path = ''")
    let tables = [sessions, messages]
    let list = tables.map { "\(quotedLiteral($0))::regclass" }.joined(separator: ", ")
    let indexes = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, t.relname), i.relname, pg_get_indexdef(i.oid),
             obj_description(i.oid, 'pg_class')
      FROM pg_index x
      JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_class t ON t.oid = x.indrelid
      JOIN pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_am m ON m.oid = i.relam
      WHERE x.indrelid IN (\(list)) AND t.relkind = 'r' AND m.amname = 'btree'
        AND NOT x.indisunique AND NOT x.indisexclusion AND NOT x.indisclustered
        AND NOT x.indisreplident AND x.indisvalid AND x.indisready
        AND x.indexprs IS NULL AND x.indpred IS NULL AND i.reltablespace = 0
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = i.oid AND d.deptype IN ('e', 'x'))
        AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
          WHERE a.attrelid = i.oid AND (y.typlen < 1 OR coalesce(a.attstattarget, -1) >= 0))
      ORDER BY 1, 2
      """)
    let keys = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, t.relname), c.conname, pg_get_constraintdef(c.oid),
             obj_description(c.oid, 'pg_constraint')
      FROM pg_constraint c
      JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE c.contype = 'f' AND c.conparentid = 0 AND t.relkind = 'r'
        AND c.conrelid = \(quotedLiteral(messages))::regclass
        AND c.confrelid = \(quotedLiteral(sessions))::regclass
        AND c.conkey = ARRAY(SELECT attnum FROM pg_attribute
          WHERE attrelid = c.conrelid AND attname = 'session_id')
        AND c.confkey = ARRAY(SELECT attnum FROM pg_attribute
          WHERE attrelid = c.confrelid AND attname = 'id')
      ORDER BY 1, 2
      """)
    return indexes.rows.map(index) + keys.rows.map(foreignKey)
  }

  private static func index(_ row: PostgresRow) -> DroppedDefinition {
    let name = row.text(1)
    let comment = row[3].map {
      "; COMMENT ON INDEX public.\(quotedIdentifier(name)) IS \(quotedLiteral($0))"
    }
    return DroppedDefinition(
      kind: .index, table: row.text(0), name: name, restoring: row.text(2) + (comment ?? ""))
  }

  private static func foreignKey(_ row: PostgresRow) -> DroppedDefinition {
    let (table, name) = (row.text(0), quotedIdentifier(row.text(1)))
    let comment = row[3].map {
      "; COMMENT ON CONSTRAINT \(name) ON \(table) IS \(quotedLiteral($0))"
    }
    return DroppedDefinition(
      kind: .foreignKey, table: table, name: row.text(1),
      restoring: "ALTER TABLE \(table) ADD CONSTRAINT \(name) \(row.text(2))" + (comment ?? ""))
  }
}
