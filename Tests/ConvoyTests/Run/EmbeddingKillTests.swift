internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Files of embeddings while the run that makes them is killed.
@Suite struct EmbeddingKillTests {
  /// 100 users with a session of 5 rows each, every row with an embedding; some ten pieces of the source.
  private static let table = """
    CREATE TABLE conversations (
      id bigint, user_id text NOT NULL, created_at timestamptz, direction text NOT NULL, text text,
      embedding text, meta jsonb);
    INSERT INTO conversations
    SELECT n, 'u' || n % 100, timestamptz '2025-10-01 10:00Z' + n * interval '1 second', 'user',
      repeat('text ', 300) || n, '[' || n || ',0.5]', '{}'
    FROM generate_series(0, 499) n
    """

  private static func run(
    _ scene: RunScene, whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> RunOutcome {
    try scene.directory.write(
      "pipeline.yaml",
      """
      source: {format: conversations-table, database: '\(scene.database.url)'}
      transform: {embeddings: object}
      load: {batchBytes: 64KiB, workers: 1}
      store: {kind: directory, directory: objects}
      """)
    let ended = try await scene.convoy(
      ["run", "pipeline.yaml", "--target", scene.database.url, "--report", "report"],
      whileRunning: whileRunning)
    return RunOutcome(ended, in: scene.directory)
  }

  private static func objects(_ scene: RunScene) throws -> [String] {
    let found = FileManager.default.enumerator(atPath: "\(scene.directory.path)/objects")
    return (found?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".bin") }.sorted()
  }

  private static func expectWhole(_ scene: RunScene) throws {
    #expect(try scene.value("SELECT count(*) FROM exai_messages") == "500")
    let paths = try scene.rows("SELECT storage_path FROM files ORDER BY storage_path COLLATE \"C\"")
    #expect(paths.count == 100)
    #expect(try objects(scene) == paths.compactMap { $0[0] })
    #expect(try scene.value("SELECT count(DISTINCT session_id) FROM files") == "100")
    #expect(
      try scene.value(
        "SELECT string_agg(DISTINCT (metadata -> 'embeddings' ->> 'count') || ' ' || file_size, ',') FROM files"
      ) == "5 196")
  }

  @Test func `files are stored batch by batch, and a run behind one that was killed adds the rest`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(Self.table)
      let hold = try BatchHold(after: 6, in: scene)
      let killed = try await Self.run(scene) { process in
        try await scene.waitForWorkers("wait_event = 'PgSleep'")
        kill(process, SIGKILL)
      }
      #expect(killed.status == 128 + SIGKILL)
      try hold.release()
      // The one worker had stored those of some batches before it came to the seventh, and not those of the last.
      let stored = try #require(Int(scene.value("SELECT count(*) FROM files") ?? ""))
      let loaded = try #require(Int(scene.value("SELECT count(*) FROM exai_sessions") ?? ""))
      #expect(stored > 0 && stored < loaded && loaded < 100)
      #expect(try Self.objects(scene).count == stored)
      let rest = try await Self.run(scene).expect()
      #expect(rest.total.files == .of(inserted: 100 - stored, unchanged: stored))
      try Self.expectWhole(scene)
      let again = try await Self.run(scene).expect()
      #expect(again.total.files == .of(unchanged: 100))
      #expect(again.total.messages == .of(unchanged: 500))
    }
  }

  @Test func `objects whose rows a killed run did not write are met by the next one, none twice`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(
        Self.table + """
          ;
          CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            WHILE EXISTS (
              SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 20251128
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            LOOP PERFORM pg_sleep(0.005); END LOOP;
            RETURN NULL;
          END $$;
          CREATE TRIGGER wait AFTER INSERT ON files FOR EACH STATEMENT EXECUTE FUNCTION wait()
          """)
      let connection = try scene.database.connect()
      try connection.execute("SELECT pg_advisory_lock(20251128)")
      let killed = try await Self.run(scene) { process in
        let question = """
          SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'convoy files' AND wait_event = 'PgSleep')::int
          """
        while try connection.query(question).first?.integer(0) != 1 {
          try await Task.sleep(for: .milliseconds(2))
        }
        kill(process, SIGKILL)
      }
      #expect(killed.status == 128 + SIGKILL)
      try connection.execute("SELECT pg_advisory_unlock(20251128)")
      #expect(try scene.value("SELECT count(*) FROM files") == "0")
      #expect(try !Self.objects(scene).isEmpty)
      let rest = try await Self.run(scene).expect()
      #expect(rest.total.files == .of(inserted: 100))
      try Self.expectWhole(scene)
    }
  }
}
