internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RoundTripTests {
  private static let tables = ["exai_sessions", "exai_messages", "files"]

  /// What must be the same of two archives of the same rows.
  private static func content(_ archive: ArchiveDirectory) -> [[String]] {
    archive.manifest.tables.map { table in
      [table.title, "\(table.rows)", table.checksum] + table.parts.map(\.rawSHA256.hex)
    }
  }

  @Test func `what is loaded, exported and restored is exported again as the same bytes`()
    async throws
  {
    try await RunScene.with { scene in
      let loaded = try await scene.run("threads", ["\(Checkout.path)/samples/threads"])
      try loaded.expect()
      try scene.writeExport(Self.tables)
      let first = try await scene.exported()
      #expect(first.manifest.tables.map(\.title) == Self.tables)
      #expect(first.manifest.rows > 20)
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy(
          ["archive", "restore", first.path, "--target", other.url])
        #expect(restored.status == 0, "\(restored.errors)")
        let again = try await scene.exported(target: other.url)
        #expect(Self.content(again) == Self.content(first))
        #expect(try other.query(RunScene.checksumQuery) == scene.checksum())
        // Keys, checks, defaults and indexes are there as they were.
        #expect(
          again.manifest.tables.map(\.constraints) == first.manifest.tables.map(\.constraints))
        #expect(again.manifest.tables.map(\.indexes) == first.manifest.tables.map(\.indexes))
        #expect(again.manifest.tables.map(\.columns) == first.manifest.tables.map(\.columns))
      }
    }
  }

  @Test func `a schema takes the tables beside those that are there, with keys of its own`()
    async throws
  {
    try await RunScene.with { scene in
      let loaded = try await scene.run("threads", ["\(Checkout.path)/samples/threads"])
      try loaded.expect()
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      let refused = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("exai_sessions has rows"))
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy"])
      #expect(restored.status == 0, "\(restored.errors)")
      let parents = try scene.rows(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'copy.exai_messages'::regclass AND contype = 'f'"
      )
      #expect(parents == [["copy.exai_sessions"]])
    }
  }

  @Test(arguments: [1, 3])
  func `a part of many members comes back whole, by any number of connections`(connections: Int)
    async throws
  {
    try await RunScene.with(.empty) { scene in
      // Every row fills a member.
      try scene.execute(
        "CREATE TABLE t (a int, b text); INSERT INTO t SELECT n, repeat(n::text, 1 << 20) FROM generate_series(1, 40) n"
      )
      try scene.writeExport(["t"], yaml: "level: 1")
      let archive = try await scene.exported()
      #expect(archive.manifest.tables[0].parts.map(\.members.count) == [40])
      let restored = try await scene.convoy([
        "archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy",
        "--connections", "\(connections)",
      ])
      #expect(restored.output == "copy.t: 40 rows, the same as in the archive\n")
    }
  }

  @Test func `a restore test leaves nothing behind`() async throws {
    try await RunScene.with { scene in
      let loaded = try await scene.run("threads", ["\(Checkout.path)/samples/threads"])
      try loaded.expect()
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      let tested = try await scene.convoy(
        ["archive", "verify", archive.path, "--restore-test", "--target", scene.database.url])
      #expect(tested.status == 0, "\(tested.errors)")
      #expect(tested.output.contains("exai_messages: "))
      let left = try scene.rows(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'convoy_restore%'")
      #expect(left.isEmpty)
    }
  }

  @Test func `rows that a trigger changes on their way in are found to be others`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 10)")
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      try scene.execute(
        """
        TRUNCATE t;
        CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN NEW.a := CASE NEW.a WHEN 7 THEN 8 ELSE NEW.a END; RETURN NEW; END';
        CREATE TRIGGER change BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION change()
        """)
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url])
      #expect(restored.status == 65)
      #expect(restored.output == "t: 10 rows, NOT the same as in the archive\n")
    }
  }

  @Test func `a table whose columns have changed is refused before the first row`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x')")
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      try scene.execute("TRUNCATE t; ALTER TABLE t ALTER a TYPE bigint")
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url])
      #expect(restored.status == 1)
      #expect(restored.errors.contains("t.a is bigint, in the archive it is integer"))
      #expect(try scene.value("SELECT count(*) FROM t") == "0")
    }
  }

  @Test func `any gunzip reads a part, and parts put together`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "partBytes: 1MiB")
      let archive = try await scene.exported()
      #expect(archive.manifest.tables[0].parts.count > 1)
      let script = "cd \(archive.path) && cat noise-*.gz | zcat | wc -l && sha256sum -c SHA256SUMS"
      let read = try await scene.convoy(["--version"], through: ["sh", "-c", script, "sh"])
      #expect(read.output.hasPrefix("3000\n"))
      #expect(read.output.contains("manifest.json: OK"))
    }
  }

  @Test func `one conversation is printed whole, found by either id`() async throws {
    try await RunScene.with { scene in
      let loaded = try await scene.run("threads", ["\(Checkout.path)/samples/threads"])
      try loaded.expect()
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      let key = try scene.rows(
        """
        SELECT s.id, continuation_id, count(*) FROM exai_sessions s
        JOIN exai_messages m ON m.session_id = s.id GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1
        """)[0]
      for id in [key[0], key[1]] {
        let printed = try await scene.convoy([
          "archive", "cat", archive.path, "--session", id ?? "",
        ])
        #expect(printed.status == 0)
        let lines = printed.output.split(separator: "\n")
        #expect("\(lines.count - 1)" == key[2])
        #expect(
          lines[0].hasPrefix("{\"table\":\"exai_sessions\",\"row\":{\"id\":\"\(key[0] ?? "")\""))
      }
      let none = try await scene.convoy(["archive", "cat", archive.path, "--session", "nobody"])
      #expect(none.status == 1)
    }
  }
}
