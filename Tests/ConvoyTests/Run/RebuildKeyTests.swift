internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// The primary key of messages, off while batches bring new sessions only.
@Suite(.serialized) struct RebuildKeyTests {
  private static let rebuild = ["--set", "load.strategy=rebuild"] + ManyThreads.smallBatches

  private static let keys = """
    SELECT conname, pg_get_constraintdef(oid), pg_get_indexdef(conindid),
      obj_description(oid, 'pg_constraint'), obj_description(conindid, 'pg_class')
    FROM pg_constraint WHERE conrelid = 'exai_messages'::regclass AND contype = 'p'
    """

  /// What was taken off, in the order it was written down.
  private static let taken = "SELECT kind, name FROM convoy.definitions ORDER BY id"

  /// All rows of the two tables.
  private static let contents = """
    SELECT (SELECT string_agg(s::text, E'\\n' ORDER BY s.id) FROM exai_sessions s),
      (SELECT string_agg(m::text, E'\\n' ORDER BY m.id) FROM exai_messages m)
    """

  @Test func `the key is off for the load and back as it was`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        """
        ALTER TABLE exai_messages DROP CONSTRAINT exai_messages_pkey;
        ALTER TABLE exai_messages ADD CONSTRAINT "key ""of"" all" PRIMARY KEY (id)
          INCLUDE (role) WITH (fillfactor = 80);
        COMMENT ON CONSTRAINT "key ""of"" all" ON exai_messages IS 'it''s one';
        COMMENT ON INDEX "key ""of"" all" IS 'and its \\ index'
        """)
      let before = try scene.rows(Self.keys)
      try scene.directory.write("t.jsonl", ManyThreads.text(300))
      try await scene.withNobodyElse {
        let report = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
        #expect(report.strategy == "rebuild")
        #expect(report.total.messages == .of(inserted: 1500))
        #expect(report.batches.merged == 0)
      }
      #expect(try scene.rows(Self.keys) == before)
      #expect(
        try scene.rows(Self.taken) == [
          ["index", "idx_exai_messages_session_id_created_at"],
          ["key index", "key \"of\" all"], ["primary key", "key \"of\" all"],
        ])
      #expect(
        try scene.value("SELECT count(*) FROM convoy.definitions WHERE restored_at IS NULL") == "0")
    }
  }

  @Test(
    arguments: [
      ("a view", "CREATE VIEW v AS SELECT id, content FROM exai_messages GROUP BY id"),
      ("a publication", "CREATE PUBLICATION p FOR TABLE exai_messages"),
      ("a key of another table", "CREATE TABLE notes (of uuid REFERENCES exai_messages)"),
      (
        "no other guard",
        "ALTER TABLE exai_sessions DROP CONSTRAINT exai_sessions_continuation_id_key"
      ),
      (
        "a guard that waits",
        """
        ALTER TABLE exai_sessions DROP CONSTRAINT exai_sessions_continuation_id_key,
          ADD CONSTRAINT late UNIQUE (continuation_id) DEFERRABLE INITIALLY DEFERRED
        """
      ),
    ])
  func `the key stays where something rests on it`(name: String, sql: String) async throws {
    try await RunScene.with { scene in
      try scene.execute(sql)
      try scene.directory.write("t.jsonl", ManyThreads.text(100))
      try await scene.withNobodyElse {
        let report = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
        #expect(report.total.messages == .of(inserted: 500))
      }
      #expect(
        try scene.rows(Self.taken) == [["index", "idx_exai_messages_session_id_created_at"]],
        "\(name)")
    }
  }

  /// Threads that come again: the same, longer, and of another time, whose session has another id.
  private static let repeated: String = {
    let turns = (0..<7).map {
      #"{"role":"user","content":"s3 m\#($0)","timestamp":"2025-10-16T01:02:0\#($0)Z"}"#
    }.joined(separator: ",")
    return ManyThreads.text(400) + #"{"thread_id":"t3","turns":[\#(turns)]}"# + "\n"
      + #"{"thread_id":"t5","created_at":"2025-01-02T03:04:05Z","turns":[\#(turns)]}"# + "\n"
      + ManyThreads.text(60, prefix: "u") + ManyThreads.text(20)
  }()

  /// Rows that break a rule of the table between such that do not.
  private static let mixed: String = {
    ManyThreads.text(100)
      + #"{"thread_id":"bad","created_at":"2025-01-02T03:04:05Z","turns":[{"role":"user","content":"good"},"#
      + #"{"role":"user","content":"forbidden"}]}"# + "\n" + ManyThreads.text(100, prefix: "v")
  }()

  @Test(arguments: [true, false])
  func `what needs the key finds it, and rows and counts are those of a load online`(
    hasBadRows: Bool
  ) async throws {
    try await RunScene.with { scene in
      try await RunScene.withAnother { online in
        var reports: [WrittenReport] = []
        for (scene, options) in [
          (scene, Self.rebuild),
          (online, ["--set", "load.strategy=online"] + ManyThreads.smallBatches),
        ] {
          try scene.execute(
            "ALTER TABLE exai_messages ADD CHECK (content <> 'forbidden')")
          try scene.directory.write("t.jsonl", hasBadRows ? Self.mixed : Self.repeated)
          try await scene.withNobodyElse {
            // One after the other, so that the same batch comes second.
            let run = try await scene.run(
              "threads", ["t.jsonl"], options: options + ["--workers", "1"])
            #expect(run.status == (hasBadRows ? 3 : 0), "\(run.errors)")
            reports.append(try run.report)
          }
        }
        #expect(reports.map(\.strategy) == ["rebuild", "online"])
        #expect(reports[0].total == reports[1].total)
        #expect(try scene.rows(Self.taken).contains(["key index", "exai_messages_pkey"]))
        #expect(try scene.rows(Self.contents) == online.rows(Self.contents))
        #expect(try scene.rows(Self.keys) == online.rows(Self.keys))
      }
    }
  }

  @Test func `workers that need the key at the same time load every row once`() async throws {
    try await RunScene.with { scene in
      let names = (0..<4).map { "t\($0).jsonl" }
      for (number, name) in names.enumerated() {
        // Each thread is in two files.
        try scene.directory.write(name, ManyThreads.text(200, prefix: "p\(number / 2)-"))
      }
      try await scene.withNobodyElse {
        let report = try await scene.run(
          "threads", names, options: Self.rebuild + ["--workers", "4"]
        ).expect()
        #expect(report.total.messages.inserted == 2000)
        #expect(report.total.messages.read == 4000)
      }
      #expect(try scene.value("SELECT count(DISTINCT id) FROM exai_messages") == "2000")
      #expect(try scene.rows(Self.keys).count == 1)
    }
  }

  @Test func `killed with the key off, the next run puts it back before its first row`()
    async throws
  {
    try await RunScene.with { scene in
      let before = try scene.rows(Self.keys)
      try scene.directory.write("t.jsonl", ManyThreads.text(2000))
      // Holds batches once three are in, without a connection of the test's that would keep the key on.
      try scene.execute(
        """
        CREATE TABLE gate AS SELECT 1;
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          WHILE (SELECT count(*) FROM convoy.batches) > 3 AND EXISTS (SELECT FROM gate) LOOP
            PERFORM pg_sleep(0.005);
          END LOOP;
          RETURN NULL;
        END $$;
        CREATE TRIGGER hold AFTER INSERT ON exai_sessions FOR EACH STATEMENT EXECUTE FUNCTION hold()
        """)
      let held = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = '\(scene.database.name)' AND wait_event = 'PgSleep'
        """
      try await scene.withNobodyElse {
        let run = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild) { process in
          let watcher = try scene.database.connect(to: "postgres")
          while try watcher.query(held).first?.integer(0) == 0, try scene.isRunning(process) {
            try await Task.sleep(for: .milliseconds(5))
          }
          kill(process, SIGKILL)
        }
        #expect(run.status == 128 + SIGKILL)
      }
      try scene.execute("DELETE FROM gate")
      #expect(try scene.rows(Self.keys).isEmpty)
      let seen = try await scene.convoy(["doctor", "--target", scene.database.url])
      #expect(seen.output.contains("primary key exai_messages_pkey"), "\(seen.output)")
      let next = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
      #expect(next.total.sessions.read == 2000)
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "10000")
      #expect(try scene.rows(Self.keys) == before)
    }
  }

  private static let dropKey = "ALTER TABLE exai_messages DROP CONSTRAINT exai_messages_pkey;"

  @Test(
    arguments: [
      ("all of it is there", "SELECT 1"),
      ("none of it is", dropKey),
      (
        "the index is", dropKey + "CREATE UNIQUE INDEX exai_messages_pkey ON exai_messages (id)"
      ),
      (
        "a key made by hand is",
        dropKey + "ALTER TABLE exai_messages ADD CONSTRAINT exai_messages_pkey PRIMARY KEY (id)"
      ),
    ])
  func `a repair makes of the key what is missing`(name: String, sql: String) async throws {
    try await RunScene.with { scene in
      let before = try scene.rows(Self.keys)
      try scene.directory.write("t.jsonl", ManyThreads.text(100))
      try await scene.withNobodyElse {
        try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
      }
      // As a run leaves it that is killed at some moment of its restoration.
      try scene.execute("UPDATE convoy.definitions SET restored_at = NULL; \(sql)")
      let repair = try await scene.convoy(["doctor", "--repair", "--target", scene.database.url])
      #expect(repair.status == 0, "\(name): \(repair.errors)")
      #expect(repair.errors.contains("restored primary key exai_messages_pkey\n"))
      #expect(repair.output.contains("none dropped by a load"))
      #expect(try scene.rows(Self.keys) == before)
    }
  }
}
