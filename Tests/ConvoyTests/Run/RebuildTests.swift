internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Indexes and the foreign key, off for a load and back as they were.
@Suite(.serialized) struct RebuildTests {
  private static let rebuild = ["--set", "load.strategy=rebuild"] + ManyThreads.smallBatches

  /// Everything that could differ of the two tables' indexes and constraints.
  private static let definitions = """
    SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid),
      indisvalid::text, obj_description(indexrelid, 'pg_class')
    FROM pg_index WHERE indrelid IN ('exai_sessions'::regclass, 'exai_messages'::regclass)
    UNION ALL
    SELECT 'constraint', conname, pg_get_constraintdef(oid), convalidated::text,
      obj_description(oid, 'pg_constraint')
    FROM pg_constraint WHERE conrelid IN ('exai_sessions'::regclass, 'exai_messages'::regclass)
    ORDER BY 1, 2
    """

  private static let further = """
    CREATE INDEX "of ""days" ON exai_messages USING btree (created_at DESC NULLS LAST, session_id)
      INCLUDE (tokens_in) WITH (fillfactor = 70);
    COMMENT ON INDEX "of ""days" IS 'it''s \\ here';
    COMMENT ON CONSTRAINT exai_messages_session_id_fkey ON exai_messages IS 'parents first';
    CREATE INDEX by_text ON exai_messages (content);
    CREATE INDEX of_some ON exai_messages (tokens_in) WHERE tokens_in > 0;
    CREATE INDEX of_days ON exai_messages ((created_at AT TIME ZONE 'UTC'));
    CREATE INDEX hashed ON exai_messages USING hash (session_id);
    CREATE INDEX clustered ON exai_messages (created_at);
    CREATE INDEX of_users ON exai_sessions (created_at);
    ALTER TABLE exai_messages CLUSTER ON clustered
    """

  private static let dropped = """
    SELECT name FROM convoy.definitions WHERE restored_at IS NULL ORDER BY kind DESC, name
    """

  /// The foreign key stays where the batches mind it, which another trigger keeps them from.
  @Test(arguments: [false, true])
  func `what is dropped comes back with name, options, comment and all`(
    hasTrigger: Bool
  ) async throws {
    try await RunScene.with { scene in
      try scene.execute(Self.further)
      if hasTrigger {
        try scene.execute(
          "CREATE TRIGGER same BEFORE UPDATE ON exai_sessions FOR EACH ROW "
            + "EXECUTE FUNCTION suppress_redundant_updates_trigger()")
      }
      let before = try scene.rows(Self.definitions)
      // With somebody else about, the primary key stays.
      let other = try scene.database.connect()
      try scene.directory.write("t.jsonl", ManyThreads.text(300))
      let report = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
      #expect(report.strategy == "rebuild")
      #expect(report.total.messages == .of(inserted: 1500))
      #expect(try scene.rows(Self.definitions) == before)
      #expect(
        try scene.rows("SELECT kind, name FROM convoy.definitions ORDER BY id") == [
          ["index", "idx_exai_messages_session_id_created_at"], ["index", "of \"days"],
          ["index", "of_users"],
        ] + (hasTrigger ? [["foreign key", "exai_messages_session_id_fkey"]] : []))
      #expect(try scene.rows(Self.dropped).isEmpty)
      let again = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild).expect()
      #expect(again.total.messages == .of(unchanged: 1500))
      #expect(try scene.rows(Self.definitions) == before)
      _ = consume other
    }
  }

  @Test func `killed in the middle, the next run or a repair brings every definition back`()
    async throws
  {
    for isRepaired in [false, true] {
      try await RunScene.with { scene in
        try scene.execute(Self.further)
        let before = try scene.rows(Self.definitions)
        try scene.directory.write("t.jsonl", ManyThreads.text(2000))
        let hold = try BatchHold(after: 3, in: scene)
        let run = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild) { process in
          try await hold.reached(by: process)
          kill(process, SIGKILL)
        }
        #expect(run.status == 128 + SIGKILL)
        try hold.release()
        #expect(try scene.rows(Self.dropped).count == 4)
        #expect(try scene.rows(Self.definitions) != before)
        let seen = try await scene.convoy(["doctor", "--target", scene.database.url])
        #expect(seen.output.contains("index idx_exai_messages_session_id_created_at, "))
        if isRepaired {
          let repair = try await scene.convoy(
            ["doctor", "--repair", "--target", scene.database.url])
          #expect(repair.status == 0, "\(repair.errors)")
          #expect(repair.errors.contains("restored foreign key exai_messages_session_id_fkey\n"))
          #expect(repair.output.contains("none dropped by a load"))
          #expect(try scene.rows(Self.definitions) == before)
        }
        let next = try await scene.run("threads", ["t.jsonl"], options: ManyThreads.smallBatches)
          .expect()
        #expect(next.total.sessions.read == 2000)
        #expect(try scene.value("SELECT count(*) FROM exai_messages") == "10000")
        #expect(try scene.rows(Self.definitions) == before)
        #expect(try scene.rows(Self.dropped).isEmpty)
      }
    }
  }

  @Test func `killed while it makes the indexes again, they still come back`() async throws {
    try await RunScene.with { scene in
      let before = try scene.rows(Self.definitions)
      try scene.directory.write("t.jsonl", ManyThreads.text(200))
      // Whoever wants to make an index waits behind this lock; rows get in beside it.
      let holder = try scene.database.connect()
      let hold = try BatchHold(after: 1, in: scene)
      let run = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild) { process in
        try await hold.reached(by: process)
        try holder.execute("BEGIN; LOCK TABLE exai_messages IN ROW EXCLUSIVE MODE")
        try hold.release()
        while try scene.value(
          "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'convoy restore _' "
            + "AND datname = current_database() AND wait_event_type = 'Lock'") == "0",
          try scene.isRunning(process)
        {
          try await Task.sleep(for: .milliseconds(2))
        }
        kill(process, SIGKILL)
      }
      #expect(run.status == 128 + SIGKILL)
      try holder.execute("ROLLBACK")
      let next = try await scene.run("threads", ["t.jsonl"], options: ManyThreads.smallBatches)
        .expect()
      #expect(next.total.sessions == .of(unchanged: 200))
      #expect(try scene.rows(Self.definitions) == before)
    }
  }

  @Test func `an interrupted load says that definitions are off, and the next run restores them`()
    async throws
  {
    try await RunScene.with { scene in
      let before = try scene.rows(Self.definitions)
      try scene.directory.write("t.jsonl", ManyThreads.text(2000))
      let hold = try BatchHold(after: 2, in: scene)
      let run = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild) { process in
        try await hold.reached(by: process)
        kill(process, SIGINT)
      }
      #expect(run.status == 130)
      try hold.release()
      #expect(try scene.rows(Self.dropped).count == 2)
      #expect(run.errors.contains("convoy doctor --repair"), "\(run.errors)")
      // With online nothing stays off while rows come in.
      let next = try await scene.run(
        "threads", ["t.jsonl"],
        options: ["--set", "load.strategy=online"] + ManyThreads.smallBatches
      ).expect()
      #expect(next.strategy == "online")
      #expect(try scene.rows(Self.definitions) == before)
    }
  }

  @Test func `auto rebuilds for a large input into empty tables nobody else uses`() async throws {
    try await RunScene.with { scene in
      let before = try scene.rows(Self.definitions)
      let long = String(repeating: "words and ", count: 2000)
      let text = (0..<1000).map {
        #"{"thread_id":"t\#($0)","turns":[{"role":"user","content":"\#(long)\#($0)"}]}"# + "\n"
      }.joined()
      try scene.directory.write("large.jsonl", text)
      try scene.directory.write("small.jsonl", ManyThreads.text(3, prefix: "s"))
      let other = try scene.database.connect()
      let beside = try await scene.run("threads", ["large.jsonl"]).expect()
      #expect(beside.strategy == "online")
      try other.execute("TRUNCATE exai_sessions CASCADE")
      _ = consume other
      try await scene.withNobodyElse {
        let small = try await scene.run("threads", ["small.jsonl"]).expect()
        #expect(small.strategy == "online")
        let filled = try await scene.run("threads", ["large.jsonl"], options: ["--restart"])
          .expect()
        #expect(filled.strategy == "online")
      }
      try scene.execute("TRUNCATE exai_sessions CASCADE")
      try await scene.withNobodyElse {
        let alone = try await scene.run("threads", ["large.jsonl"], options: ["--restart"]).expect()
        #expect(alone.strategy == "rebuild")
      }
      #expect(try scene.rows(Self.definitions) == before)
    }
  }

  @Test func `a role that does not own the tables is told so, or loads online`() async throws {
    try await RunScene.with { scene in
      let role = "guest_\(scene.database.name)"
      try scene.execute(
        """
        CREATE ROLE \(role) LOGIN BYPASSRLS; GRANT CREATE ON DATABASE \(scene.database.name) TO \(role);
        GRANT ALL ON exai_sessions, exai_messages TO \(role)
        """)
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      let refused = try await scene.run(
        "threads", ["t.jsonl"], options: ["--target", url] + Self.rebuild)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("load.strategy rebuild: this role does not own "))
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "0")
      let online = try await scene.run("threads", ["t.jsonl"], options: ["--target", url]).expect()
      #expect(online.strategy == "online")
      try scene.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test func `a run leaves alone what another that is under way has taken off`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(2000))
      try scene.directory.write("u.jsonl", ManyThreads.text(3, prefix: "u"))
      try scene.directory.write("other.yaml", "source: {format: threads}\n")
      let hold = try BatchHold(after: 2, in: scene)
      let run = try await scene.run("threads", ["t.jsonl"], options: Self.rebuild) { process in
        try await hold.reached(by: process)
        kill(process, SIGSTOP)
        try hold.release()
        let other = try await scene.convoy([
          "run", "other.yaml", "--input", "u.jsonl", "--target", scene.database.url, "--report",
          "o",
        ])
        #expect(other.status == 0, "\(other.errors)")
        #expect(try scene.rows(Self.dropped).count == 2)
        kill(process, SIGCONT)
      }
      try run.expect()
      #expect(try scene.rows(Self.dropped).isEmpty)
    }
  }
}

extension RunScene {
  /// Lends the database while no connection of the tests is left in it.
  func withNobodyElse(_ body: () async throws -> Void) async throws {
    let others = """
      SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)'
      """
    let watcher = try database.connect(to: "postgres")
    while try watcher.query(others).first?.integer(0) != 0 {
      try await Task.sleep(for: .milliseconds(5))
    }
    try await body()
  }
}
