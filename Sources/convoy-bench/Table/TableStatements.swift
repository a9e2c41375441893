/// The table that is migrated, and the statements that do it inside the server.
struct TableStatements {
  /// What becomes of embeddings, in the words of the pipeline.
  enum Mode: String, CaseIterable { case drop, metadata, object }

  let rows: Int
  let dimensions: Int
  let hasVectors: Bool

  /// Distinct embeddings; more would take long to make and change nothing of what is measured.
  private static let poolRows = 1_000

  private var type: String { hasVectors ? "vector(\(dimensions))" : "text" }

  /// Makes the table in two partitions, whose rows stand in no order of users or times.
  var make: String {
    """
    CREATE TABLE pool AS SELECT p, (SELECT '[' || string_agg((random() * 2 - 1)::real::text, ',') || ']'
      FROM generate_series(1, \(dimensions)) WHERE p > 0)::\(type) AS embedding
      FROM generate_series(1, \(Self.poolRows)) p;
    CREATE TABLE conversations (
      id bigint NOT NULL, user_id text NOT NULL, created_at timestamptz NOT NULL, direction text NOT NULL,
      text text, tokens_in integer DEFAULT 0, tokens_out integer DEFAULT 0, cost numeric DEFAULT 0,
      latency_ms integer DEFAULT 0, embedding \(type), meta jsonb DEFAULT '{}'
    ) PARTITION BY HASH (user_id);
    CREATE TABLE conversations_1 PARTITION OF conversations FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE conversations_2 PARTITION OF conversations FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    ALTER TABLE conversations_1 ALTER embedding SET STORAGE EXTERNAL;
    ALTER TABLE conversations_2 ALTER embedding SET STORAGE EXTERNAL;
    INSERT INTO conversations
    SELECT n, 'user-' || n / 10 % 5000, timestamptz '2025-01-01Z' + n / 50000 * interval '4 hours'
        + n / 10 % 5000 * interval '1 second' + n % 10 * interval '2 minutes',
      CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
      repeat(md5(n::text) || ' what was said ', 2 + n % 17), n % 900, n % 700, (n % 1000) / 100000.0,
      n % 4000, embedding, jsonb_build_object('model_used', 'kimi-k2', 'temperature', n % 10 / 10.0)
    FROM (SELECT (n * 7919::bigint % \(rows))::integer AS n FROM generate_series(0, \(rows - 1)) n) rows
    JOIN pool ON p = n % \(Self.poolRows) + 1;
    DROP TABLE pool; ANALYZE conversations; CHECKPOINT
    """
  }

  /// Maps rows to sessions and messages as the pipeline does, but for ids and provenance.
  func migrate(_ mode: Mode) -> String {
    let embedding =
      mode == .metadata ? ", 'embedding', embedding::text::jsonb" : ""
    return """
      BEGIN;
      CREATE TEMPORARY TABLE starts ON COMMIT DROP AS
      SELECT gen_random_uuid() AS id, user_id, created_at,
        lead(created_at) OVER (PARTITION BY user_id ORDER BY created_at) AS next_start
      FROM (SELECT user_id, created_at, lag(created_at) OVER (PARTITION BY user_id ORDER BY created_at) AS before
        FROM conversations) t
      WHERE before IS NULL OR created_at - before > interval '30 minutes';
      ANALYZE starts;
      CREATE TEMPORARY TABLE found ON COMMIT DROP AS
      SELECT s.id, s.user_id, s.created_at, max(c.created_at) AS updated_at,
        (array_agg(left(c.text, 50) ORDER BY c.created_at) FILTER (WHERE c.direction = 'user'))[1] AS title
      FROM starts s JOIN conversations c ON c.user_id = s.user_id AND c.created_at >= s.created_at
        AND (s.next_start IS NULL OR c.created_at < s.next_start)
      GROUP BY 1, 2, 3;
      INSERT INTO exai_sessions (id, user_id, title, created_at, updated_at, metadata, continuation_id)
      SELECT id, user_id, title, created_at, updated_at,
        jsonb_build_object('legacy', jsonb_build_object('session_rule', 'user_id, idle gap 30m')),
        'conversations:' || user_id || ':' || created_at FROM found;
      INSERT INTO exai_messages (id, session_id, role, content, tokens_in, tokens_out, cost_usd, latency_ms,
        model_used, created_at, metadata)
      SELECT gen_random_uuid(), session, direction, text, tokens_in, tokens_out, cost, latency_ms,
        meta ->> 'model_used', created_at,
        jsonb_build_object('legacy', (meta - 'model_used') || jsonb_build_object('id', id)\(embedding))
      FROM (SELECT c.*, s.id AS session FROM conversations c JOIN starts s
        ON c.user_id = s.user_id AND c.created_at >= s.created_at
          AND (s.next_start IS NULL OR c.created_at < s.next_start)) t;
      COMMIT
      """
  }
}
