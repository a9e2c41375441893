internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Loads through PgBouncer end as direct ones do, and leave the pool as it was.
@Suite struct PoolerTests {
  /// More workers than the pool has connections.
  private static let options =
    ManyThreads.smallBatches + ["--workers", "\(TestPooler.poolSize * 2)"]

  /// A scene, and the options that send its runs through a pooler.
  private static func withPooler(
    _ mode: TestPooler.Mode,
    _ body: (RunScene, _ url: String, _ options: [String]) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      let url = try await TestPooler.shared(mode).url(scene.database)
      try await body(scene, url, options + ["--target", url])
      #expect(try PooledBackends(database: scene.database, url: url).leftovers() == [])
    }
  }

  @Test func `what a session leaves behind in a pool is noticed`() async throws {
    try await RunScene.with { scene in
      let url = try await TestPooler.shared(.transaction).url(scene.database)
      let backends = PooledBackends(database: scene.database, url: url)
      let client = try PostgresConnection(ConnectionTarget(url))
      try client.execute(
        """
        SET statement_timeout = '77s'; CREATE TEMPORARY TABLE left_here ();
        DO $$ BEGIN PERFORM pg_advisory_lock(42); END $$;
        PREPARE left_too AS SELECT 1
        """)
      let found = try backends.leftovers()
      #expect(
        found.map { $0.drop { $0 != " " } } == [
          " setting statement_timeout = 77000", " temporary left_here", " advisory lock 42",
          " prepared statement left_too",
        ])
    }
  }

  @Test(arguments: TestPooler.Mode.allCases)
  func `loads, re-runs, merges, rejects and dry runs end in the rows and counts of direct ones`(
    mode: TestPooler.Mode
  ) async throws {
    try await RunScene.with { direct in
      let loads = try await Self.manyLoads(direct, options: Self.options)
      let rows = try direct.checksum()
      try await RunScene.withAnother { scene in
        let url = try await TestPooler.shared(mode).url(scene.database)
        let pooled = try await Self.manyLoads(scene, options: Self.options + ["--target", url])
        #expect(pooled.map(\.total) == loads.map(\.total))
        #expect(pooled.map(\.found) == loads.map(\.found))
        #expect(try scene.checksum() == rows)
        #expect(try PooledBackends(database: scene.database, url: url).leftovers() == [])
      }
    }
  }

  /// Reports of loads that go all the ways a batch can; the same in every scene.
  private static func manyLoads(_ scene: RunScene, options: [String]) async throws
    -> [WrittenReport]
  {
    try scene.execute("ALTER TABLE exai_messages ADD CHECK (content NOT LIKE '%7 m4')")
    let first = ManyThreads.text(600).replacing("7 m4", with: "seven m4")
    let lines = first.split(separator: "\n").prefix(400).joined(separator: "\n")
    try scene.directory.write("new.jsonl", lines)
    // The sessions of the first batches are there, and have further messages.
    try scene.directory.write("grown.jsonl", first.replacing("T01:", with: "T02:"))
    try scene.directory.write("refused.jsonl", ManyThreads.text(200, prefix: "r"))
    var reports: [WrittenReport] = []
    for (input, extra, status) in [
      ("new", ["--dry-run"], Int32(0)), ("new", [], 0), ("new", [], 0), ("grown", [], 0),
      ("refused", [], 3), ("new", ["--restart"], 0),
    ] {
      let run = try await scene.run("threads", ["\(input).jsonl"], options: options + extra)
      reports.append(try run.expect(status))
    }
    return reports
  }

  @Test(arguments: TestPooler.Mode.allCases)
  func `kill -9 again and again, each time followed by a run, loses and doubles nothing`(
    mode: TestPooler.Mode
  ) async throws {
    try await Self.withPooler(mode) { scene, _, options in
      try scene.directory.write("t.jsonl", ManyThreads.text(800))
      var killed = 0
      while killed < 5 {
        let hold = try BatchHold(after: 3, in: scene)
        let run = try await scene.run("threads", ["t.jsonl"], options: options) { process in
          try await hold.reached(by: process)
          kill(process, SIGKILL)
        }
        try hold.release()
        if run.status == 128 + SIGKILL {
          killed += 1
        } else if run.status != 75 {
          // It came to its end first.
          try run.expect()
          try scene.execute("TRUNCATE exai_sessions CASCADE; TRUNCATE convoy.batches")
        }
      }
      var run = try await scene.run("threads", ["t.jsonl"], options: options)
      while run.status == 75 {
        // The lock goes when the pooler has seen that its client is gone.
        run = try await scene.run("threads", ["t.jsonl"], options: options)
      }
      let report = try run.expect()
      #expect(report.total.sessions.read == 800)
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "800")
      #expect(
        try scene.rows("SELECT count(*), count(DISTINCT content) FROM exai_messages")
          == [["4000", "4000"]])
    }
  }

  @Test(arguments: TestPooler.Mode.allCases)
  func `a second run ends at once with 75 and says who holds the lock`(mode: TestPooler.Mode)
    async throws
  {
    try await Self.withPooler(mode) { scene, url, options in
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      try scene.execute(
        """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_advisory_xact_lock(7); RETURN NULL;
        END $$;
        CREATE TRIGGER wait AFTER INSERT ON exai_sessions FOR EACH STATEMENT EXECUTE FUNCTION wait()
        """)
      let holder = try scene.database.connect()
      try holder.execute("BEGIN; SELECT pg_advisory_xact_lock(7)")
      // In session mode a run keeps three connections, which is all there are: lock, run and worker.
      let second = mode == .transaction ? url : scene.database.url
      let first = try await scene.run(
        "threads", ["t.jsonl"], options: options + ["--workers", "1"]
      ) { _ in
        let waiting = """
          SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          """
        while try scene.value(waiting) == "0" {}
        let run = try await scene.convoy(
          ["run", "pipeline.yaml", "--input", "t.jsonl", "--target", second, "--report", "second"])
        #expect(run.status == 75)
        #expect(
          run.errors.contains(
            "another run of pipeline holds this target: from this machine since "),
          "\(run.errors)")
        try holder.execute("ROLLBACK")
      }
      try first.expect()
    }
  }

  @Test(arguments: TestPooler.Mode.allCases)
  func `an error no row is to blame for ends the run, and the next goes on with the batch`(
    mode: TestPooler.Mode
  ) async throws {
    try await Self.withPooler(mode) { scene, _, options in
      try scene.directory.write("t.jsonl", ManyThreads.text(400))
      // At COMMIT, when everything has been sent and taken.
      try scene.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'not today' USING ERRCODE = '58030';
        END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON exai_messages DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.content = 's300 m2') EXECUTE FUNCTION refuse()
        """)
      let refused = try await scene.run("threads", ["t.jsonl"], options: options)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("not today (SQLSTATE 58030)"), "\(refused.errors)")
      let loaded = try scene.value("SELECT count(*) FROM exai_sessions")
      #expect(try loaded == "\(refused.report.total.sessions.inserted)")
      try scene.execute("DROP TRIGGER refuse ON exai_messages")
      try await scene.run("threads", ["t.jsonl"], options: options).expect()
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "2000")
    }
  }

  @Test(arguments: TestPooler.Mode.allCases)
  func `SIGINT cancels a batch that hangs and leaves no transaction open`(mode: TestPooler.Mode)
    async throws
  {
    try await Self.withPooler(mode) { scene, _, options in
      try scene.directory.write("t.jsonl", ManyThreads.text(400))
      let hold = try BatchHold(after: 2, in: scene)
      let run = try await scene.run("threads", ["t.jsonl"], options: options) { process in
        try await hold.reached(by: process)
        kill(process, SIGINT)
      }
      #expect(run.status == 130, "\(run.errors)")
      #expect(
        try scene.value("SELECT count(*) FROM exai_sessions")
          == "\(run.report.total.sessions.inserted)")
      try hold.release()
      try await scene.run("threads", ["t.jsonl"], options: options).expect()
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "400")
    }
  }

  @Test func `backends that the server ends under the pooler cost no row`() async throws {
    try await Self.withPooler(.transaction) { scene, _, options in
      try scene.directory.write("t.jsonl", ManyThreads.text(800))
      let hold = try BatchHold(after: 2, in: scene)
      var ended = 0
      let run = try await scene.run("threads", ["t.jsonl"], options: options) { process in
        try await hold.reached(by: process)
        while ended < 4, try scene.isRunning(process) {
          ended +=
            try scene.rows(
              """
              SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name LIKE 'convoy worker%'
                AND wait_event = 'PgSleep' ORDER BY random() LIMIT 1
              """
            ).count
          try await Task.sleep(for: .milliseconds(Int.random(in: 1...100)))
        }
        try hold.release()
      }
      #expect(ended == 4)
      let report = try run.expect()
      #expect(report.total.messages == .of(inserted: 4000))
      #expect(
        try scene.rows("SELECT count(*), count(DISTINCT content) FROM exai_messages")
          == [["4000", "4000"]])
    }
  }

  @Test func `the schema is applied and a conversation shown through it`() async throws {
    try await RunScene.with(.empty) { scene in
      let url = try await TestPooler.shared(.transaction).url(scene.database)
      let target = ["--target", url]
      for expected in ["apply add_files_table", "nothing to apply"] {
        let applied = try await scene.convoy(["schema", "apply", "--baseline"] + target)
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(applied.output.contains(expected), "\(applied.output)")
      }
      #expect(try await scene.convoy(["schema", "status"] + target).status == 0)
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      try await scene.run("threads", ["t.jsonl"], options: target).expect()
      let shown = try await scene.convoy(["show", "t1"] + target)
      #expect(shown.output.contains("s1 m4"), "\(shown.errors)")
      #expect(try PooledBackends(database: scene.database, url: url).leftovers() == [])
    }
  }
}
