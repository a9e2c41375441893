internal import Archive
internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct ExportSafetyTests {
  private static let isOwnLock = """
    locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """

  @Test func `no export breaks a pair that writers make meanwhile`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        "INSERT INTO exai_sessions (id, user_id) SELECT gen_random_uuid(), 'u' FROM generate_series(1, 50)"
      )
      try scene.execute(
        "INSERT INTO exai_messages (session_id, role, content) SELECT id, 'user', 'x' FROM exai_sessions"
      )
      // Messages first: whoever reads the tables one behind the other would miss their sessions.
      try scene.writeExport(
        ["exai_messages", "exai_sessions"], yaml: "partBytes: 64KiB\nconnections: 2\nverify: none")
      let isOver = Flag()
      try await withThrowingTaskGroup { group in
        for number in 0..<2 {
          // Threads of their own: what the tests run on may be no more than that.
          group.addTask(executorPreference: WorkerThread(number: number)) {
            let connection = try scene.database.connect()
            while !isOver.isSet {
              try connection.execute(
                """
                WITH s AS (INSERT INTO exai_sessions (id, user_id)
                  VALUES (gen_random_uuid(), 'u') RETURNING id)
                INSERT INTO exai_messages (session_id, role, content)
                SELECT id, 'user', repeat('x', 200) FROM s
                """)
              try await Task.sleep(for: .milliseconds(2))
            }
          }
        }
        for _ in 0..<20 {
          let archive = try await scene.exported()
          let sessions = try Self.values("id", in: scene.lines("exai_sessions", of: archive))
          let messages = try Self.values(
            "session_id", in: scene.lines("exai_messages", of: archive))
          #expect(sessions == messages)
          #expect(sessions.count >= 50)
          try FileManager.default.removeItem(atPath: archive.path)
        }
        isOver.set()
        try await group.waitForAll()
      }
    }
  }

  private static func values(_ key: String, in lines: [[UInt8]]) throws -> Set<String> {
    Set(
      try lines.map { line in
        let row = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        return try #require(row?[key] as? String)
      })
  }

  @Test func `killed at any moment, a run leaves no half archive and the next one works`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "partBytes: 512KiB")
      for moment in 0..<30 {
        let ended = try await scene.export { process in
          try await Task.sleep(for: .milliseconds(moment * 8))
          kill(process, SIGKILL)
        }
        // 0: it was through before.
        #expect([0, 137].contains(ended.status), "\(ended.errors)")
        // The lock is of a connection, and goes when the server sees that its other end is gone.
        while try scene.value("SELECT count(*) FROM pg_locks WHERE \(Self.isOwnLock)") != "0" {
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      for name in try scene.root.names() {
        #expect(try await scene.damages(scene.root.path(of: name)).isEmpty)
        try FileManager.default.removeItem(atPath: scene.root.path(of: name))
      }
      _ = try await scene.exported()
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.root.path)
      #expect(left.count(where: { $0 != ".lock" }) == 1)
    }
  }

  @Test func `a file that cannot be written to its end leaves no archive`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 2000)
      try scene.writeExport(["noise"])
      // As a full disk does, the limit ends a write midway.
      let ended = try await scene.export(
        through: ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=200000"])
      #expect(ended.status == 74, "\(ended.errors)")
      #expect(ended.errors.contains("noise-00000.jsonl.gz: cannot write"))
      #expect(ended.output.contains("no archive was made"))
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.root.path)
      #expect(left == [".lock"])
      _ = try await scene.exported()
    }
  }

  @Test func `a second run in the same directory is refused`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"])
      try scene.root.create()
      guard let lock = try ArchiveLock(scene.root) else { throw TestFailure("the lock is taken") }
      let ended = try await scene.export()
      #expect(ended.status == 75)
      #expect(ended.errors.contains("another run works in archives"))
      let pruned = try await scene.convoy(["archive", "prune", "archives", "--keep-last", "1"])
      #expect(pruned.status == 75)
      _ = consume lock
      _ = try await scene.exported()
    }
  }

  @Test func `an interrupted run says so and leaves no archive`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"])
      let locker = try scene.database.connect()
      try locker.execute("BEGIN; LOCK TABLE noise IN ACCESS EXCLUSIVE MODE")
      let ended = try await scene.export { process in
        let question = """
          SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'convoy export' AND wait_event_type = 'Lock')::int
          """
        while try scene.value(question) != "1" { try await Task.sleep(for: .milliseconds(5)) }
        kill(process, SIGTERM)
      }
      #expect(ended.status == 143, "\(ended.errors)")
      #expect(try scene.root.names().isEmpty)
    }
  }

  @Test func `rows that a policy would hide are refused, not left out`() async throws {
    try await RunScene.with { scene in
      let role = "r\(UInt32.random(in: 0 ... .max))"
      try scene.execute(
        """
        CREATE TABLE secret (a int); INSERT INTO secret VALUES (1), (2);
        ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
        CREATE POLICY partial ON secret USING (a = 1);
        CREATE ROLE \(role); GRANT SELECT ON secret TO \(role)
        """)
      try scene.writeExport(["secret"])
      var environment = scene.environment
      environment["PGOPTIONS"] = "-c role=\(role)"
      let ended = try await ConvoyProcess.run(
        ["run", "export.yaml", "--target", scene.database.url], environment: environment,
        directory: scene.directory.path)
      #expect(ended.status == 1)
      #expect(ended.errors.contains("row-level security would hide rows of secret"))
      #expect(try scene.root.names().isEmpty)
      try scene.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
      _ = try await scene.exported()
    }
  }

  @Test(arguments: [
    ("nowhere", 1, "there is no table nowhere"), ("v", 78, "v is a view"),
  ])
  func `what is no table is named`(name: String, status: Int32, message: String) async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE VIEW v AS SELECT 1")
      try scene.writeExport([name])
      let ended = try await scene.export()
      #expect(ended.status == status)
      #expect(ended.errors.contains(message))
    }
  }
}

/// Told by one task and asked by another; an actor would make asking wait.
private final class Flag: Sendable {
  private let value = Guarded(false)
  var isSet: Bool { value.current }
  func set() { value.update { $0 = true } }
}
