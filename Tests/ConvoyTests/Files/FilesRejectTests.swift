internal import Pipeline
internal import TestSupport
internal import Testing

/// Files that are not stored, while the rest is.
@Suite struct FilesRejectTests {
  @Test func `a file that cannot be read is a reject, and the rest goes on`() async throws {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      // Its own memory begins with a page that no program has; no rights are asked for that.
      let options = ["--input", "up", "--input", "/proc/self/mem"]
      let ended = try await scene.run(options: options)
      #expect(try ended.expect(3).total.files == .of(inserted: 1, rejected: 1))
      let rejects = try ended.rejects
      #expect(rejects.map(\.rule) == ["file.unreadable"])
      #expect(rejects.map(\.file) == ["/proc/self/mem"])
      try scene.expectInStep()
    }
  }

  @Test func `a row the target refuses is a reject, and its object goes again`() async throws {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      try scene.directory.write("up/bad.txt", "bad")
      try scene.directory.write("up/bad copy.txt", "bad")
      try scene.scene.execute("ALTER TABLE files ADD CHECK (file_size <> 3)")
      let ended = try await scene.run()
      let report = try ended.expect(3)
      #expect(report.total.files == .of(inserted: 1, rejected: 2))
      #expect(try ended.rejects.map(\.rule) == ["row.refused"])
      #expect(try ended.rejects.map(\.sqlstate) == ["23514"])
      try scene.expectInStep()
    }
  }

  @Test func `names no upload should hold are left out and counted`() async throws {
    try await FilesScene.with { scene in
      for name in [
        ".env", "id_rsa", "server.pem", "x.TMP", "kept.txt", ".git/config", "node_modules/m.js",
      ] {
        try scene.directory.write("up/\(name)", "x\(name)")
      }
      let report = try await scene.run("  exclude: [\"*.tmp\"]").expect()
      #expect(report.total.files == .of(inserted: 1, filtered: 4))
      #expect(report.found == ["file.excluded": 6, "file.unlinked": 1])
      #expect(try scene.rows("filename") == [["kept.txt"]])
    }
  }

  @Test func `a name that is not UTF-8 is a reject, and the rest goes on`() async throws {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      try scene.directory.write("make", "touch \"$(printf 'up/b\\377.txt')\"\n")
      _ = try await CheckoutProgram.run("/bin/sh", ["-c", "cd \(scene.directory.path) && sh make"])
      let ended = try await scene.run()
      let report = try ended.expect(3)
      #expect(report.total.files == .of(inserted: 1, rejected: 1))
      #expect(report.found["file.unnamed"] == 1)
      let rejects = try ended.rejects
      #expect(rejects.map(\.file) == [#"up/b\xff.txt"#])
      #expect(rejects.map(\.bytes) == [Array("up/b".utf8) + [0xFF] + Array(".txt".utf8)])
    }
  }
}
