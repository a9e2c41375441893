internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// The legacy table of conversations as tests make and migrate it.
enum LegacyTable {
  /// The table as it was, cut by months; ids are unique in a partition only.
  static let table = """
    CREATE TABLE conversations (
      id bigint NOT NULL, user_id text NOT NULL, created_at timestamptz DEFAULT now(),
      direction text NOT NULL, text text, tokens_in integer DEFAULT 0, tokens_out integer DEFAULT 0,
      cost numeric DEFAULT 0, latency_ms integer DEFAULT 0, embedding text, meta jsonb DEFAULT '{}'
    ) PARTITION BY RANGE (created_at);
    CREATE TABLE conversations_2025_10 PARTITION OF conversations
      FOR VALUES FROM ('2025-10-01Z') TO ('2025-11-01Z');
    CREATE TABLE conversations_2025_11 PARTITION OF conversations
      FOR VALUES FROM ('2025-11-01Z') TO ('2025-12-01Z');
    CREATE TABLE conversations_rest PARTITION OF conversations DEFAULT;

    """

  static let rows = """
    INSERT INTO conversations (id, user_id, created_at, direction, text, meta) VALUES
      (1, 'ada', '2025-10-31 23:50Z', 'user', 'hi', '{}'),
      (1, 'ada', '2025-11-01 00:25Z', 'user', 'again', NULL),
      (2, 'ada', '2025-11-01 00:55:01Z', 'assistant', 'later', '{}'),
      (3, 'bob', '2025-11-01 00:00Z', 'user', 'first', '{"thread_id": "t-1"}'),
      (4, 'bob', '2025-11-09 00:00Z', 'assistant', 'second', '{"continuation_id": "t-1", "session_id": "s-1"}'),
      (5, 'eve', '2025-11-02 00:00Z', 'user', 'mine', '{"session_id": 7}'),
      (6, '', '2025-11-02 00:00:00.25Z', 'user', 'nobody', '{"conversation_id": " "}'),
      (7, 'ada', NULL, 'user', 'untimed', '{}');
    INSERT INTO conversations VALUES
      (2, 'ada', '2025-10-31 23:55Z', 'assistant', 'hello', 3, 4, 0.0125, 250, NULL,
        '{"model_used": "k2", "provider_used": "KIMI", "x": 1}');

    """

  /// Writes the pipeline and runs it, the database being source and target.
  static func run(
    _ scene: RunScene, yaml: String = "", source: String = "", options: [String] = []
  ) async throws -> RunOutcome {
    try write(scene, yaml: yaml, source: source)
    let target = options.contains("--offline") ? [] : ["--target", scene.database.url]
    let ended = try await scene.convoy(
      ["run", "pipeline.yaml", "--report", "report"] + target + options)
    return RunOutcome(ended, in: scene.directory)
  }

  static func write(_ scene: RunScene, yaml: String = "", source: String = "") throws {
    try scene.directory.write(
      "pipeline.yaml",
      """
      source: {format: conversations-table, database: '\(scene.database.url)'\(source)}
      \(yaml)

      """)
  }
}
