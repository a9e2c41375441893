internal import Pipeline
internal import TestSupport
internal import Testing

/// What the ledger forgets, and that nothing depends on it.
@Suite struct LedgerPruneTests {
  private static let batches = """
    SELECT r.pipeline, r.outcome, count(b.key) FROM convoy.runs r
    LEFT JOIN convoy.batches b ON b.run_id = r.id GROUP BY r.id ORDER BY r.started_at
    """

  @Test func `batches of runs long finished go, their counts stay, and a re-run doubles nothing`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(400))
      try scene.directory.write("u.jsonl", ManyThreads.text(1, prefix: "u"))
      let small = ManyThreads.smallBatches
      try await scene.run("threads", ["t.jsonl"], options: small).expect()
      let sums = try scene.checksum()
      let kept = try scene.value("SELECT count(*) FROM convoy.batches")
      try scene.execute(
        """
        UPDATE convoy.runs SET started_at = now() - interval '92 days',
          finished_at = now() - interval '91 days'
        """)
      // Others that are as old: of another pipeline, not finished, stopped.
      for (key, values) in [
        ("o", "'other', 'done', now() - interval '91 days'"), ("n", "'pipeline', NULL, NULL"),
        ("f", "'pipeline', 'failed', now() - interval '91 days'"),
        ("y", "'pipeline', 'done', now() - interval '89 days'"),
      ] {
        try scene.execute(
          """
          WITH r AS (INSERT INTO convoy.runs (pipeline, outcome, finished_at, version, started_at)
            VALUES (\(values), '0', now() - interval '91 days' + interval '\(key == "o" ? 1 : key == "n" ? 2 : key == "f" ? 3 : 4) s')
            RETURNING id)
          INSERT INTO convoy.batches (key, run_id, sessions, messages) SELECT '\(key)', id, 0, 0 FROM r
          """)
      }
      try await scene.run("threads", ["u.jsonl"], options: small).expect()
      #expect(
        try scene.rows(Self.batches) == [
          ["pipeline", "done", "0"], ["other", "done", "1"], ["pipeline", nil, "1"],
          ["pipeline", "failed", "1"], ["pipeline", "done", "1"], ["pipeline", "done", "1"],
        ])
      #expect(
        try scene.value(
          "SELECT counts #>> '{messages,inserted}' FROM convoy.runs ORDER BY started_at LIMIT 1")
          == "2000")
      try scene.execute("DELETE FROM exai_sessions WHERE continuation_id LIKE 'u%'")
      let again = try await scene.run("threads", ["t.jsonl"], options: small).expect()
      #expect(again.total.messages == .of(unchanged: 2000))
      #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == sums)
      #expect(kept == "\(again.batches.committed)")
    }
  }

  @Test func `a run itself is forgotten after ten times as long and a year`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      for age in ["901 days", "899 days"] {
        try await scene.run("threads", ["t.jsonl"]).expect()
        try scene.execute(
          """
          UPDATE convoy.runs SET finished_at = now() - interval '\(age)'
          WHERE finished_at > now() - interval '1 day'
          """)
      }
      try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(try scene.value("SELECT count(*) FROM convoy.runs") == "2")
      let short = ["--set", "ledger.keep=1h"]
      try await scene.run("threads", ["t.jsonl"], options: short).expect()
      #expect(try scene.value("SELECT count(*) FROM convoy.runs") == "2")
    }
  }

  @Test func `with 0 no batch of a finished run is remembered`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      let none = ["--set", "ledger.keep=0"]
      for outcome in [Counts.of(inserted: 15), .of(unchanged: 15)] {
        let report = try await scene.run("threads", ["t.jsonl"], options: none).expect()
        #expect(report.total.messages == outcome)
        #expect(report.batches.alreadyCommitted == 0)
        #expect(try scene.value("SELECT count(*) FROM convoy.batches") == "0")
      }
    }
  }
}
