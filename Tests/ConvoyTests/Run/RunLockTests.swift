internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Two runs that meet on one target.
@Suite struct RunLockTests {
  /// A pipeline file that reads `t.jsonl`, and the arguments that run it.
  private static func arguments(_ name: String, in scene: RunScene) throws -> [String] {
    try scene.directory.write(
      "\(name).yaml", "source: {format: threads, inputs: [\(name).jsonl]}\n")
    try scene.directory.write("\(name).jsonl", ManyThreads.text(3, prefix: name))
    return ["run", "\(name).yaml", "--target", scene.database.url, "--report", name]
  }

  /// Lends a time in which a run has the lock and waits for a table, which the test's connection holds.
  private static func holding(
    _ scene: RunScene, _ body: (_ holder: Int32) async throws -> Void
  ) async throws -> ConvoyProcess.Outcome {
    let table = try scene.database.connect()
    try table.execute("BEGIN; LOCK TABLE exai_sessions IN SHARE MODE")
    let ended = try await scene.convoy(try arguments("a", in: scene)) { process in
      try await scene.waitForWorkers("wait_event_type = 'Lock'")
      try await body(process)
      try table.execute("ROLLBACK")
    }
    return ended
  }

  @Test func `a second run of the pipeline ends at once with 75 and names the holder`() async throws
  {
    try await RunScene.with { scene in
      let first = try await Self.holding(scene) { _ in
        let second = try await scene.convoy(try Self.arguments("a", in: scene))
        #expect(second.status == 75)
        let backend =
          try scene.value(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'convoy lock a'
            ORDER BY backend_start LIMIT 1
            """) ?? ""
        #expect(second.errors.contains("convoy run: another run of a holds this target: from "))
        #expect(second.errors.contains("server process \(backend)\nhint: "), "\(second.errors)")
        // It keeps its hands off the ledger as well.
        #expect(try scene.value("SELECT count(*) FROM convoy.runs") == "1")
      }
      #expect(first.status == 0, "\(first.errors)")
      let after = try await scene.convoy(try Self.arguments("a", in: scene) + ["--restart"])
      #expect(after.status == 0, "\(after.errors)")
    }
  }

  @Test func `runs of other pipelines, and on other targets, do not meet it`() async throws {
    try await RunScene.with { scene in
      try await RunScene.withAnother { other in
        let first = try await Self.holding(scene) { _ in
          #expect(try await other.convoy(try Self.arguments("a", in: other)).status == 0)
          let locks = """
            SELECT count(DISTINCT application_name) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE locktype = 'advisory' AND datname = current_database()
            """
          #expect(try scene.value(locks) == "1")
          // It waits for the table as the first one does; that it got past the lock is what counts.
          let second = try await scene.convoy(try Self.arguments("b", in: scene)) { process in
            while try scene.value(locks) != "2", try scene.isRunning(process) {}
            kill(process, SIGKILL)
          }
          #expect(second.status == 128 + SIGKILL, "\(second.errors)")
        }
        #expect(first.status == 0, "\(first.errors)")
      }
    }
  }

  @Test func `a holder that was killed holds nothing any more`() async throws {
    try await RunScene.with { scene in
      let first = try await Self.holding(scene) { process in kill(process, SIGKILL) }
      #expect(first.status == 128 + SIGKILL)
      let second = try await scene.convoy(try Self.arguments("a", in: scene) + ["--restart"])
      #expect(second.status == 0, "\(second.errors)")
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "3")
    }
  }
}
