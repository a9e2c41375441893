internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// A run that is asked to end.
@Suite(.serialized) struct InterruptRunTests {
  @Test func `SIGINT at any moment leaves no session and no transaction on the server`()
    async throws
  {
    var random = SeededGenerator(20_251_126)
    try await RunScene.with { undisturbed in
      try RandomInput.make("threads", in: undisturbed.directory)
      let started = ContinuousClock.now
      try await undisturbed.run("threads", ["in"], options: RandomInput.smallBatches).expect(3)
      let milliseconds = Int((ContinuousClock.now - started) / .milliseconds(1))
      try await RunScene.withAnother { scene in
        try RandomInput.make("threads", in: scene.directory)
        var interrupted = 0
        var round = 0
        while interrupted < 30, round < 200 {
          round += 1
          let isByTime = round.isMultiple(of: 2)
          let pause = Int.random(in: 0...milliseconds, using: &random)
          let hold = try BatchHold(after: Int.random(in: 1...4, using: &random), in: scene)
          if isByTime { try hold.release() }
          let run = try await scene.run("threads", ["in"], options: RandomInput.smallBatches) {
            process in
            if isByTime {
              try await Task.sleep(for: .milliseconds(pause))
            } else {
              try await hold.reached(by: process)
            }
            kill(process, SIGINT)
            if !isByTime { try hold.release() }
          }
          #expect([3, 128 + SIGINT].contains(run.status), "\(run.errors)")
          #expect(try await Self.sessionsLeft(in: scene) == "0")
          if run.status == 128 + SIGINT {
            interrupted += 1
          } else {
            #expect(try scene.checksum() == undisturbed.checksum())
            try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
          }
        }
        #expect(interrupted == 30)
        try await scene.run("threads", ["in"], options: RandomInput.smallBatches).expect(3)
        #expect(try scene.checksum() == undisturbed.checksum())
        let again = try await scene.run("threads", ["in"], options: RandomInput.smallBatches)
          .expect(3)
        #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      }
    }
  }

  /// Sessions of a run that has ended, once the server has had a moment to see that.
  private static func sessionsLeft(in scene: RunScene) async throws -> String? {
    let question = """
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name LIKE 'convoy%' AND application_name <> 'convoy tests'
      """
    // On a machine that is busy, that moment may be long.
    for _ in 0..<6_000 {
      if try scene.value(question) == "0" { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    return try scene.value(question)
  }

  /// A batch that is through in a moment is waited for; one that hangs is cancelled.
  @Test(arguments: [SIGINT, SIGTERM], [false, true])
  func `a signal ends the run between batches, leaves nothing open, and the next goes on`(
    signal: Int32, hangs: Bool
  ) async throws {
    try await RunScene.with { scene in
      try RandomInput.make("threads", in: scene.directory)
      let hold = try BatchHold(after: 2, in: scene)
      let run = try await scene.run("threads", ["in"], options: RandomInput.smallBatches) {
        process in
        try await hold.reached(by: process)
        kill(process, signal)
        if !hangs { try hold.release() }
      }
      #expect(run.status == 128 + signal)
      let report = try run.report
      #expect(report.outcome == "interrupted")
      #expect(run.errors.contains("convoy run: interrupted; what is committed stays\nhint: "))
      #expect(try await Self.sessionsLeft(in: scene) == "0")
      let rows = Int(try scene.value("SELECT count(*) FROM exai_sessions") ?? "")
      #expect(rows == report.total.sessions.inserted)
      #expect(try scene.value("SELECT outcome FROM convoy.runs") == "interrupted")
      if hangs { try hold.release() }
      let next = try await scene.run("threads", ["in"], options: RandomInput.smallBatches).expect(3)
      #expect(next.total.sessions.unchanged >= report.total.sessions.inserted)
      #expect(next.total.sessions.inserted > 0)
    }
  }
}
