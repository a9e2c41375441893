internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// The later tables, read from the database they live in.
@Suite struct LiveTablesRunTests {
  /// Definitions, and rows of each; `messages` is read in three ranges.
  private static let tables = """
    CREATE TYPE message_role AS ENUM ('user', 'assistant', 'system');
    CREATE TABLE conversations (id uuid PRIMARY KEY, continuation_id text UNIQUE NOT NULL, title text,
      metadata jsonb DEFAULT '{}', created_at timestamptz, updated_at timestamptz);
    CREATE TABLE messages (id uuid, conversation_id uuid, role message_role NOT NULL,
      content text NOT NULL, metadata jsonb DEFAULT '{}', created_at timestamptz, "Extra" jsonb,
      length int GENERATED ALWAYS AS (length(content)) STORED) PARTITION BY HASH (id);
    CREATE TABLE messages_0 PARTITION OF messages FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    CREATE TABLE messages_1 PARTITION OF messages FOR VALUES WITH (MODULUS 3, REMAINDER 1);
    CREATE TABLE messages_2 PARTITION OF messages FOR VALUES WITH (MODULUS 3, REMAINDER 2);
    CREATE TABLE conversation_threads (id uuid, thread_id text, conversation_data jsonb NOT NULL,
      expires_at timestamptz);
    CREATE TABLE message_bus (transaction_id text, session_id text, tool_name text, payload jsonb,
      compression_type text, created_at timestamptz);
    CREATE TABLE files (id int, filename text);
    INSERT INTO conversations SELECT ('00000000-0000-4000-8001-' || lpad(n::text, 12, '0'))::uuid,
      'c-' || n, 'Conversation ' || n, '{}', '2025-10-24 09:00+00', '2025-10-24 11:00+00'
      FROM generate_series(1, 7) n;
    INSERT INTO messages SELECT ('00000000-0000-4000-8002-' || lpad(n::text, 12, '0'))::uuid,
      ('00000000-0000-4000-8001-' || lpad((n % 7 + 1)::text, 12, '0'))::uuid,
      CASE WHEN n % 2 = 0 THEN 'user' ELSE 'assistant' END::message_role,
      n || E' tab\\t back\\\\slash\\nline ' || repeat('x', 300),
      jsonb_build_object('model_used', 'k2', 'note', E'a"b\\\\c\\nd'),
      '2025-10-24 09:00+00'::timestamptz + n * interval '1.000001 seconds', '{"k": [1]}'
      FROM generate_series(1, 300) n;
    INSERT INTO conversation_threads VALUES (gen_random_uuid(), 'thread:t-1',
      '{"thread_id": "t-1", "created_at": "2025-10-16T05:00:00+00:00", "turns":
        [{"role": "user", "content": "hi", "timestamp": "2025-10-16T05:00:01+00:00"}]}', now());
    INSERT INTO message_bus VALUES ('txn', 'conn', 'chat', '{"content": "late"}', 'none',
      '2025-10-08 09:00:00+00');
    """

  private static let stored = "SELECT to_jsonb(m)::text FROM exai_messages m ORDER BY id"

  /// Runs a body with a scene and, in a database of its own, the tables.
  private static func with(
    _ statements: String = tables, _ body: (RunScene, TestDatabase) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      try await TestDatabase.with(.empty) { source in
        try source.execute(statements)
        try await body(scene, source)
      }
    }
  }

  private static func run(
    _ scene: RunScene, _ source: TestDatabase, _ options: [String] = [], keys: String = "",
    yaml: String = ""
  ) async throws -> RunOutcome {
    try scene.directory.write(
      "tables.yaml",
      "source: {format: messages-dump, database: \"\(source.url)\"\(keys)}\n\(yaml)\n")
    let ended = try await scene.convoy(
      ["run", "tables.yaml", "--target", scene.database.url, "--report", "report"] + options)
    return RunOutcome(ended, in: scene.directory)
  }

  @Test func `live tables give the rows of their dump, and either behind the other adds nothing`()
    async throws
  {
    try await Self.with { scene, source in
      let yaml = "load: {batchBytes: 256KiB, workers: 2}"
      let judged = try await Self.run(scene, source, ["--dry-run"], yaml: yaml).expect()
      let report = try await Self.run(scene, source, yaml: yaml).expect()
      #expect(report.total == judged.total)
      #expect(report.total.sessions == .of(inserted: 9))
      #expect(report.total.messages == .of(inserted: 302))
      #expect(
        report.inputs.map(\.path) == [
          "conversations", "messages", "conversation_threads", "message_bus",
        ])
      let rows = try scene.rows(Self.stored)
      let again = try await Self.run(scene, source, ["--restart"], yaml: yaml).expect()
      #expect(again.total.messages == .of(unchanged: 302))
      let dump = try await source.dump(["--load-via-partition-root"])
      try scene.directory.write("d.sql", dump)
      let behind = try await scene.run("messages-dump", ["d.sql"]).expect()
      #expect(behind.total.sessions == .of(unchanged: 9))
      #expect(behind.total.messages == .of(unchanged: 302))
      try await RunScene.withAnother { other in
        try other.directory.write("d.sql", dump)
        _ = try await other.run("messages-dump", ["d.sql"]).expect()
        #expect(try other.rows(Self.stored) == rows)
        let live = try await Self.run(other, source).expect()
        #expect(live.total.sessions == .of(unchanged: 9))
        #expect(live.total.messages == .of(unchanged: 302))
      }
      // What was read stays as it was.
      #expect(try source.query("SELECT count(*) FROM messages") == [["300"]])
    }
  }

  @Test func `a row that cannot be loaded is a reject that loads once mended`() async throws {
    try await Self.with(
      """
      CREATE TABLE messages (id uuid, conversation_id uuid, role text, content text, created_at timestamptz);
      INSERT INTO messages VALUES
        ('00000000-0000-4000-8002-000000000001', '00000000-0000-4000-8001-000000000001', 'robot', E'a\\tb', '2025-10-24 09:00+00'),
        ('00000000-0000-4000-8002-000000000002', '00000000-0000-4000-8001-000000000001', 'user', 'c', '2025-10-24 09:01+00')
      """
    ) { scene, source in
      let run = try await Self.run(scene, source)
      let report = try run.expect(3)
      #expect(report.total.messages == .of(inserted: 1, rejected: 1))
      let reject = try #require(try run.rejects.first)
      #expect(reject.file == "messages")
      #expect(
        reject.text == """
          COPY "public"."messages" ("id", "conversation_id", "role", "content", "created_at") FROM stdin;
          00000000-0000-4000-8002-000000000001	00000000-0000-4000-8001-000000000001	robot	a\\tb	2025-10-24 09:00:00+00
          \\.

          """)
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "tables.yaml", "--target",
        scene.database.url, "--set", "transform.roles.robot=assistant", "--report", "again",
      ])
      #expect(retried.status == 0, "\(retried.errors)")
      #expect(try scene.rows("SELECT content FROM exai_messages ORDER BY id") == [["a\tb"], ["c"]])
    }
  }

  @Test func `tables of another schema are named, and a database with none of them is refused`()
    async throws
  {
    try await Self.with(
      """
      CREATE SCHEMA old;
      CREATE TABLE old.messages (id uuid, conversation_id uuid, role text, content text, created_at timestamptz);
      INSERT INTO old.messages VALUES ('00000000-0000-4000-8002-000000000001',
        '00000000-0000-4000-8001-000000000001', 'user', 'a', '2025-10-24 09:00+00')
      """
    ) { scene, source in
      let none = try await Self.run(scene, source)
      #expect(none.status == 1)
      #expect(
        none.errors.contains("none of the tables conversations, messages, conversation_threads"))
      let report = try await Self.run(scene, source, keys: ", tables: [old.messages]").expect()
      #expect(report.total.messages == .of(inserted: 1))
      let preview = try await scene.convoy([
        "preview", "tables.yaml", "--target", scene.database.url,
      ])
      #expect(preview.status == 0, "\(preview.errors)")
      #expect(preview.output.contains("\"content\" : \"a\""))
    }
  }

  @Test func `files of live tables are stored with their conversations`() async throws {
    try await Self.with(
      """
      CREATE TABLE conversations (id uuid, continuation_id text, created_at timestamptz, updated_at timestamptz);
      CREATE TABLE files (id uuid, storage_path text, original_name text, size_bytes int);
      CREATE TABLE conversation_files (conversation_id uuid, file_id uuid);
      INSERT INTO conversations VALUES
        ('00000000-0000-4000-8001-000000000001', 'c-1', '2025-10-24 09:00+00', '2025-10-24 09:00+00');
      INSERT INTO files VALUES ('00000000-0000-4000-8003-000000000001', 'contexts/a.txt', 'a.txt', 1);
      INSERT INTO conversation_files VALUES
        ('00000000-0000-4000-8001-000000000001', '00000000-0000-4000-8003-000000000001')
      """
    ) { scene, source in
      try scene.directory.write("bytes/contexts/a.txt", "a")
      let yaml = """
        store: {kind: directory, directory: objects}
        attach: {turns: resolve, roots: [bytes]}
        """
      let report = try await Self.run(scene, source, yaml: yaml).expect()
      #expect(report.total.files == .of(inserted: 1))
      #expect(
        try scene.rows(
          """
          SELECT s.continuation_id, f.filename FROM files f JOIN exai_sessions s ON s.id = f.session_id
          """) == [["c-1", "a.txt"]])
      let again = try await Self.run(scene, source, yaml: yaml).expect()
      #expect(again.total.files == .of(unchanged: 1))
      let without = try await Self.run(scene, source).expect()
      #expect(without.inputs.map(\.path) == ["conversations"])
    }
  }
}
