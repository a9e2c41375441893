internal import Postgres

/// The primary key of messages.
extension DroppedDefinition {
  /// The key and its index, where rows of a batch with new sessions cannot break it and nothing needs it
  /// meanwhile; empty otherwise.
  ///
  /// An id is made of its session's name, so that two equal ones are of two sessions of one name: these the
  /// unique index of `continuation_id` refuses, before any message of the second is sent
  /// (``RowBatch/bringsNewMessages(_:)``). Meanwhile there may be no key of another table, no view and no
  /// publication that rests on this one.
  ///
  /// The connection must be in a transaction whose search path is empty.
  static func messageKey(
    _ connection: borrowing PostgresConnection, sessions: String, messages: String
  ) throws(PostgresError) -> [DroppedDefinition] {
    let (parent, child) = (
      "\(quotedLiteral(sessions))::regclass", "\(quotedLiteral(messages))::regclass"
    )
    let keys = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, t.relname), c.conname, pg_get_indexdef(i.oid),
             obj_description(c.oid, 'pg_constraint'), obj_description(i.oid, 'pg_class')
      FROM pg_constraint c
      JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_index x ON x.indexrelid = c.conindid
      JOIN pg_class i ON i.oid = x.indexrelid
      WHERE c.contype = 'p' AND c.conrelid = \(child) AND NOT c.condeferrable
        AND c.conkey = ARRAY(SELECT attnum FROM pg_attribute
          WHERE attrelid = c.conrelid AND attname = 'id')
        AND t.relkind = 'r' AND NOT t.relispartition AND NOT x.indisclustered
        AND NOT x.indisreplident AND x.indisvalid AND i.reltablespace = 0
        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = t.oid OR inhrelid = t.oid)
        AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = t.oid)
        AND NOT EXISTS (SELECT FROM pg_publication_tables p
          WHERE p.schemaname = n.nspname AND p.tablename = t.relname)
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.refobjid IN (c.oid, i.oid) AND d.objid NOT IN (c.oid, i.oid))
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.objid IN (c.oid, i.oid) AND d.deptype IN ('e', 'x'))
        AND EXISTS (SELECT FROM pg_index u
          WHERE u.indrelid = \(parent) AND u.indisunique AND u.indimmediate AND u.indisvalid
            AND u.indisready AND u.indpred IS NULL AND u.indexprs IS NULL AND u.indnkeyatts = 1
            AND u.indkey[0] = (SELECT attnum FROM pg_attribute
              WHERE attrelid = u.indrelid AND attname = 'continuation_id'))
      """)
    return keys.rows.flatMap(keyAndIndex)
  }

  private static func keyAndIndex(_ row: PostgresRow) -> [DroppedDefinition] {
    let (table, name) = (row.text(0), quotedIdentifier(row.text(1)))
    var making = "ALTER TABLE \(table) ADD CONSTRAINT \(name) PRIMARY KEY USING INDEX \(name)"
    if let comment = row[3] {
      making += "; COMMENT ON CONSTRAINT \(name) ON \(table) IS \(quotedLiteral(comment))"
    }
    if let comment = row[4] {
      making += "; COMMENT ON INDEX public.\(name) IS \(quotedLiteral(comment))"
    }
    return [
      DroppedDefinition(
        kind: .keyIndex, table: table, name: row.text(1), restoring: row.text(2)),
      DroppedDefinition(kind: .primaryKey, table: table, name: row.text(1), restoring: making),
    ]
  }
}
