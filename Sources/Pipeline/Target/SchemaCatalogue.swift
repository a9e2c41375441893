internal import Postgres

/// The parts of a target's catalogue that tell whether a migration's objects are there.
struct SchemaCatalogue: Sendable {
  /// Whether a migration's objects are there.
  enum Objects: Sendable, Hashable {
    case present
    /// What is missing; making it is what the migration does.
    case absent([String])
    /// What is there but otherwise than needed.
    case differ([String])
  }

  /// Type by column by table, for the three tables of the target.
  let columns: [String: [String: String]]
  /// Columns with a unique index of their own that covers all rows, as `table.column`.
  let uniqueColumns: Set<String>
  /// Things that work but should be looked at.
  let warnings: [String]

  init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    let names = "('exai_sessions', 'exai_messages', 'files')"
    let found = try connection.query(
      """
      SELECT relname, attname, format_type(atttypid, NULL)
      FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
      WHERE relnamespace = to_regnamespace('public') AND relname IN \(names)
        AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
      """)
    var columns: [String: [String: String]] = [:]
    for row in found.rows { columns[row.text(0), default: [:]][row.text(1)] = row.text(2) }
    self.columns = columns
    let unique = try connection.query(
      """
      SELECT relname || '.' || attname
      FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
      JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
      WHERE relnamespace = to_regnamespace('public') AND relname IN \(names)
        AND indisunique AND indisvalid AND indnkeyatts = 1 AND indpred IS NULL
      """)
    uniqueColumns = Set(unique.rows.map { $0.text(0) })
    let open = try connection.query(
      """
      SELECT policyname FROM pg_policies
      WHERE schemaname = 'public' AND tablename = 'files' AND permissive = 'PERMISSIVE'
        AND roles && ARRAY['public', 'anon']::name[] AND qual = 'true'
      """)
    let unprotected = try connection.query(
      """
      SELECT 1 FROM pg_class WHERE oid = to_regclass('public.files') AND NOT relrowsecurity
      """)
    warnings =
      open.rows.map {
        let policy = quotedIdentifier($0.text(0))
        return "policy \(policy) lets every role read and change files; "
          + "to limit it: ALTER POLICY \(policy) ON public.files TO service_role"
      }
      + unprotected.rows.map { _ in
        "files has no row-level security; "
          + "to enable it: ALTER TABLE public.files ENABLE ROW LEVEL SECURITY"
      }
  }

  func objects(of migration: Migration) -> Objects {
    migration == .addFilesTable ? files() : continuationID()
  }

  private func files() -> Objects {
    guard let files = columns["files"] else { return .absent(["table files"]) }
    let needed = [
      ("id", "uuid"), ("created_at", "timestamp with time zone"),
      ("updated_at", "timestamp with time zone"), ("filename", "text"), ("storage_path", "text"),
      ("bucket_name", "text"), ("file_size", "bigint"), ("mime_type", "text"),
      ("file_hash", "text"), ("session_id", "uuid"), ("tags", "text[]"), ("metadata", "jsonb"),
    ]
    var differences: [String] = []
    for (name, type) in needed {
      guard let actual = files[name] else {
        differences.append("files has no column \(name)")
        continue
      }
      guard isSameKind(actual, type) else {
        differences.append("files.\(name) is \(actual), not \(type)")
        continue
      }
    }
    if files["storage_path"] != nil, !uniqueColumns.contains("files.storage_path") {
      differences.append("files.storage_path is not unique")
    }
    return differences.isEmpty ? .present : .differ(differences)
  }

  private func continuationID() -> Objects {
    guard let type = columns["exai_sessions"]?["continuation_id"] else {
      return .absent(["column exai_sessions.continuation_id"])
    }
    guard isSameKind(type, "text") else {
      return .differ(["exai_sessions.continuation_id is \(type), not text"])
    }
    return uniqueColumns.contains("exai_sessions.continuation_id")
      ? .present : .absent(["unique constraint on exai_sessions.continuation_id"])
  }

  private func isSameKind(_ actual: String, _ needed: String) -> Bool {
    actual == needed || (needed == "text" && actual == "character varying")
  }
}
