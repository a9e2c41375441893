internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// A run whose server, or whose part of it, goes away at any moment.
@Suite(.serialized) struct BackendKillTests {
  @Test func `backends ended at random moments, each run begun again, lose and double nothing`()
    async throws
  {
    var random = SeededGenerator(20_251_124)
    try await RunScene.with { undisturbed in
      try RandomInput.make("threads", in: undisturbed.directory)
      let expected = try await undisturbed.run("threads", ["in"], options: RandomInput.smallBatches)
        .expect(3)
      try await RunScene.withAnother { scene in
        try RandomInput.make("threads", in: scene.directory)
        var ended = 0
        while ended < 44 {
          var endedHere = 0
          let pauses = (0..<200).map { _ in Int.random(in: 1...120, using: &random) }
          let run = try await scene.run("threads", ["in"], options: RandomInput.smallBatches) {
            process in
            let connection = try scene.database.connect()
            while endedHere < 8, try scene.isRunning(process) {
              try await Task.sleep(for: .milliseconds(pauses[endedHere]))
              // Workers, the one that holds the lock, and the one that prepares: whichever it meets.
              endedHere += try connection.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'convoy%'
                  AND pid <> pg_backend_pid() AND application_name <> 'convoy tests'
                ORDER BY random() LIMIT 1
                """
              ).rows.count
            }
          }
          ended += endedHere
          // What was met while the run prepared ends it; what a worker meets is tried again.
          #expect([1, 3, 69].contains(run.status), "\(run.errors)")
          guard run.status == 3 else { continue }
          let report = try run.expect(3)
          #expect(report.total.messages.read == expected.total.messages.read)
          #expect(try scene.checksum() == undisturbed.checksum())
          try scene.execute("DELETE FROM exai_sessions; TRUNCATE convoy.batches")
        }
        let last = try await scene.run("threads", ["in"], options: RandomInput.smallBatches).expect(
          3)
        // The one before may have been ended when everything was in.
        func all(_ run: WrittenReport) -> [Int] {
          [run.total.sessions, run.total.messages].flatMap { counts in
            [counts.read, counts.inserted + counts.unchanged, counts.merged, counts.rejected]
          }
        }
        #expect(all(last) == all(expected))
        #expect(try scene.checksum() == undisturbed.checksum())
        let again = try await scene.run("threads", ["in"], options: RandomInput.smallBatches)
          .expect(3)
        #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      }
    }
  }

  /// A server of its own, because all of it starts anew when one of its processes is killed.
  @Test func `kill -9 of backends, which restarts the server, loses and doubles nothing`()
    async throws
  {
    var random = SeededGenerator(20_251_125)
    try await RunScene.with { undisturbed in
      try RandomInput.make("threads", in: undisturbed.directory)
      try await undisturbed.run("threads", ["in"], options: RandomInput.smallBatches).expect(3)
      let options =
        ["run", "pipeline.yaml", "--target", "local", "--report", "report", "--input", "in"]
        + RandomInput.smallBatches
      func run(_ whileRunning: (Int32) async throws -> Void = { _ in }) async throws -> RunOutcome {
        RunOutcome(
          try await undisturbed.convoy(options, whileRunning: whileRunning),
          in: undisturbed.directory)
      }
      let started = try await undisturbed.convoy(["local", "start"])
      #expect(started.status == 0, "\(started.errors)")
      let url = try await undisturbed.convoy(["local", "url"]).output
      let target = try ConnectionTarget(url.trimmingCharacters(in: .whitespacesAndNewlines))
      var killed = 0
      while killed < 6 {
        let pause = Int.random(in: 0...400, using: &random)
        let ended = try await run { process in
          var backend: Int32?
          while backend == nil, try undisturbed.isRunning(process) {
            backend = try Self.backend(target)
          }
          try await Task.sleep(for: .milliseconds(pause))
          guard let backend, kill(backend, SIGKILL) == 0 else { return }
          killed += 1
        }
        #expect([1, 3, 69].contains(ended.status), "\(ended.errors)")
        if ended.status == 3 {
          try await Self.connect(target).execute(
            "DELETE FROM exai_sessions; TRUNCATE convoy.batches")
        }
      }
      _ = try await Self.connect(target)
      try await run().expect(3)
      let checksum = try await Self.connect(target).query(RunScene.checksumQuery)
      let rows = checksum.rows.map { row in (0..<3).map { row[$0] } }
      #expect(rows == (try undisturbed.checksum()))
      let again = try await run().expect(3)
      #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      let stopped = try await undisturbed.convoy(["local", "stop"])
      #expect(stopped.status == 0, "\(stopped.errors)")
    }
  }

  /// Process id of one of a run's workers on a server; nil while there is none.
  private static func backend(_ target: ConnectionTarget) throws -> Int32? {
    let found = try PostgresConnection(target, applicationName: "convoy tests").query(
      """
      SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'convoy worker%'
      ORDER BY random() LIMIT 1
      """)
    return found.first?[0].flatMap { Int32($0) }
  }

  /// Connects to a server that may be on its way up.
  private static func connect(_ target: ConnectionTarget) async throws -> PostgresConnection {
    for _ in 0..<600 {
      // A refused connection says only that it is not there yet.
      if let connection = try? PostgresConnection(target, applicationName: "convoy tests") {
        return connection
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    return try PostgresConnection(target, applicationName: "convoy tests")
  }
}
