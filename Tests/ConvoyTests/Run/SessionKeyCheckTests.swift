internal import Pipeline
internal import TestSupport
internal import Testing

/// Who checks that a message's session is there, and what of the target's own must not be passed by.
@Suite struct SessionKeyCheckTests {
  private static let replica = "(BEGIN; )?SET LOCAL session_replication_role = replica"

  @Test func `the batch checks its own sessions where nothing else hangs on an insert`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(300))
      let log = try StatementLog(scene)
      let report = try await scene.run("threads", ["t.jsonl"], options: ManyThreads.smallBatches)
        .expect()
      // Once to see whether the role may.
      #expect(try log.count(Self.replica) == report.batches.total + 1)
      #expect(
        try scene.rows(
          """
          SELECT count(*), count(s.id) FROM exai_messages m LEFT JOIN exai_sessions s ON s.id = m.session_id
          """) == [["1500", "1500"]])
      // The key itself is as it was.
      let state =
        "SELECT convalidated FROM pg_constraint WHERE conname = 'exai_messages_session_id_fkey'"
      #expect(try scene.value(state) == "t")
      try scene.execute("DELETE FROM exai_sessions")
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "0")
    }
  }

  @Test(arguments: [
    """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO noted VALUES (NEW.id); RETURN NEW;
    END $$;
    CREATE TRIGGER note AFTER INSERT ON exai_messages FOR EACH ROW EXECUTE FUNCTION note()
    """,
    """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO noted SELECT id FROM added; RETURN NULL;
    END $$;
    CREATE TRIGGER note AFTER INSERT ON exai_messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note()
    """,
  ])
  func `a trigger of the target's own fires for every message`(trigger: String) async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE noted (id uuid PRIMARY KEY); \(trigger)")
      try scene.directory.write("t.jsonl", ManyThreads.text(100))
      try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(try scene.value("SELECT count(*) FROM noted") == "500")
    }
  }

  @Test
  func `sessions a trigger renames are missed by the foreign key, and their messages rejected`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(
        """
        CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.continuation_id = 't7' THEN NEW.id := gen_random_uuid(); END IF; RETURN NEW;
        END $$;
        CREATE TRIGGER rename BEFORE INSERT ON exai_sessions FOR EACH ROW EXECUTE FUNCTION rename()
        """)
      try scene.directory.write("t.jsonl", ManyThreads.text(20))
      let report = try await scene.run("threads", ["t.jsonl"]).expect(3)
      #expect(report.total.messages == .of(inserted: 95, rejected: 5))
      #expect(
        try scene.value(
          "SELECT count(*) FROM exai_messages WHERE session_id NOT IN (SELECT id FROM exai_sessions)"
        )
          == "0")
    }
  }

  @Test func `a deferrable key of the target's own is still checked`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        "ALTER TABLE exai_messages ADD CONSTRAINT once UNIQUE (content) DEFERRABLE INITIALLY DEFERRED"
      )
      let text = ManyThreads.text(20).replacing("s3 m1", with: "s2 m1")
      try scene.directory.write("t.jsonl", text)
      let run = try await scene.run("threads", ["t.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.messages == .of(inserted: 99, rejected: 1))
      #expect(try run.rejects.map(\.constraint) == ["once"])
    }
  }
}
