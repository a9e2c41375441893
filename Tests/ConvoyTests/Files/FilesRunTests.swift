internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// Pipelines that store files, in a directory as store.
@Suite struct FilesRunTests {
  @Test func `files become objects and rows of their sessions, once`() async throws {
    try await FilesScene.with { scene in
      try scene.addSessions("s1", "s2")
      try scene.directory.write("up/s1/a.txt", "alpha")
      try scene.directory.write("up/s1/deep/b.txt", "alpha")
      try scene.directory.write("up/s1/empty.md", "")
      try scene.directory.write("up/s2/A.TXT", "alpha")
      try scene.directory.write("up/loose.bin", "loose")
      let first = try await scene.run().expect()
      #expect(first.total.files == .of(inserted: 4, merged: 1))
      #expect(first.rowsWritten == ["files": 4])
      #expect(first.found == ["file.unlinked": 1])
      try scene.expectInStep()
      let (alpha, empty) = (FilesScene.hash("alpha"), FilesScene.hash(""))
      let one = try #require(try scene.scene.value("SELECT md5('s1')::uuid"))
      let two = try #require(try scene.scene.value("SELECT md5('s2')::uuid"))
      #expect(
        Set(try scene.keys()) == [
          "\(one)/\(alpha).txt", "\(one)/\(empty).md", "\(two)/\(alpha).txt",
          "unlinked/\(FilesScene.hash("loose")).bin",
        ])
      let merged = try scene.scene.rows(
        """
        SELECT filename, metadata #>> '{legacy,names}', metadata #>> '{legacy,paths}', mime_type,
          bucket_name, created_at < now()
        FROM files WHERE session_id = md5('s1')::uuid AND file_size = 5
        """)
      #expect(
        merged == [
          [
            "a.txt", #"["a.txt", "b.txt"]"#, #"["up/s1/a.txt", "up/s1/deep/b.txt"]"#, "text/plain",
            "mcp-files", "t",
          ]
        ])

      let before = try scene.rows("t.*::text".replacing("t.*", with: "files"))
      let again = try await scene.run().expect()
      #expect(again.total.files == .of(unchanged: 4, merged: 1))
      #expect(again.rowsWritten == ["files": 0])
      #expect(try scene.rows("files::text") == before)
    }
  }

  @Test func `what is new of a content that is there goes to its row`() async throws {
    try await FilesScene.with { scene in
      try scene.addSessions("s")
      try scene.directory.write("up/s/b.txt", "alpha")
      try await scene.run().expect()
      // In the order of the paths it would be the first now, and its key end otherwise.
      try scene.directory.write("up/s/a.md", "alpha")
      let second = try await scene.run().expect()
      #expect(second.total.files == .of(updated: 1, merged: 1))
      #expect(second.rowsWritten == ["files": 1])
      #expect(
        try scene.rows("filename, metadata #>> '{legacy,names}', right(storage_path, 4)")
          == [["b.txt", #"["b.txt", "a.md"]"#, ".txt"]])
      try scene.expectInStep()
      #expect(try await scene.run().expect().total.files == .of(unchanged: 1, merged: 1))
    }
  }

  @Test func `a manifest says of files what they belong to and more, and wins`() async throws {
    try await FilesScene.with { scene in
      try scene.addSessions("s", "other")
      try scene.directory.write("up/s/a.txt", "a")
      try scene.directory.write("up/b.txt", "b")
      try scene.directory.write("outside.txt", "secret")
      try scene.directory.write("up/s/.env", "KEY=1")
      try FileManager.default.createSymbolicLink(
        atPath: "\(scene.directory.path)/up/way", withDestinationPath: "..")
      try scene.directory.write(
        "m.csv",
        """
        path,continuation_id,tags,metadata
        ./s/a.txt,other,x;y,"{""n"": 1}"
        b.txt,s,,
        b.txt,other,z,
        ../outside.txt,s,,
        \(scene.directory.path)/outside.txt,s,,
        way/outside.txt,s,,
        s/.env,s,,
        gone.txt,s,,
        """)
      let report = try await scene.run("  manifest: m.csv").expect(3)
      #expect(report.total.files == .of(inserted: 3, filtered: 2, rejected: 5))
      #expect(
        report.found == [
          "file.outside": 3, "manifest.unmatched": 2, "file.excluded": 1, "file.not-regular": 1,
        ])
      #expect(
        Set(try scene.rows("filename, session_id = md5('other')::uuid, tags, metadata ->> 'n'"))
          == [
            ["a.txt", "t", "{x,y}", "1"], ["b.txt", "f", "{}", nil], ["b.txt", "t", "{z}", nil],
          ])
      let rejects = try await scene.run("  manifest: m.csv").rejects
      #expect(rejects.map(\.line) == [5, 6, 7, 8, 9])
      #expect(rejects.map(\.kind) == Array(repeating: "file", count: 5))
      #expect(rejects[0].text == "../outside.txt,s,,")
      try scene.expectInStep()
    }
  }

  @Test func `a dry run says the same and writes nothing`() async throws {
    try await FilesScene.with { scene in
      try scene.addSessions("s")
      for name in ["a", "b", "c"] { try scene.directory.write("up/s/\(name).txt", "content") }
      try scene.directory.write("up/s/big.bin", String(repeating: "x", count: 100_000))
      let dry = try await scene.run(options: ["--dry-run"])
      let report = try dry.expect()
      #expect(report.mode == "dry-run")
      #expect(report.total.files == .of(inserted: 2, merged: 2))
      #expect(dry.output.contains("2 objects, 100 kB would be sent; 2 of the same content"))
      #expect(dry.output.contains("uploads  "), "\(dry.output)")
      #expect(try scene.rows("id").isEmpty)
      #expect(try scene.scene.value("SELECT to_regnamespace('convoy')") == nil)
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.directory.path)
      #expect(Set(left).isSubset(of: ["up", "pipeline.yaml", "report", "home"]), "\(left)")
      let home = "\(scene.directory.path)/home"
      #expect(!FileManager.default.fileExists(atPath: home))
      let load = try await scene.run().expect()
      #expect(load.total.files == report.total.files)
      let later = try await scene.run(options: ["--dry-run"])
      #expect(try later.expect().total.files == .of(unchanged: 2, merged: 2))
    }
  }

  @Test func `an object that somebody removed is stored again`() async throws {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      try await scene.run().expect()
      let key = try #require(try scene.keys().first)
      try FileManager.default.removeItem(atPath: "\(scene.directory.path)/objects/\(key)")
      let report = try await scene.run().expect()
      #expect(report.total.files == .of(unchanged: 1))
      #expect(report.found == ["file.object-missing": 1, "file.unlinked": 1])
      try scene.expectInStep()
    }
  }

  @Test func `a second run of the pipeline ends with 75`() async throws {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      let table = try scene.scene.database.connect()
      try table.execute("BEGIN; LOCK TABLE files IN SHARE MODE")
      let first = try await scene.run { _ in
        let waiting = """
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'convoy files' AND wait_event_type = 'Lock'
          """
        while try scene.scene.value(waiting) != "1" {
          try await Task.sleep(for: .milliseconds(5))
        }
        let second = try await scene.run(options: ["--report", "second"])
        #expect(second.status == 75)
        try table.execute("ROLLBACK")
      }
      try first.expect()
    }
  }

  @Test func `what cannot be run is refused with its status`() async throws {
    try await FilesScene.with { scene in
      #expect(try await scene.run().status == 74)
      try scene.directory.write("up/a.txt", "a")
      #expect(try await scene.run(options: ["--restart"]).status == 78)
      let noStore = try await scene.run(options: ["--set", "store={}"])
      #expect(noStore.status == 78)
      #expect(noStore.errors.contains("the target is not local, and no bucket is named"))
      try scene.scene.execute("DROP TABLE files")
      let noTable = try await scene.run()
      #expect(noTable.status == 1)
      #expect(noTable.errors.contains("the target has no table public.files"))
    }
  }
}
