internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct FormatTests {
  private static let tables = ["exai_sessions", "exai_messages", "files"]

  @Test func `rows of the copy format are the server's own, and come back as they were`()
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(HostileTypes.sql)
      try scene.writeExport(["hostile"], yaml: "format: copy")
      let first = try await scene.exported()
      #expect(first.manifest.tables[0].parts[0].file == "hostile-00000.copy.gz")
      let verified = try await scene.convoy(["archive", "verify", first.path])
      #expect(verified.status == 0)
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy(
          ["archive", "restore", first.path, "--target", other.url])
        #expect(restored.status == 0, "\(restored.errors)")
        let question = "SELECT t::text FROM hostile t ORDER BY n"
        #expect(try other.query(question) == scene.rows(question))
        let again = try await scene.exported(target: other.url)
        #expect(
          again.manifest.tables[0].parts.map(\.rawSHA256)
            == first.manifest.tables[0].parts.map(\.rawSHA256))
      }
      // Without convoy, gunzip and psql do.
      try scene.execute("CREATE TABLE again (LIKE hostile INCLUDING GENERATED)")
      let columns = first.manifest.tables[0].columns.filter { !$0.isGenerated }
        .map { "\"\($0.name.replacing("\"", with: "\"\""))\"" }.joined(separator: ", ")
      try scene.directory.write("again.sql", "\\copy again (\(columns)) from pstdin")
      let script =
        "gunzip -c \(first.path)/hostile-00000.copy.gz | psql -Xqd '\(scene.database.url)' -f again.sql"
      let read = try await scene.convoy(["--version"], through: ["sh", "-c", script, "sh"])
      #expect(!read.errors.contains("ERROR"), "\(read.errors)")
      #expect(
        try scene.rows("SELECT t::text FROM again t ORDER BY n")
          == scene.rows("SELECT t::text FROM hostile t ORDER BY n"))
    }
  }

  @Test func `values that go back in binary form are those that were there`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        #"""
        CREATE TABLE t (n int GENERATED ALWAYS AS IDENTITY, b boolean, i2 smallint, i4 integer,
          i8 bigint, d numeric(10,6), w numeric(38,0), t text, v varchar, v3 varchar(3), j json,
          jb jsonb, u uuid, tz timestamptz, ts timestamp, g bigint GENERATED ALWAYS AS (i4 * 2) STORED);
        INSERT INTO t (b, i2, i4, i8, d, w, t, v, v3, j, jb, u, tz, ts) VALUES
        (true, -32768, -1073741824, -9223372036854775808, 'NaN', repeat('9', 38)::numeric,
          E'\\N \\. "q" \\t\t\n\r\b\f\x01\x1f\x7f é 漢 😀 \u2028', '', 'abc',
          E'{"a" : 1,\n "a":"\\u00e9\\n"}', '{"a":null,"b":"\u0001\\\"\n","n":1e100,"e":1.10}',
          '00000000-0000-0000-0000-000000000000', 'infinity', '-infinity'),
        (false, 32767, 1073741823, 9223372036854775807, 9999.999999, -1, '\', '\\', '"',
          ' null ', 'null', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '4713-11-24 00:00:00+00 BC',
          '294276-12-31 23:59:59.999999'),
        (NULL, 0, 0, 0, 0, 0, '', 'x', '', '[]', '"s"', '0197602b-2610-8ba4-943a-79171d3c0dc2',
          '0001-12-31 23:59:59.5+00 BC', '2000-02-29 00:00:00.000001'),
        (NULL, 1, 1, 1, -0.000001, 10000, 'n', 'null', '{', '{}', '[{"a":[]}]', NULL,
          '1883-11-18 12:03:58+00', '10000-01-01 00:00:00'),
        (NULL, NULL, NULL, NULL, 0.1, 100000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        INSERT INTO t DEFAULT VALUES
        """#)
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      #expect(BinaryConverter(archive.manifest.tables[0].columns) != nil)
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url, "--schema", "again"])
      #expect(restored.status == 0, "\(restored.errors)")
      #expect(
        try scene.rows("SELECT t::text FROM again.t t ORDER BY n")
          == scene.rows("SELECT t::text FROM t ORDER BY n"))
    }
  }

  @Test func `keys and times of a part are the same in either format`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 1500)
      try scene.writeExport(["noise"], yaml: "partBytes: 512KiB")
      let lines = try await scene.exported()
      try scene.writeExport(["noise"], yaml: "partBytes: 512KiB\nformat: copy")
      let rows = try await scene.exported()
      func ranges(_ archive: ArchiveDirectory) -> [[ArchivedRange?]] {
        archive.manifest.tables[0].parts.map { [$0.keys, $0.times] }
      }
      #expect(ranges(rows) == ranges(lines))
      #expect(ranges(rows).allSatisfy { $0[0] != nil && $0[1] != nil })
      #expect(rows.manifest.tables[0].parts.allSatisfy { !$0.isLinked })
      let told = try await scene.convoy(["archive", "diff", lines.path, rows.path])
      #expect(told.status == 1)
      #expect(told.errors.contains("their rows cannot be compared"))
    }
  }

  @Test func `a conversation is printed alike from either format, but for the server's words`()
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        #"""
        CREATE TABLE exai_sessions (id uuid PRIMARY KEY, continuation_id text, n numeric, b boolean,
          j jsonb, t text, gone text);
        INSERT INTO exai_sessions VALUES ('00000000-0000-4000-8000-000000000001', E'c\\1', 1.50, true,
          '{"a": "x\ty"}', E'\t\\N\n"\x01\x08', NULL)
        """#)
      var printed: [String] = []
      for format in ["jsonl", "copy"] {
        try scene.writeExport(["exai_sessions"], yaml: "format: \(format)")
        let archive = try await scene.exported()
        let ended = try await scene.convoy(["archive", "cat", archive.path, "--session", "c\\1"])
        #expect(ended.status == 0, "\(ended.errors)")
        printed.append(ended.output)
      }
      #expect(
        printed[0].contains(#""n":1.50,"b":true,"j":{"a": "x\ty"},"t":"\t\\N\n\"\u0001\u0008"}"#))
      #expect(printed[0] == printed[1])
    }
  }

  @Test func `a session is one line, with its messages in time and its files`() async throws {
    try await RunScene.with { scene in
      let loaded = try await scene.run("threads", ["\(Checkout.path)/samples/threads"])
      try loaded.expect()
      try scene.execute(
        "INSERT INTO files (filename, storage_path, session_id) SELECT 'f', id::text, id FROM exai_sessions"
      )
      try scene.writeExport(Self.tables, yaml: "format: conversations")
      let archive = try await scene.exported()
      let table = archive.manifest.tables[0]
      #expect(table.parts.map(\.file) == ["conversations-00000.jsonl.gz"])
      #expect("\(table.rows)" == (try scene.value("SELECT count(*) FROM exai_sessions")))
      #expect(table.parts[0].keys != nil && table.parts[0].times != nil)
      var messages = 0
      for line in try scene.lines("exai_sessions", of: archive) {
        let session = try #require(
          try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        let own = try #require(session["messages"] as? [[String: Any]])
        let id = try #require(session["id"] as? String)
        #expect(own.allSatisfy { $0["session_id"] as? String == id })
        let times = own.compactMap { $0["created_at"] as? String }.compactMap(SpecTime.microseconds)
        #expect(times == times.sorted())
        #expect((session["files"] as? [Any])?.count == 1)
        messages += own.count
      }
      #expect("\(messages)" == (try scene.value("SELECT count(*) FROM exai_messages")))
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)
      let refused = try await scene.convoy([
        "archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy",
      ])
      #expect(refused.status == 1)
      #expect(refused.errors.contains("holds conversations to read and to hand over"))
      let id =
        try scene.value("SELECT continuation_id FROM exai_sessions ORDER BY id LIMIT 1") ?? ""
      let printed = try await scene.convoy(["archive", "cat", archive.path, "--session", id])
      #expect(printed.output.split(separator: "\n").count == 1)
      #expect(printed.output.contains("\"messages\":["))
      // A night without a change writes nothing.
      #expect(try await scene.exported().manifest.tables[0].parts.allSatisfy { $0.isLinked })
    }
  }

  @Test(arguments: [
    (["exai_messages"], "conversations are made of exai_sessions"),
    (["exai_sessions", "t"], "t has no session_id"),
  ])
  func `what cannot be put into conversations is refused`(tables: [String], message: String)
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(tables, yaml: "format: conversations")
      let ended = try await scene.export()
      #expect(ended.status == 78)
      #expect(ended.errors.contains(message))
    }
  }
}
