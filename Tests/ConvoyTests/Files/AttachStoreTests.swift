internal import Foundation
internal import Pipeline
internal import Postgres
internal import StorageServer
internal import TestSupport
internal import Testing

/// Files that turns name, stored in a bucket.
@Suite(.serialized) struct AttachStoreTests {
  private static func write(_ threads: [(name: String, files: [String])], in scene: FilesScene)
    throws
  {
    let lines = threads.map { thread in
      let files = thread.files.map { "\"\($0)\"" }.joined(separator: ",")
      return """
        {"thread_id":"\(thread.name)","created_at":"2025-10-01T00:00:00+00:00","turns":[\
        {"role":"user","content":"c","timestamp":"2025-10-01T00:00:01+00:00","files":[\(files)]}]}

        """
    }
    try scene.directory.write("threads.jsonl", lines.joined())
  }

  private static func run(
    _ scene: FilesScene, options: [String] = [],
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> RunOutcome {
    try scene.directory.write(
      "pipeline.yaml",
      """
      name: attach
      source: {format: threads, inputs: [threads.jsonl]}
      load: {batchRows: 4}
      store: {bucket: b}
      attach: {turns: resolve, roots: [uploads]}

      """)
    let ended = try await ConvoyProcess.run(
      ["run", "pipeline.yaml", "--target", scene.scene.database.url, "--report", "report"]
        + options, environment: scene.environment, directory: scene.directory.path,
      whileRunning: whileRunning)
    return RunOutcome(ended, in: scene.directory)
  }

  @Test func `a file over the bucket's limit is a reject, and the rest is attached`() async throws {
    try await FilesScene.withServer { scene in
      try Self.write([("t", ["a.txt", "big.bin"])], in: scene)
      try scene.directory.write("uploads/a.txt", "a")
      let path = try scene.directory.write("uploads/big.bin", "")
      // A hole: nothing of it is read.
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: 52_428_801)
      try file.close()
      let dry = try await Self.run(scene, options: ["--dry-run"])
      #expect(try dry.expect(3).total.files == .of(inserted: 1, rejected: 1))
      let ended = try await Self.run(scene)
      #expect(try ended.expect(3).total.files == .of(inserted: 1, rejected: 1))
      let rejects = try ended.rejects
      #expect(rejects.map(\.rule) == ["file.too-large"])
      #expect(
        rejects.map(\.message) == [
          "\(scene.directory.path)/uploads/big.bin has 52428801 bytes, and the store takes 52428800"
        ])
      #expect(rejects.map(\.text) == ["big.bin"])
      #expect(try scene.rows("filename") == [["a.txt"]])
      try scene.expectInStep()
    }
  }

  /// Where a run is held until it is killed.
  private enum Moment: CaseIterable {
    /// While messages wait for their table.
    case messages
    /// Before the server has read the first object, or one behind it.
    case firstObject, fourthObject
    /// Behind an object, before its answer.
    case answer
    /// While a batch of rows waits for the table.
    case rows
  }

  @Test func `kill -9 while files are attached, each followed by a run, leaves all in step`()
    async throws
  {
    try await FilesScene.withServer { scene in
      let count = 24
      try Self.write(
        (0..<count).map { ("t\($0)", ["\($0).txt", "shared.txt", "gone.txt"]) }, in: scene)
      for index in 0..<count { try scene.directory.write("uploads/\(index).txt", "file \(index)") }
      try scene.directory.write("uploads/shared.txt", "shared")
      for moment in Moment.allCases + Moment.allCases {
        try await Self.kill(at: moment, scene)
        try await Self.waitForEnd(scene)
        let keys = Set(try scene.keys())
        #expect(try scene.rows("storage_path").allSatisfy { keys.contains($0[0] ?? "") })
      }
      try #require(scene.server).clearFaults()
      let last = try await Self.run(scene).expect()
      #expect(last.total.files.read == 2 * count)
      #expect(last.total.files.rejected == 0)
      try scene.expectInStep()
      let attached = try scene.scene.value(
        """
        SELECT count(DISTINCT (s.continuation_id, f.filename))
        FROM files f JOIN exai_sessions s ON s.id = f.session_id
        JOIN exai_messages m ON f.metadata -> 'messages' = jsonb_build_array(m.id)
        WHERE m.session_id = s.id
          AND f.filename IN (substr(s.continuation_id, 2) || '.txt', 'shared.txt')
        """)
      #expect(attached == "\(2 * count)")
      #expect(try scene.rows("id").count == 2 * count)
      let again = try await Self.run(scene).expect()
      #expect(again.total.files == .of(unchanged: 2 * count))
    }
  }

  private static func kill(at moment: Moment, _ scene: FilesScene) async throws {
    let server = try #require(scene.server)
    server.clearFaults()
    let gate = StorageGate()
    defer { gate.open() }
    let table = try scene.scene.database.connect()
    func hold(_ count: Int, _ effect: StorageFault.Effect) {
      server.inject(StorageFault("POST", "/object/b/", after: count, times: .max - count, effect))
    }
    switch moment {
    case .messages: try table.execute("BEGIN; LOCK TABLE exai_messages")
    case .firstObject: hold(0, .hold(gate))
    case .fourthObject: hold(4, .hold(gate))
    case .answer: hold(1, .holdResponse(gate))
    case .rows: try table.execute("BEGIN; LOCK TABLE files IN SHARE MODE")
    }
    let ended = try await run(scene) { process in
      while !gate.isReached, try scene.scene.isRunning(process), try !isWaiting(scene) {
        try await Task.sleep(for: .milliseconds(3))
      }
      Foundation.kill(process, SIGKILL)
    }
    try table.execute("ROLLBACK")
    #expect(ended.status == 128 + SIGKILL, "\(moment): \(ended.errors)")
  }

  /// Whether some connection of the program waits for a table.
  private static func isWaiting(_ scene: FilesScene) throws -> Bool {
    try scene.scene.value(
      """
      SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()
        AND application_name LIKE 'convoy %' AND wait_event_type = 'Lock'
      """) == "t"
  }

  /// Waits until the server has noticed that the killed run's connections are gone.
  private static func waitForEnd(_ scene: FilesScene) async throws {
    let question = """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'convoy %'
        AND application_name <> 'convoy tests'
      """
    while try scene.scene.value(question) != "0" { try await Task.sleep(for: .milliseconds(3)) }
  }
}
