internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Rows the target refuses, among many it takes.
@Suite struct RowIsolationTests {
  @Test(arguments: Fault.all, [1, 2, 500])
  func `every good row lands and every bad one is a reject, in few statements`(
    fault: Fault, count: Int
  ) async throws {
    try await Self.check([fault], count: count)
  }

  @Test func `faults of many kinds in one batch are told apart`() async throws {
    let names = ["CHECK of a message", "CHECK of a session", "foreign key", "trigger", "varchar"]
    try await Self.check(Fault.all.filter { names.contains($0.name) }, count: 100)
  }

  @Test func `a trigger that fills what a column must have is asked on every way into the table`()
    async throws
  {
    try await RunScene.with { scene in
      let thread = """
        {"thread_id":"t","turns":[{"role":"user","content":"a"},{"role":"user","content":"none"},\
        {"role":"user","content":"b","model_name":"own"}]}
        """
      try scene.directory.write("t.jsonl", thread)
      try scene.execute(
        """
        ALTER TABLE exai_messages ALTER model_used SET NOT NULL, ADD CHECK (model_used <> 'bad'),
          ADD tenant text NOT NULL, ADD CHECK (tenant = 'here');
        CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.content <> 'none' THEN NEW.model_used := coalesce(NEW.model_used, 'filled'); END IF;
          NEW.tenant := 'here';
          RETURN NEW;
        END $$;
        CREATE TRIGGER fill BEFORE INSERT ON exai_messages FOR EACH ROW EXECUTE FUNCTION fill()
        """)
      let stored = "SELECT content, model_used, tenant FROM exai_messages ORDER BY content"
      let expected = [["a", "filled", "here"], ["b", "own", "here"]]
      let first = try await scene.run("threads", ["t.jsonl"])
      #expect(try first.expect(3).total.messages == .of(inserted: 2, rejected: 1))
      #expect(try first.rejects.map(\.sqlstate) == ["23502"])
      #expect(try first.rejects.map(\.column) == ["model_used"])
      #expect(try scene.rows(stored) == expected)
      try scene.execute("DELETE FROM exai_messages WHERE content = 'a'")
      let merging = try await scene.run("threads", ["t.jsonl"], options: ["--restart"])
      #expect(
        try merging.expect(3).total.messages == .of(inserted: 1, unchanged: 1, rejected: 1))
      #expect(try scene.rows(stored) == expected)
      let dry = try await scene.run("threads", ["t.jsonl"], options: ["--dry-run"]).expect(3)
      #expect(dry.total.messages == .of(unchanged: 2, rejected: 1))
    }
  }

  private static func check(_ faults: [Fault], count: Int) async throws {
    let threads = FaultyThreads(faults, count: count)
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", threads.text)
      for fault in faults { try scene.execute(fault.definition) }
      let log = try StatementLog(scene)
      let before = try log.count()
      let load = try await scene.run("threads", ["t.jsonl"], options: FaultyThreads.oneBatch)
      let statements = try log.count() - before
      try log.stop()
      let report = try load.expect(3)
      #expect(report.batches.total == 1)
      try expect(load, threads)
      let rejected = threads.bad.values.count { $0.part == .message } + threads.dependents.count
      #expect(
        report.total.sessions
          == .of(
            inserted: threads.goodSessions,
            rejected: threads.bad.values.count { $0.part == .session }))
      #expect(report.total.messages == .of(inserted: threads.goodMessages, rejected: rejected))
      #expect(
        try scene.rows(
          """
          SELECT (SELECT count(*) FROM exai_sessions), count(*),
            count(*) FILTER (WHERE content !~ '^s[0-9]') FROM exai_messages
          """) == [["\(threads.goodSessions)", "\(threads.goodMessages)", "0"]])
      let isolated = Double(threads.bad.count)
      let bound = 12 * isolated * (log2(Double(FaultyThreads.rows) / isolated) + 4) + 60
      #expect(Double(statements) <= bound, "\(statements) statements")

      guard count > 2 else { return }
      let sums = try scene.checksum()
      let again = try await scene.run("threads", ["t.jsonl"], options: FaultyThreads.oneBatch)
      let second = try again.expect(3)
      try expect(again, threads)
      #expect(second.total.sessions.inserted + second.total.messages.inserted == 0)
      #expect(second.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == sums)
    }
  }

  /// Each bad row once, with what the server said and the bytes it was made of.
  private static func expect(_ run: RunOutcome, _ threads: FaultyThreads) throws {
    let rejects = try run.rejects
    let sources = rejects.map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(sources.count == Set(sources).count)
    #expect(Set(sources) == Set(threads.bad.keys).union(threads.dependents))
    for (reject, source) in zip(rejects, sources) {
      guard let fault = threads.bad[source] else {
        #expect(reject.rule == "session.rejected")
        #expect(reject.sqlstate == nil)
        continue
      }
      #expect(reject.rule == "row.refused")
      #expect(reject.stage == "load")
      #expect(reject.kind == (fault.part == .session ? "session" : "message"))
      #expect(reject.sqlstate == fault.sqlState, "\(reject.message)")
      #expect(reject.constraint == fault.constraint, "\(reject.message)")
      #expect(reject.column == fault.column, "\(reject.message)")
      #expect(reject.byteLength == reject.bytes.count)
    }
  }
}
