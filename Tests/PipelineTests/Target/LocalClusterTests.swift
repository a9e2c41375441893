internal import FoundationEssentials
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

#if canImport(Glibc)
  internal import Glibc
#endif

@Suite struct LocalClusterTests {
  @Test func `the first start makes database, roles and schema, the second finds it running`()
    async throws
  {
    try await withCluster { cluster in
      #expect(try await cluster.start())
      #expect(try await !cluster.start())
      let connection = try PostgresConnection(cluster.target())
      let tables = try connection.query(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
      #expect(tables.rows.map { $0.text(0) } == ["exai_messages", "exai_sessions", "files"])
      let status = try cluster.status()
      #expect(status.isRunning)
      #expect(status.sizeBytes > 1 << 20)
      let setting = try connection.query("SHOW listen_addresses")
      #expect(setting.first?.text(0) == "")
    }
  }

  @Test func `two starts at once make one server`() async throws {
    try await withCluster { cluster in
      let environment = ["CONVOY_HOME": cluster.home.path]
      async let first = ConvoyProcess.run(["local", "start"], environment: environment)
      async let second = ConvoyProcess.run(["local", "start"], environment: environment)
      let outcomes = try await [first, second]
      #expect(outcomes.map(\.status) == [0, 0], "\(outcomes)")
      #expect(try cluster.status().isRunning)
    }
  }

  @Test func `a server killed with its pid file left behind starts again with its rows`()
    async throws
  {
    try await withCluster { cluster in
      try await cluster.start()
      try PostgresConnection(cluster.target()).execute(
        "INSERT INTO exai_sessions (user_id) VALUES ('kept')")
      try await killServer(of: cluster)
      #expect(try !cluster.status().isRunning)
      #expect(try await cluster.start())
      let rows = try PostgresConnection(cluster.target()).query(
        "SELECT user_id FROM exai_sessions")
      #expect(rows.rows.map { $0.text(0) } == ["kept"])
    }
  }

  @Test func `a pid file that names some other process does not pass for a server`() async throws {
    try await withCluster { cluster in
      try await cluster.start()
      try await cluster.stop()
      // This test's own process lives, and is not a server.
      let lines = "\(getpid())\n\(cluster.dataDirectory)\n"
      try Data(lines.utf8).write(
        to: URL(fileURLWithPath: "\(cluster.dataDirectory)/postmaster.pid"))
      #expect(try !cluster.status().isRunning)
      #expect(try await !cluster.stop())
      #expect(try await cluster.start())
    }
  }

  @Test func `an initdb that was interrupted is done anew`() async throws {
    try await withCluster { cluster in
      try await cluster.start()
      try await cluster.stop()
      let unfinished = cluster.dataDirectory + ".unfinished"
      try FileManager.default.moveItem(atPath: cluster.dataDirectory, toPath: unfinished)
      #expect(try await cluster.start())
      #expect(!FileManager.default.fileExists(atPath: unfinished))
    }
  }

  @Test func `a schema its owner has changed does not keep the server from starting`()
    async throws
  {
    try await withCluster { cluster in
      try await cluster.start()
      try PostgresConnection(cluster.target()).execute("ALTER TABLE files DROP COLUMN tags")
      #expect(try await !cluster.start())
    }
  }

  @Test func `clusters of two homes do not meet`() async throws {
    try await withCluster { first in
      try await withCluster { second in
        try await first.start()
        try await second.start()
        try PostgresConnection(first.target()).execute("CREATE TABLE only_here ()")
        let found = try PostgresConnection(second.target()).query(
          "SELECT to_regclass('only_here')")
        #expect(found.first?[0] == nil)
        try await first.stop()
        #expect(try second.status().isRunning)
      }
    }
  }

  @Test func `a home too deep for a socket path gets a short socket directory`() async throws {
    let deep = String(repeating: "directory with ' and \" in it/", count: 4)
    try await withCluster(below: deep) { cluster in
      #expect(cluster.socketDirectory.hasPrefix("/tmp/convoy-"))
      try await cluster.start()
      #expect(try PostgresConnection(cluster.target()).query("SELECT 1").first?.text(0) == "1")
      try await cluster.remove()
      #expect(!FileManager.default.fileExists(atPath: cluster.socketDirectory))
    }
  }

  @Test func `a home with quotes, spaces and a percent sign works`() async throws {
    try await withCluster(below: "it's 100% \"a\\b\", $(c) `d`") { cluster in
      try await cluster.start()
      #expect(try PostgresConnection(cluster.target()).query("SELECT 1").first?.text(0) == "1")
    }
  }

  @Test func `removing stops the server and deletes its files`() async throws {
    try await withCluster { cluster in
      try await cluster.start()
      #expect(try await cluster.remove())
      #expect(!FileManager.default.fileExists(atPath: cluster.dataDirectory))
      #expect(try !cluster.status().isRunning)
      #expect(try await !cluster.remove())
    }
  }

  @Test func `a missing server is an error that names the package`() async throws {
    try await TemporaryDirectory.with { directory in
      let cluster = try LocalCluster(
        environment: ["CONVOY_HOME": directory.path, "CONVOY_PG_BIN": directory.path])
      await #expect(throws: RunError.self) { try await cluster.start() }
    }
  }

  @Test(
    arguments: [
      (["CONVOY_HOME": "/a/../b/./c"], false, "/b/c"),
      (["XDG_STATE_HOME": "/state", "HOME": "/home/u"], false, "/state/convoy"),
      (["XDG_STATE_HOME": "relative", "HOME": "/home/u"], false, "/home/u/.local/state/convoy"),
      (["HOME": "/root"], true, "/var/lib/convoy"),
    ]) func `the state directory follows the environment`(
      environment: [String: String], isRoot: Bool, path: String
    ) throws
  {
    #expect(try StateDirectory(environment: environment, isRoot: isRoot).path == path)
  }

  private func withCluster(
    below: String = "", _ body: (LocalCluster) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      var environment = ProcessInfo.processInfo.environment
      environment["CONVOY_HOME"] = "\(directory.path)/\(below)"
      let cluster = try LocalCluster(environment: environment)
      do { try await body(cluster) } catch {
        try await cluster.remove()
        throw error
      }
      try await cluster.remove()
    }
  }

  private func killServer(of cluster: LocalCluster) async throws {
    let file = "\(cluster.dataDirectory)/postmaster.pid"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let process = try #require(Int32(text.prefix { $0.isNumber }))
    #expect(kill(process, SIGKILL) == 0)
    while try cluster.status().isRunning { try await Task.sleep(for: .milliseconds(20)) }
    #expect(FileManager.default.fileExists(atPath: file))
  }
}
