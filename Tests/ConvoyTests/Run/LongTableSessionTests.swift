internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// A session of the legacy table that is more than is held at once.
@Suite(.serialized) struct LongTableSessionTests {
  /// Two KiB each, so that they are more than a part that is held whole.
  private static let rows = 4_500
  private static let sliced = "load: {batchRows: 500}"
  /// By which a part is long, but no session of it.
  private static let whole = "load: {batchBytes: 67108864, batchRows: 1000000}"

  /// One user with a session of nearly all rows, and two with a short one each, by turns.
  ///
  /// Every seventieth row has the time of the one before, every thousandth a direction that nobody has, every hundredth
  /// an embedding, one of them unreadable.
  private static let table = """
    CREATE TABLE conversations (
      id bigint, user_id text NOT NULL, created_at timestamptz, direction text NOT NULL, text text,
      embedding text, meta jsonb);
    INSERT INTO conversations
    SELECT n, CASE WHEN n % 900 = 10 THEN 'bob' WHEN n % 900 = 11 THEN 'eve' ELSE 'ada' END,
      timestamptz '2025-10-01 10:00Z' + (n - (n % 70 = 69)::int) * interval '1 second',
      CASE WHEN n % 1000 = 501 THEN 'nobody' WHEN n % 2 = 0 THEN 'user' ELSE 'assistant' END,
      n || repeat(' and so on,', 190),
      CASE WHEN n = 1500 THEN 'none' WHEN n % 100 = 0 THEN '[' || n || ',0.5,-1e-3]' END,
      jsonb_build_object('n', n % 3)
    FROM generate_series(0, \(rows - 1)) n ORDER BY n * 7919 % \(rows)
    """

  private static func run(
    _ scene: RunScene, from source: RunScene, _ load: String, _ embeddings: String,
    options: [String] = [], whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> RunOutcome {
    try scene.directory.write(
      "pipeline.yaml",
      """
      source: {format: conversations-table, database: '\(source.database.url)', idleGap: 1d}
      transform: {embeddings: \(embeddings)}
      \(load)
      store: {kind: directory, directory: objects}

      """)
    let ended = try await scene.convoy(
      ["run", "pipeline.yaml", "--target", scene.database.url, "--report", "report"] + options,
      whileRunning: whileRunning)
    return RunOutcome(ended, in: scene.directory)
  }

  @Test func `the rows, counts and findings are those of the session held whole`() async throws {
    try await RunScene.with { scene in
      try scene.execute(Self.table)
      let dry = try await Self.run(
        scene, from: scene, Self.sliced, "drop", options: ["--dry-run"]
      ).expect(3)
      let run = try await Self.run(scene, from: scene, Self.sliced, "drop")
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: Self.rows - 4, rejected: 4))
      #expect(report.batches.total > 9)
      #expect((dry.total, dry.found) == (report.total, report.found))
      #expect(try scene.value("SELECT max(messages) <= 500 FROM convoy.batches") == "t")
      let sums = try scene.checksum()
      try await RunScene.withAnother { other in
        let whole = try await Self.run(other, from: scene, Self.whole, "drop")
        let inOne = try whole.expect(3)
        #expect(inOne.batches.total < report.batches.total)
        #expect((inOne.total, inOne.found) == (report.total, report.found))
        #expect(try other.checksum() == sums)
        #expect(try Self.texts(whole) == Self.texts(run))
        try await Self.killBetweenSlices(other, from: scene, sums)
        try await Self.compareObjects(scene, other)
      }
    }
  }

  /// Stores the embeddings in slices of a scene that has the messages, and of the whole in another one.
  private static func compareObjects(_ scene: RunScene, _ other: RunScene) async throws {
    let sums = try scene.checksum()
    let report = try await run(scene, from: scene, sliced, "object", options: ["--restart"])
      .expect(3)
    #expect(report.total.messages == .of(unchanged: rows - 4, rejected: 4))
    #expect(report.rowsWritten == ["exai_sessions": 0, "exai_messages": 0, "files": 1])
    #expect(try scene.checksum() == sums)
    try other.execute("DELETE FROM exai_sessions")
    let whole = try await run(other, from: scene, whole, "object", options: ["--restart"])
      .expect(3)
    #expect(whole.total.files == report.total.files)
    #expect(whole.found == report.found)
    let files = "SELECT session_id, storage_path, file_hash, file_size FROM files ORDER BY 1"
    let stored = try scene.rows(files)
    #expect(stored.count == 1)
    #expect(try other.rows(files) == stored)
    let path = "objects/\(stored[0][1] ?? "")"
    #expect(try scene.directory.read(path) == other.directory.read(path))
    // A run of what is all there writes nothing.
    let again = try await run(scene, from: scene, sliced, "object").expect(3)
    #expect(again.total.messages == report.total.messages)
    #expect(again.rowsWritten.values.allSatisfy { $0 == 0 })
    #expect(try scene.checksum() == sums)
  }

  /// Kills a run once some batches of the session are in, and lets another one go on.
  private static func killBetweenSlices(
    _ scene: RunScene, from source: RunScene, _ sums: [[String?]]
  ) async throws {
    try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
    let hold = try BatchHold(after: 5, in: scene)
    let killed = try await run(
      scene, from: source, sliced, "drop", options: ["--workers", "1"]
    ) { process in
      try await hold.reached(by: process)
      // The batch that is held back has nothing of it in then, and will not.
      try await scene.waitForWorkers("wait_event = 'PgSleep'")
      kill(process, SIGKILL)
    }
    try hold.release()
    #expect(killed.status == 128 + SIGKILL)
    let stored = try scene.value("SELECT count(*) FROM exai_messages").flatMap(Int.init) ?? 0
    #expect(stored > 4 && stored < rows - 4)
    let rest = try await run(scene, from: source, sliced, "drop").expect(3)
    #expect(rest.rowsWritten["exai_messages"] == rows - 4 - stored)
    #expect(try scene.checksum() == sums)
  }

  /// What the rejects of a run are about, and their bytes.
  private static func texts(_ run: RunOutcome) throws -> [String] {
    try run.rejects.map { "\($0.field ?? "") \($0.text ?? "")" }.sorted()
  }
}
