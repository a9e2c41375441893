/// The two tables an import needs and a Supabase project of the product has from elsewhere.
///
/// A reconstruction: the product published columns, types and checks, but not its DDL. Made only
/// where absent and only when asked for; never recorded as a migration, because it is not one.
enum BaselineSchema {
  static func statements(making missing: [String]) -> [String] {
    missing.flatMap { table in
      (table == "exai_sessions" ? sessions : messages) + Migration.closed(table: table)
    }
  }

  static let tables = ["exai_sessions", "exai_messages"]

  private static let sessions = [
    """
    CREATE TABLE IF NOT EXISTS public.exai_sessions (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      user_id text NOT NULL,
      title text,
      created_at timestamptz DEFAULT now(),
      updated_at timestamptz DEFAULT now(),
      metadata jsonb DEFAULT '{}'
    )
    """
  ]

  private static let messages = [
    """
    CREATE TABLE IF NOT EXISTS public.exai_messages (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      session_id uuid REFERENCES public.exai_sessions (id) ON DELETE CASCADE,
      role text CHECK (role IN ('user', 'assistant', 'system')),
      content text NOT NULL,
      tool_name text,
      tool_args jsonb,
      tool_result jsonb,
      tokens_in integer DEFAULT 0,
      tokens_out integer DEFAULT 0,
      cost_usd numeric(10,6) DEFAULT 0,
      latency_ms integer DEFAULT 0,
      model_used text,
      provider_used text,
      created_at timestamptz DEFAULT now(),
      metadata jsonb DEFAULT '{}'
    )
    """,
    """
    CREATE INDEX IF NOT EXISTS idx_exai_messages_session_id_created_at
      ON public.exai_messages (session_id, created_at)
    """,
  ]
}
