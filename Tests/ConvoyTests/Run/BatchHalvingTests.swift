internal import Pipeline
internal import TestSupport
internal import Testing

/// Statements the server cancels because they take too much.
@Suite struct BatchHalvingTests {
  private static func cancelling(_ limit: Int) -> String {
    """
    CREATE FUNCTION limit_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM added) > \(limit) THEN
        RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER limit_rows AFTER INSERT ON exai_messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION limit_rows()
    """
  }

  @Test func `a batch the server cancels goes in halves, and each row counts once`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(300))
      try scene.execute(Self.cancelling(400))
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.total.sessions == .of(inserted: 300))
      #expect(report.total.messages == .of(inserted: 1500))
      #expect(report.batches.retries >= 3)
      #expect(
        try scene.rows("SELECT count(*), count(DISTINCT content) FROM exai_messages")
          == [["1500", "1500"]])
      let again = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(again.batches.alreadyCommitted == 1)
      #expect(again.total.messages == .of(unchanged: 1500))
    }
  }

  @Test func `a single session is halved by its messages, and rows the target refuses stay out`()
    async throws
  {
    try await RunScene.with { scene in
      let turns = (0..<64).map {
        #"{"role":"user","content":"m\#($0)","timestamp":"2025-10-16T01:02:\#($0 % 50 + 10)Z"}"#
      }
      let created = #""created_at":"2025-10-16T01:00:00Z""#
      try scene.directory.write(
        "t.jsonl", #"{"thread_id":"t",\#(created),"turns":[\#(turns.joined(separator: ","))]}"#)
      try scene.execute("ALTER TABLE exai_messages ADD CHECK (content <> 'm40')")
      try scene.execute(Self.cancelling(10))
      let report = try await scene.run("threads", ["t.jsonl"]).expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 63, rejected: 1))
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "63")
    }
  }

  @Test func `one row that is always cancelled ends the run`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(1))
      try scene.execute(Self.cancelling(0))
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(run.status == 1)
      #expect(run.errors.contains("(SQLSTATE 57014)"), "\(run.errors)")
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "0")
    }
  }
}
