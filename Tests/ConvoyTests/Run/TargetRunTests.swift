internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct TargetRunTests {
  private static let thread = #"""
    {"thread_id":"t","created_at":"2025-10-16T01:00:00Z","turns":[
     {"role":"user","content":"q","timestamp":"2025-10-16T01:00:00Z"},
     {"role":"assistant","content":"a","timestamp":"2025-10-16T01:00:01Z","model_name":"m","model_provider":"kimi",
      "model_metadata":{"usage":{"prompt_tokens":3,"completion_tokens":4},"cost_usd":0.0123456789,"latency_ms":12.5}}]}
    """#

  private static let shortNames = """
    CREATE TABLE exai_sessions (
      id uuid PRIMARY KEY, user_id text NOT NULL, title text, created_at timestamptz DEFAULT now(),
      updated_at timestamptz DEFAULT now(), metadata jsonb DEFAULT '{}', continuation_id text UNIQUE);
    CREATE TABLE exai_messages (
      id uuid PRIMARY KEY, session_id uuid REFERENCES exai_sessions, role text, content text NOT NULL,
      tool_name text, tokens integer DEFAULT 5, cost numeric(12,4) DEFAULT 1, model text DEFAULT 'auto',
      provider text, created_at timestamptz DEFAULT now(), metadata jsonb DEFAULT '{"is":"default"}')
    """

  @Test func `the short column names are known, and what has no column goes to metadata`()
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(Self.shortNames)
      try scene.directory.write("t.json", Self.thread)
      let report = try await scene.run("threads", ["t.json"]).expect()
      #expect(report.total.messages == .of(inserted: 2))
      #expect(
        try scene.rows(
          """
          SELECT content, tokens, cost, model, provider, metadata - 'model_metadata' FROM exai_messages
          ORDER BY created_at
          """) == [
            ["q", "5", "1.0000", "auto", nil, #"{"legacy": {"index": 0}}"#],
            [
              "a", "7", "0.0123", "m", "kimi",
              #"{"legacy": {"index": 1, "tokens_in": 3, "latency_ms": 12.5, "tokens_out": 4}}"#,
            ],
          ])
    }
  }

  @Test func `a fact the source lacks gets the column's default`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        """
        ALTER TABLE exai_messages ALTER latency_ms SET DEFAULT 42, ALTER tool_result SET DEFAULT '{"d":1}',
          ALTER provider_used SET DEFAULT 'none', ALTER tokens_out DROP DEFAULT,
          ALTER created_at SET DEFAULT '2001-02-03Z'
        """)
      try scene.directory.write(
        "t.jsonl", #"{"thread_id":"t","turns":[{"role":"user","content":"c"}]}"#)
      try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(
        try scene.rows(
          """
          SELECT tokens_in, tokens_out, cost_usd, latency_ms, tool_result, provider_used, tool_name,
            created_at AT TIME ZONE 'UTC' FROM exai_messages
          """)
          == [["0", nil, "0.000000", "42", #"{"d": 1}"#, "none", nil, "2001-02-03 00:00:00"]])
    }
  }

  @Test func `values a column cannot hold are kept in metadata and told`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        #"""
        {"thread_id":"t","turns":[{"role":"user","content":"c","model_metadata":{"usage":{"prompt_tokens":"~93","completion_tokens":99999999999},"cost_usd":12345.6789,"latency_ms":3e9}}]}
        """#)
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["value.range"] == 4)
      #expect(
        try scene.rows(
          "SELECT tokens_in, tokens_out, cost_usd, latency_ms, metadata->'legacy' FROM exai_messages"
        )
          == [
            [
              "0", "0", "0.000000", "0",
              #"{"index": 0, "cost_usd": 12345.6789, "tokens_in": "~93", "latency_ms": 3000000000, "tokens_out": 99999999999}"#,
            ]
          ])
    }
  }

  @Test(arguments: [
    ("ALTER TABLE exai_messages DROP metadata", "table exai_messages has no column metadata"),
    (
      "ALTER TABLE exai_sessions DROP continuation_id",
      "table exai_sessions has no column continuation_id"
    ),
    ("ALTER TABLE exai_messages DROP content", "table exai_messages has no column content"),
    (
      "ALTER TABLE exai_messages ADD must integer NOT NULL",
      "column exai_messages.must must have a value, and no legacy record has one for it"
    ),
    (
      "ALTER TABLE exai_messages DROP tokens_in; ALTER TABLE exai_messages ADD tokens_in point",
      "column exai_messages.tokens_in has type point, which convoy does not write"
    ),
    ("DROP TABLE exai_messages", "the target has no table public.exai_messages"),
  ])
  func `a target rows cannot go to is refused before the first row`(change: String, message: String)
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(change)
      try scene.directory.write("t.json", Self.thread)
      for options in [[], ["--dry-run"]] {
        let run = try await scene.run("threads", ["t.json"], options: options)
        #expect(run.status == 1)
        #expect(run.errors.contains("convoy run: \(message)\n"), "\(run.errors)")
      }
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "0")
    }
  }

  @Test(arguments: [
    "bigint GENERATED ALWAYS AS IDENTITY", "bigint GENERATED BY DEFAULT AS IDENTITY",
    "bigserial NOT NULL", "integer NOT NULL GENERATED ALWAYS AS (length(content)) STORED",
    "timestamptz NOT NULL DEFAULT now()",
  ])
  func `columns that fill themselves are left to the target, in a load, a merge and a dry run`(
    type: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.execute("ALTER TABLE exai_messages ADD own \(type)")
      if !type.contains("content") {
        try scene.execute("ALTER TABLE exai_sessions ADD own \(type)")
      }
      try scene.directory.write("t.json", Self.thread)
      try await scene.run("threads", ["t.json"], options: ["--dry-run"]).expect()
      try await scene.run("threads", ["t.json"]).expect()
      try scene.directory.write("u.json", "[\(Self.thread)]")
      let dry = try await scene.run("threads", ["u.json"], options: ["--dry-run"]).expect()
      let report = try await scene.run("threads", ["u.json"]).expect()
      #expect(report.total.messages == .of(unchanged: 2))
      #expect(dry.total == report.total)
      #expect(try scene.value("SELECT count(*) FROM exai_messages WHERE own IS NOT NULL") == "2")
    }
  }

  @Test func `columns of other types and order take the same values`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        """
        CREATE DOMAIN title AS varchar(200);
        CREATE TABLE exai_messages (metadata json, created_at timestamp, content varchar NOT NULL,
          role varchar(20), session_id uuid, id uuid PRIMARY KEY, tokens_in bigint, tokens_out smallint,
          cost_usd double precision, latency_ms numeric);
        CREATE TABLE exai_sessions (title title, metadata json, continuation_id varchar UNIQUE,
          updated_at timestamp, created_at timestamp, user_id varchar NOT NULL, id uuid PRIMARY KEY)
        """)
      try scene.directory.write("t.json", Self.thread)
      try await scene.run("threads", ["t.json"]).expect()
      #expect(
        try scene.rows(
          """
          SELECT content, created_at, tokens_in, tokens_out, cost_usd, latency_ms FROM exai_messages
          WHERE role = 'assistant'
          """) == [["a", "2025-10-16 01:00:01", "3", "4", "0.0123456789", "12.5"]])
      #expect(
        try scene.rows("SELECT title, created_at, updated_at FROM exai_sessions")
          == [["q", "2025-10-16 01:00:00", "2025-10-16 01:00:01"]])
      try scene.directory.write("u.json", "[\(Self.thread)]")
      let report = try await scene.run("threads", ["u.json"]).expect()
      #expect(report.total.sessions == .of(unchanged: 1))
      #expect(report.total.messages == .of(unchanged: 2))
    }
  }
}
