internal import Postgres

/// The questions to the target's catalogue of what a table of it refuses.
struct JudgedCatalogue {
  private let name: String
  /// The table for SQL.
  let live: String
  private let table: String

  init(_ name: String) {
    self.name = name
    live = "public.\(quotedIdentifier(name))"
    table = "\(quotedLiteral(live))::regclass"
  }

  /// Name, whether it is generated, whether a sequence gives its default, that one's last number, and
  /// whether it must have a value without being part of the primary key, or as part of it.
  var columns: String {
    """
    SELECT quote_ident(a.attname), a.attgenerated <> '', s.oid IS NOT NULL,
      CASE WHEN has_sequence_privilege(s.oid, 'USAGE, SELECT') THEN pg_sequence_last_value(s.oid) END,
      a.attnotnull AND NOT EXISTS (SELECT FROM pg_index
        WHERE indrelid = a.attrelid AND indisprimary AND a.attnum = ANY (indkey)), a.attnotnull
    FROM pg_attribute a
    LEFT JOIN LATERAL (
      SELECT c.oid FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
        AND d.refobjsubid = a.attnum AND d.deptype = 'i'
      WHERE c.relkind = 'S'
      UNION ALL
      SELECT c.oid FROM pg_attrdef f
        JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
          AND d.refclassid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'S'
      WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum
      LIMIT 1) s ON true
    WHERE a.attrelid = \(table) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    """
  }

  /// Name and expression of each CHECK.
  var checks: String {
    """
    SELECT quote_ident(conname), pg_get_expr(conbin, conrelid) FROM pg_constraint
    WHERE conrelid = \(table) AND contype = 'c' ORDER BY conname
    """
  }

  /// Of a partitioned table itself and then each partition: name, parent, bound, and by what it is parted.
  var partitions: String {
    """
    SELECT quote_ident(c.relname), quote_ident(p.relname), pg_get_expr(c.relpartbound, c.oid),
      CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
    FROM pg_partition_tree(\(table)) t JOIN pg_class c ON c.oid = t.relid
    LEFT JOIN pg_class p ON p.oid = t.parentrelid
    WHERE (SELECT relkind FROM pg_class WHERE oid = \(table)) = 'p' ORDER BY t.level, c.oid
    """
  }

  /// Of each index: name, the statement that makes it, what it is to a judge, the columns that make it
  /// unique with the comparison of two rows, its width's condition, whether it excludes, its predicate.
  ///
  /// `id` and `continuation` are the keys every target has; `idle` refuses nothing; `wide` a row too long
  /// for it; `unique` and `special` more than that.
  var indexes: String {
    """
    SELECT x.relname,
      CASE WHEN k.oid IS NOT NULL
        THEN format('ALTER TABLE pg_temp.%I ADD CONSTRAINT %I ', c.relname, k.conname)
          || pg_get_constraintdef(k.oid)
        ELSE format('CREATE %sINDEX %I ON pg_temp.%I', u.word, x.relname, c.relname)
          || substr(pg_get_indexdef(i.indexrelid),
               length(format('CREATE %sINDEX %I ON %s%I.%I', u.word, x.relname,
                 CASE x.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END, n.nspname, c.relname)) + 1) END,
      CASE
        WHEN i.indisunique AND i.indnkeyatts = 1 AND f.names = ARRAY['id'] AND i.indpred IS NULL
          AND i.indimmediate THEN 'id'
        WHEN i.indisunique AND i.indnkeyatts = 1 AND f.names = ARRAY['continuation_id']
          AND i.indimmediate THEN 'continuation'
        WHEN i.indisunique OR i.indisexclusion THEN 'unique'
        WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN 'special'
        WHEN m.amname <> 'btree' OR f.is_fixed THEN 'idle'
        ELSE 'wide' END,
      q.columns, q.match, f.width, i.indisexclusion, pg_get_expr(i.indpred, i.indrelid)
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = x.relam
    CROSS JOIN LATERAL (SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END AS word) u
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    CROSS JOIN LATERAL (
      SELECT array_agg(a.attname::text ORDER BY o.number) AS names, bool_and(a.attlen > 0) AS is_fixed,
        string_agg(CASE WHEN a.attname IS NOT NULL
            THEN format('coalesce(octet_length(p.%I::text), 0)', a.attname) END, ' + ') || ' > 2000'
          AS width
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY o (column_number, number)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = o.column_number) f
    LEFT JOIN LATERAL (
      SELECT string_agg(format('%s AS k%s', pg_get_indexdef(i.indexrelid, g, false), g), ', ') AS columns,
        string_agg(format(CASE WHEN (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean
            THEN 'l.k%1$s IS NOT DISTINCT FROM n.k%1$s'
            ELSE 'l.k%1$s OPERATOR(%2$I.%3$s) n.k%1$s' END, g, s.nspname, p.oprname), ' AND ') AS match
      FROM generate_series(1, i.indnkeyatts::integer) g
      JOIN pg_opclass o ON o.oid = i.indclass[g - 1]
      LEFT JOIN pg_amop a ON NOT i.indisexclusion AND a.amopfamily = o.opcfamily
        AND a.amopstrategy = 3 AND a.amoplefttype = o.opcintype AND a.amoprighttype = o.opcintype
      JOIN pg_operator p ON p.oid = coalesce(a.amopopr, k.conexclop[g])
      JOIN pg_namespace s ON s.oid = p.oprnamespace
    ) q ON i.indisunique OR i.indisexclusion
    WHERE i.indrelid = \(table) AND i.indislive ORDER BY i.indexrelid
    """
  }

  /// Of each foreign key: name, its columns, the other table, when a row of that, `r`, is the one, when
  /// there must be one, the same of a row `p`, whether this role may look, whether it leads to one of
  /// `tables`, whether it is the messages' to their sessions, its trigger's name, that table's name, and
  /// what is refused by itself.
  func foreignKeys(among tables: [String]) -> String {
    let list = tables.map(quotedLiteral).joined(separator: ", ")
    return """
      SELECT k.conname, string_agg(quote_ident(a.attname), ', '),
        format('%I.%I', n.nspname, c.relname),
        string_agg(format('r.%I OPERATOR(%I.%s) NEW.%I', b.attname, s.nspname, o.oprname, a.attname), ' AND '),
        string_agg(format('NEW.%I IS NOT NULL', a.attname), ' AND '),
        string_agg(format('p.%I IS NOT NULL', a.attname), ' AND '),
        CASE WHEN has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
          THEN NOT row_security_active(c.oid) ELSE false END,
        (n.nspname = 'public' AND c.relname IN (\(list))) OR k.confmatchtype <> 's',
        n.nspname = 'public' AND c.relname = 'exai_sessions' AND k.confmatchtype = 's'
          AND array_agg(a.attname::text) = ARRAY['session_id']
          AND array_agg(b.attname::text) = ARRAY['id'],
        g.tgname,
        CASE WHEN n.nspname = 'public' AND c.relname IN (\(list)) THEN quote_ident(c.relname) END,
        CASE WHEN k.confmatchtype = 'f' AND count(*) > 1 THEN
          format('(%s) AND NOT (%s)', string_agg(format('NEW.%I IS NULL', a.attname), ' OR '),
            string_agg(format('NEW.%I IS NULL', a.attname), ' AND ')) END
      FROM pg_constraint k
      JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) AS w (own, other, operator)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = w.own
      JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = w.other
      JOIN pg_operator o ON o.oid = w.operator JOIN pg_namespace s ON s.oid = o.oprnamespace
      CROSS JOIN LATERAL (SELECT min(tgname) AS tgname FROM pg_trigger
        WHERE tgconstraint = k.oid AND tgrelid = k.conrelid AND tgtype & 4 = 4) g
      WHERE k.conrelid = \(table) AND k.contype = 'f'
      GROUP BY k.oid, k.conname, k.confmatchtype, n.oid, n.nspname, c.oid, c.relname, g.tgname ORDER BY k.oid
      """
  }

  /// Of each trigger of the target's own: name, definition on the temporary table, whether it fires on
  /// INSERT, whether before a row of one, and whether its function names these tables in its own way.
  ///
  /// Bits of tgtype: row 1, before 2, insert 4 (PostgreSQL's pg_trigger.h).
  var triggers: String {
    """
    SELECT quote_ident(g.tgname),
      overlay(d.text PLACING format(' ON pg_temp.%I ', c.relname)
        FROM position(d.place IN d.text) FOR length(d.place)),
      g.tgtype & 4 = 4, g.tgtype & 7 = 7,
      p.prosrc ~* 'public"?\\s*\\.\\s*"?exai_(sessions|messages)'
        OR coalesce(array_to_string(p.proconfig, ' ') LIKE '%search_path%', false)
           AND p.prosrc ~* 'exai_(sessions|messages)'
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_proc p ON p.oid = g.tgfoid
    CROSS JOIN LATERAL (SELECT pg_get_triggerdef(g.oid) AS text,
      format(' ON %I.%I ', n.nspname, c.relname) AS place) d
    WHERE g.tgrelid = \(table) AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
    ORDER BY g.tgname COLLATE "C"
    """
  }
}
