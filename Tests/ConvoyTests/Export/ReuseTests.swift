internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct ReuseTests {
  private static func inode(_ path: String) throws -> UInt64 {
    try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64)
  }

  @Test func `what did not change is stored once, and every night is a whole archive`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "partBytes: 1MiB")
      let first = try await scene.exported()
      let parts = first.manifest.tables[0].parts
      try #require(parts.count > 2)
      #expect(!parts.contains { $0.isLinked })
      let second = try await scene.exported()
      #expect(second.manifest.tables[0].parts.allSatisfy { $0.isLinked })
      for part in parts {
        #expect(try Self.inode(first.path(of: part)) == Self.inode(second.path(of: part)))
      }
      // A row that moves to the end, and one that is taken away from the middle.
      try scene.execute(
        """
        UPDATE noise SET noise = 'changed' WHERE ctid = (SELECT max(ctid) FROM noise);
        DELETE FROM noise WHERE ctid = '(140,1)'
        """)
      let third = try await scene.exported()
      let linked = third.manifest.tables[0].parts.count(where: \.isLinked)
      #expect(linked == third.manifest.tables[0].parts.count - 2)
      // Nothing hangs on the earlier archives.
      for archive in [first, second] {
        try FileManager.default.removeItem(atPath: archive.path)
      }
      #expect(try await scene.damages(third.path).isEmpty)
      #expect(try scene.lines("noise", of: third).count == 2999)
    }
  }

  @Test func `a part that grows keeps the members it had`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"])
      let first = try await scene.exported()
      try scene.execute("INSERT INTO noise VALUES ('00000000-0000-0000-0000-000000000000')")
      let second = try await scene.exported()
      let (before, after) = (first.manifest.tables[0].parts[0], second.manifest.tables[0].parts[0])
      #expect(!after.isLinked)
      #expect(before.members.count > 2)
      #expect(before.members.dropLast() == after.members.dropLast())
      #expect(after.rows == before.rows + 1)
      #expect(try await scene.damages(second.path).isEmpty)
    }
  }

  @Test func `nothing is taken over from a part that is damaged`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 300)
      try scene.writeExport(["noise"])
      let first = try await scene.exported()
      let name = "archives/\(first.name)/noise-00000.jsonl.gz"
      var bytes = try scene.directory.read(name)
      bytes[bytes.count / 2] ^= 4
      try scene.directory.write(name, bytes)
      let ended = try await scene.export()
      #expect(ended.status == 0)
      #expect(ended.errors.contains("noise-00000.jsonl.gz: damaged; nothing of it is taken over"))
      let newest = try #require(try scene.root.names().last)
      #expect(try await scene.damages(scene.root.path(of: newest)).isEmpty)
    }
  }

  @Test func `differences between two nights are counted by rows`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        "CREATE TABLE t (a int, b text); INSERT INTO t SELECT n, 'x' FROM generate_series(1, 100) n"
      )
      try scene.writeExport(["t", "exai_sessions"])
      let first = try await scene.exported()
      try scene.execute(
        """
        INSERT INTO t SELECT n, 'y' FROM generate_series(101, 103) n;
        DELETE FROM t WHERE a <= 2; UPDATE t SET b = 'z' WHERE a = 50;
        ALTER TABLE t ADD c int
        """)
      let second = try await scene.exported()
      let told = try await scene.convoy(["archive", "diff", first.path, second.path])
      #expect(told.status == 0)
      #expect(
        told.output == """
          t: 100 → 101 rows, 4 added, 3 removed
            columns: a integer, b text became a integer, b text, c integer
          exai_sessions: 0 → 0 rows, the same

          """)
    }
  }

  @Test func `a dry run says what would be done and does nothing`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "partBytes: 1MiB\nkeep: {last: 1}")
      let before = try await scene.export(options: ["--dry-run"])
      #expect(before.status == 0)
      #expect(before.output.contains("reuse    nothing"))
      #expect(try scene.root.names().isEmpty)
      let archive = try await scene.exported()
      let after = try await scene.export(options: ["--dry-run"])
      let count = archive.manifest.tables[0].parts.count
      #expect(after.output.contains("up to \(count) parts of \(archive.name)"))
      #expect(after.output.contains("would remove \(archive.name)"))
      #expect(try scene.root.names() == [archive.name])
    }
  }

  @Test func `archives that no rule keeps go behind the next one`() async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "keep: {last: 2}")
      for _ in 0..<4 { _ = try await scene.exported() }
      #expect(try scene.root.names().count == 2)
      let pruned = try await scene.convoy(
        ["archive", "prune", "archives", "--keep-last", "1", "--dry-run"])
      #expect(pruned.output == "would remove \(try scene.root.names()[0])\n")
      let done = try await scene.convoy(["archive", "prune", "archives", "--keep-last", "1"])
      #expect(done.status == 0)
      #expect(try scene.root.names().count == 1)
    }
  }
}
