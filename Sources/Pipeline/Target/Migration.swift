/// A change of the target's schema, under the name it has in Supabase's migration history.
public struct Migration: Sendable, Hashable {
  /// Fourteen digits, as the Supabase CLI names migration files; UTC.
  public let version: String
  /// The name the migration is matched by: a project may have recorded it under another version.
  public let name: String
  /// SQL that changes nothing where its objects are there already.
  public let statements: [String]

  /// The name of its file in `supabase/migrations`.
  public var fileName: String { "\(version)_\(name).sql" }

  /// The statements as a script.
  public var script: String { statements.map { "\($0);\n" }.joined(separator: "\n") }

  /// convoy's migrations, in the order they are applied.
  public static let all = [addFilesTable, addContinuationID]

  /// Makes table `files`, closed to every role but `service_role`.
  static let addFilesTable = Migration(
    version: "20251015000001", name: "add_files_table",
    statements: [
      """
      DO $do$
      BEGIN
        IF to_regprocedure('public.update_updated_at_column()') IS NULL THEN
          CREATE FUNCTION public.update_updated_at_column() RETURNS trigger
          LANGUAGE plpgsql SET search_path = '' AS $body$
          BEGIN
            NEW.updated_at := pg_catalog.now();
            RETURN NEW;
          END
          $body$;
        END IF;
      END
      $do$
      """,
      """
      CREATE TABLE IF NOT EXISTS public.files (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        created_at timestamptz DEFAULT now(),
        updated_at timestamptz DEFAULT now(),
        filename text NOT NULL,
        storage_path text NOT NULL UNIQUE,
        bucket_name text NOT NULL DEFAULT 'mcp-files',
        file_size bigint,
        mime_type text,
        file_hash text,
        session_id uuid REFERENCES public.exai_sessions (id) ON DELETE CASCADE,
        tags text[],
        metadata jsonb DEFAULT '{}'
      )
      """,
      "CREATE INDEX IF NOT EXISTS idx_files_session_id ON public.files (session_id)",
      "CREATE INDEX IF NOT EXISTS idx_files_file_hash ON public.files (file_hash)",
      """
      DO $do$
      BEGIN
        IF NOT EXISTS (
          SELECT FROM pg_trigger
          WHERE tgrelid = 'public.files'::regclass AND NOT tgisinternal
            AND tgfoid = 'public.update_updated_at_column()'::regprocedure
        ) THEN
          CREATE TRIGGER update_files_updated_at BEFORE UPDATE ON public.files
            FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
        END IF;
      END
      $do$
      """,
    ] + closed(table: "files"))

  /// Adds the id by which a client finds its conversation again.
  static let addContinuationID = Migration(
    version: "20251015000002", name: "add_continuation_id_to_sessions",
    statements: [
      """
      ALTER TABLE public.exai_sessions
        ADD COLUMN IF NOT EXISTS \(BaselineSchema.continuationId.definition)
      """,
      """
      DO $do$
      BEGIN
        IF NOT EXISTS (
          SELECT FROM pg_index
          JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
          WHERE indrelid = 'public.exai_sessions'::regclass AND indisunique AND indisvalid
            AND indnkeyatts = 1 AND indpred IS NULL AND attname = 'continuation_id'
        ) THEN
          ALTER TABLE public.exai_sessions
            ADD CONSTRAINT exai_sessions_continuation_id_key UNIQUE (continuation_id);
        END IF;
      END
      $do$
      """,
    ])

  /// Row level security with one policy, for `service_role` where there is such a role.
  ///
  /// Without `TO service_role` the policy would hold for every role, and `anon` could read all rows.
  static func closed(table: String) -> [String] {
    [
      "ALTER TABLE public.\(table) ENABLE ROW LEVEL SECURITY",
      """
      DO $do$
      BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') AND NOT EXISTS (
          SELECT FROM pg_policies
          WHERE schemaname = 'public' AND tablename = '\(table)'
            AND policyname = 'Service role has full access to \(table)'
        ) THEN
          CREATE POLICY "Service role has full access to \(table)" ON public.\(table)
            FOR ALL TO service_role USING (true) WITH CHECK (true);
        END IF;
      END
      $do$
      """,
    ]
  }
}
