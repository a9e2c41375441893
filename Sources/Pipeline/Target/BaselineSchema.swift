/// The two tables an import needs and a Supabase project of the product has from elsewhere.
///
/// A reconstruction: the product published columns, types and checks, but not its DDL. Made only
/// where absent and only when asked for; never recorded as a migration, because it is not one.
enum BaselineSchema {
  static func statements(making missing: [String]) -> [String] {
    missing.flatMap { table in
      (table == "exai_sessions"
        ? [create(table, sessions)] : [create(table, messages), messageIndex])
        + Migration.closed(table: table)
    }
  }

  static let tables = ["exai_sessions", "exai_messages"]

  /// Added by a migration, because the product's own table lacks it.
  static let continuationId = BaselineColumn(name: "continuation_id", type: .text)

  static let sessions = [
    BaselineColumn(name: "id", type: .uuid, isPrimaryKey: true, defaultValue: .randomId),
    BaselineColumn(name: "user_id", type: .text, isNotNull: true),
    BaselineColumn(name: "title", type: .text),
    BaselineColumn(name: "created_at", type: .timestamptz, defaultValue: .now),
    BaselineColumn(name: "updated_at", type: .timestamptz, defaultValue: .now),
    BaselineColumn(name: "metadata", type: .jsonb, defaultValue: .emptyObject),
  ]

  static let messages = [
    BaselineColumn(name: "id", type: .uuid, isPrimaryKey: true, defaultValue: .randomId),
    BaselineColumn(
      name: "session_id", type: .uuid,
      constraint: "REFERENCES public.exai_sessions (id) ON DELETE CASCADE"),
    BaselineColumn(
      name: "role", type: .text, constraint: "CHECK (role IN ('user', 'assistant', 'system'))"),
    BaselineColumn(name: "content", type: .text, isNotNull: true),
    BaselineColumn(name: "tool_name", type: .text),
    BaselineColumn(name: "tool_args", type: .jsonb),
    BaselineColumn(name: "tool_result", type: .jsonb),
    BaselineColumn(name: "tokens_in", type: .integer, defaultValue: .zero),
    BaselineColumn(name: "tokens_out", type: .integer, defaultValue: .zero),
    BaselineColumn(
      name: "cost_usd", type: .numeric(precision: 10, scale: 6), defaultValue: .zero),
    BaselineColumn(name: "latency_ms", type: .integer, defaultValue: .zero),
    BaselineColumn(name: "model_used", type: .text),
    BaselineColumn(name: "provider_used", type: .text),
    BaselineColumn(name: "created_at", type: .timestamptz, defaultValue: .now),
    BaselineColumn(name: "metadata", type: .jsonb, defaultValue: .emptyObject),
  ]

  private static func create(_ table: String, _ columns: [BaselineColumn]) -> String {
    """
    CREATE TABLE IF NOT EXISTS public.\(table) (
      \(columns.map(\.definition).joined(separator: ",\n  "))
    )
    """
  }

  private static let messageIndex = """
    CREATE INDEX IF NOT EXISTS idx_exai_messages_session_id_created_at
      ON public.exai_messages (session_id, created_at)
    """
}
