internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Failures that pass, and such as never do.
@Suite struct RetryTests {
  private static let sessions = 500
  private static let whole: [[String?]] = [["\(sessions)", "\(sessions * 5)", "\(sessions * 5)"]]
  private static let loaded = """
    SELECT (SELECT count(*) FROM exai_sessions), count(*), count(DISTINCT content) FROM exai_messages
    """

  /// Expects every row of the input in the target once, and counted as inserted.
  private static func expectWhole(_ run: RunOutcome, in scene: RunScene) throws {
    let report = try run.expect()
    #expect(report.total.sessions == .of(inserted: sessions))
    #expect(report.total.messages == .of(inserted: sessions * 5))
    #expect(try scene.rows(loaded) == whole)
    #expect(
      try scene.value("SELECT count(*) FROM convoy.batches") == "\(report.batches.committed)")
  }

  @Test func `a load whose backends are ended again and again ends whole`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(Self.sessions))
      let slow = """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_sleep(0.05); RETURN NULL;
        END $$;
        CREATE TRIGGER wait AFTER INSERT ON exai_messages FOR EACH STATEMENT EXECUTE FUNCTION wait()
        """
      try scene.execute(slow)
      let hold = try BatchHold(after: 2, in: scene)
      var ended = 0
      let run = try await scene.run(
        "threads", ["t.jsonl"], options: ManyThreads.smallBatches + ["--workers", "2"]
      ) { process in
        let connection = try scene.database.connect()
        func end(_ count: Int, _ condition: String) async throws {
          while ended < count, try scene.isRunning(process) {
            ended +=
              try connection.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'convoy worker%'
                  AND \(condition) ORDER BY random() LIMIT 1
                """
              ).rows.count
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...250)))
          }
        }
        try await hold.reached(by: process)
        try await end(3, "wait_event = 'PgSleep'")
        try hold.release()
        // How many more depends on the machine: a load may be through before the dozen.
        try await end(12, "true")
      }
      #expect(ended >= 3)
      #expect(try run.report.batches.retries > 0)
      try Self.expectWhole(run, in: scene)
    }
  }

  @Test func `workers wait for connections that others have taken`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(Self.sessions))
      let role = "few_\(scene.database.name)"
      // Enough for the lock and the run itself, and none for a worker until the limit is raised.
      try scene.execute("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 2")
      try scene.execute("ALTER DATABASE \(scene.database.name) OWNER TO \(role)")
      try scene.execute(
        """
        ALTER TABLE exai_sessions OWNER TO \(role); ALTER TABLE exai_messages OWNER TO \(role)
        """)
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      let run = try await scene.run("threads", ["t.jsonl"], options: ["--target", url]) { process in
        while try scene.value("SELECT count(*) FROM pg_stat_activity WHERE usename = '\(role)'")
          != "2",
          try scene.isRunning(process)
        {}
        try await Task.sleep(for: .milliseconds(300))
        try scene.execute("ALTER ROLE \(role) CONNECTION LIMIT 9")
      }
      try Self.expectWhole(run, in: scene)
      try scene.execute("REASSIGN OWNED BY \(role) TO postgres; DROP ROLE \(role)")
    }
  }

  /// What a load meets beside broken connections.
  enum Meeting: CaseIterable { case nothing, refusedRows, batchesOfEmptiedTables }

  @Test(arguments: Meeting.allCases)
  func `connections cut around the COMMIT change no row and no count`(meeting: Meeting) async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(Self.sessions))
      let small = ["--set", "load.batchRows=50"]
      if meeting == .batchesOfEmptiedTables {
        try await scene.run("threads", ["t.jsonl"], options: small).expect()
        try scene.execute("TRUNCATE exai_sessions CASCADE")
      }
      if meeting == .refusedRows {
        try scene.execute("ALTER TABLE exai_messages ADD CHECK (content NOT LIKE '%0 m4')")
      }
      let cuts: [CuttingProxy.Cut] = [.afterCommit, .beforeCommit, .duringCommit]
      let proxy = try CuttingProxy(
        server: (scene.value("SHOW unix_socket_directories") ?? "").replacing("\"", with: ""),
        directory: scene.directory.path
      ) { $0 % 4 == 0 ? nil : cuts[$0 % 4 - 1] }
      defer { proxy.close() }
      let url =
        "postgresql://postgres@/\(scene.database.name)?host=\(scene.directory.path)&port=5432"
      let run = try await scene.run(
        "threads", ["t.jsonl"], options: small + ["--target", url])
      // More than a hundred over the three meetings.
      #expect(proxy.cuts.count >= 34)
      for cut in cuts { #expect(proxy.cuts.count { $0 == cut } >= 10) }
      guard meeting == .refusedRows else {
        try Self.expectWhole(run, in: scene)
        return
      }
      let rejected = Self.sessions / 10
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: Self.sessions))
      #expect(
        report.total.messages
          == .of(inserted: Self.sessions * 5 - rejected, rejected: rejected))
      #expect(
        try scene.value("SELECT count(*) FROM exai_messages") == "\(Self.sessions * 5 - rejected)")
    }
  }

  @Test func `a lock held longer than the load waits for is waited for again`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(Self.sessions))
      let holder = try scene.database.connect()
      try holder.execute("BEGIN; LOCK TABLE exai_messages IN SHARE MODE")
      let run = try await scene.run("threads", ["t.jsonl"]) { _ in
        try await scene.waitForWorkers("wait_event_type = 'Lock'")
        // Longer than a transaction's lock_timeout.
        try await Task.sleep(for: .seconds(11))
        try holder.execute("ROLLBACK")
      }
      try Self.expectWhole(run, in: scene)
    }
  }

  @Test func `a role that may not write is told so at once`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      try scene.directory.write("u.jsonl", ManyThreads.text(2, prefix: "u"))
      try await scene.run("threads", ["t.jsonl"]).expect()
      let role = "reader_\(scene.database.name)"
      try scene.execute(
        """
        CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA convoy TO \(role);
        GRANT ALL ON ALL TABLES IN SCHEMA convoy TO \(role);
        GRANT SELECT ON exai_sessions, exai_messages TO \(role);
        -- One column is enough for the checks before the load, and not for COPY.
        GRANT INSERT (id), UPDATE (id) ON exai_sessions, exai_messages TO \(role);
        ALTER TABLE exai_sessions DISABLE ROW LEVEL SECURITY;
        ALTER TABLE exai_messages DISABLE ROW LEVEL SECURITY
        """)
      let log = try StatementLog(scene)
      let url = scene.database.url.replacing("//postgres@", with: "//\(role)@")
      let run = try await scene.run("threads", ["u.jsonl"], options: ["--target", url])
      #expect(run.status == 1)
      #expect(run.errors.contains("permission denied for table exai_sessions (SQLSTATE 42501)"))
      #expect(try log.count("COPY public.") == 1)
      try scene.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test func `a password the server refuses is not tried again`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      let asked = try PasswordRole(scene)
      let role = asked.name
      let url = asked.url(scene, password: TestPassword.wrongInURL)
      let run = try await scene.run("threads", ["t.jsonl"], options: ["--target", url])
      #expect(run.status == 69)
      #expect(run.errors.contains("password authentication failed for user \"\(role)\""))
      let refusals = """
        SELECT count(*) FROM regexp_matches(
          pg_read_file(current_setting('data_directory') || '/../server.log'),
          'FATAL:  password authentication failed for user "\(role)"', 'g')
        """
      #expect(try scene.value(refusals) == "1")
      let log = try scene.value("SELECT current_setting('data_directory') || '/../server.log'")
      try TestPassword.expectAbsent(fromFile: try #require(log))
      try scene.execute("DROP ROLE \(role)")
    }
  }

  @Test func `a server that begins only to read is told of, not tried again`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      // As a disk that gets full during a load makes it.
      try scene.execute(
        """
        CREATE FUNCTION only_reads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'cannot execute COPY in a read-only transaction' USING ERRCODE = '25006';
        END $$;
        CREATE TRIGGER only_reads BEFORE INSERT ON exai_sessions EXECUTE FUNCTION only_reads()
        """)
      let log = try StatementLog(scene)
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(run.status == 1)
      #expect(run.errors.contains("(SQLSTATE 25006)"), "\(run.errors)")
      #expect(try log.count("COPY public.") == 1)
    }
  }
}
