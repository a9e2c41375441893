internal import Foundation
internal import Pipeline
internal import Postgres
internal import StorageServer
internal import TestSupport
internal import Testing

/// An upload run that is killed at any moment and begun again ends as one that was left alone.
@Suite(.serialized) struct FilesKillTests {
  /// Where a run is held until it is killed.
  private enum Moment {
    /// Before the server has read the body of the nth request of a kind.
    case request(String, String, Int)
    /// Behind the nth request of a kind, before its answer.
    case answer(String, String, Int)
    /// While a batch of rows waits for the table.
    case rows
  }

  private static func moment(_ round: Int, _ random: inout SeededGenerator) -> Moment {
    let count = Int.random(in: 0..<newFiles, using: &random)
    switch round % 6 {
    case 0: return .request("POST", "/object/b/", count)
    case 1: return .answer("POST", "/object/b/", count)
    case 2: return .rows
    case 3 where round % 4 == 1: return .answer("POST", "/upload/resumable", 0)
    case 3: return .answer("PATCH", "/upload/resumable", 0)
    case 4: return .answer("POST", "/object/list-v2", 0)
    default: return .request("PATCH", "/upload/resumable", 1)
    }
  }

  /// Files that each run has beside those that are left, so that it gets to any moment.
  private static let newFiles = 12

  /// 300 files, most of them small, one of 20 MB; some contents are there twice.
  private static func makeFiles(
    in directory: TemporaryDirectory, _ random: inout SeededGenerator
  ) throws {
    for index in 0..<300 {
      let size: Int
      switch index {
      case 0: size = 20_000_000
      case 1...2: size = 6_500_000 + index
      case 3...9: size = 300_000
      default: size = index % 10 == 0 ? 0 : Int.random(in: 1...20_000, using: &random)
      }
      var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)
      for at in stride(from: 0, to: size, by: 997) {
        bytes[at] = UInt8.random(in: 0...255, using: &random)
      }
      try directory.write("up/s\(index % 7)/\(index).bin", bytes)
    }
  }

  /// Small files for any round, and one that goes in chunks for those that are about chunks.
  private static func addFiles(
    _ round: Int, in directory: TemporaryDirectory, _ random: inout SeededGenerator
  ) throws {
    for index in 0..<newFiles {
      try directory.write("up/s5/\(round)-\(index).txt", "\(round) \(index)")
    }
    guard [3, 5].contains(round % 6) else { return }
    let first = UInt8.random(in: 0...255, using: &random)
    try directory.write(
      "up/s0/\(round).large", [first] + [UInt8](repeating: UInt8(round), count: 6_300_000))
  }

  @Test func `kill -9 at 30 moments, each followed by a run, leaves objects and rows in step`()
    async throws
  {
    var random = SeededGenerator(20_251_125)
    try await FilesScene.withServer { scene in
      let server = try #require(scene.server)
      try scene.addSessions("s0", "s1", "s2", "s3", "s4")
      try Self.makeFiles(in: scene.directory, &random)
      // A row of one of the files, so that every run asks what the store has.
      for root in ["seen", "up"] { try scene.directory.write("\(root)/s0/seen.txt", "seen") }
      try await scene.run(options: ["--input", "seen"]).expect()
      #expect(try scene.rows("session_id IS NULL") == [["f"]])
      for round in 0..<30 {
        try Self.addFiles(round, in: scene.directory, &random)
        try await Self.waitForLock(scene)
        let moment = Self.moment(round, &random)
        let ended = try await Self.kill(at: moment, round, scene, server)
        #expect(ended.status == 128 + SIGKILL, "round \(round), \(moment): \(ended.errors)")
        // Whatever the moment was, no row is without its object.
        let keys = Set(try scene.keys())
        #expect(try scene.rows("storage_path").allSatisfy { keys.contains($0[0] ?? "") })
      }
      try await Self.waitForLock(scene)
      server.clearFaults()
      let last = try await scene.run().expect()
      #expect(last.total.files.read == 301 + 30 * Self.newFiles + 10)
      #expect(last.total.files.rejected == 0)
      try scene.expectInStep()
      #expect(try scene.rows("id").count == last.total.files.read - last.total.files.merged)
      let again = try await scene.run().expect()
      #expect(again.total.files.inserted + again.total.files.updated == 0)
      #expect(again.rowsWritten == ["files": 0])
    }
  }

  /// Runs until the moment and kills.
  private static func kill(
    at moment: Moment, _ round: Int, _ scene: FilesScene, _ server: StorageServer
  ) async throws -> RunOutcome {
    server.clearFaults()
    let gate = StorageGate()
    defer { gate.open() }
    let table = try scene.scene.database.connect()
    switch moment {
    case .request(let method, let path, let count):
      server.inject(StorageFault(method, path, after: count, times: .max - count, .hold(gate)))
    case .answer(let method, let path, let count):
      server.inject(
        StorageFault(method, path, after: count, times: .max - count, .holdResponse(gate)))
    case .rows: try table.execute("BEGIN; LOCK TABLE files IN SHARE MODE")
    }
    if round % 5 == 1 {
      server.inject(
        StorageFault("POST", "/object/b/", .dropResponse(afterBytes: 10)),
        StorageFault("PATCH", "/upload/resumable", .dropRequest(afterBodyBytes: 1000)))
    }
    let ended = try await scene.run(options: ["--set", "load.batchRows=8"]) { process in
      while !gate.isReached, try scene.scene.isRunning(process) {
        if case .rows = moment, try isWaiting(scene) { break }
        try await Task.sleep(for: .milliseconds(3))
      }
      Foundation.kill(process, SIGKILL)
    }
    try table.execute("ROLLBACK")
    return ended
  }

  private static func isWaiting(_ scene: FilesScene) throws -> Bool {
    try scene.scene.value(
      """
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'convoy files' AND wait_event_type = 'Lock'
      """) == "1"
  }

  /// Waits until the server has noticed that the killed run's connections are gone.
  private static func waitForLock(_ scene: FilesScene) async throws {
    let question = """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name IN ('convoy up', 'convoy lock up', 'convoy files')
      """
    while try scene.scene.value(question) != "0" { try await Task.sleep(for: .milliseconds(3)) }
  }
}
