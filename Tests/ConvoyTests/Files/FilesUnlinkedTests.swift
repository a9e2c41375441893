internal import Pipeline
internal import TestSupport
internal import Testing

/// Files whose sessions come after them.
@Suite struct FilesUnlinkedTests {
  @Test func `a session that is not there leaves its files without one, until it is`() async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/late/a.txt", "a")
      let first = try await scene.run().expect()
      #expect(first.total.files == .of(inserted: 1))
      #expect(first.found == ["file.session-missing": 1])
      #expect(
        try scene.rows("session_id, metadata #>> '{legacy,continuation_ids}'")
          == [[nil, #"["late"]"#]])
      try scene.addSessions("late")
      try scene.scene.execute("UPDATE files SET metadata = metadata || '{\"note\": 1}'")
      let dry = try await scene.run(options: ["--dry-run"]).expect()
      #expect(dry.total.files == .of(updated: 1))
      let second = try await scene.run().expect()
      #expect(second.total.files == .of(updated: 1))
      #expect(second.rowsWritten == ["files": 1])
      #expect(
        try scene.rows(
          "session_id = md5('late')::uuid, metadata #>> '{legacy,continuation_ids}', metadata ->> 'note'"
        ) == [["t", nil, "1"]])
      let session = try #require(try scene.scene.value("SELECT md5('late')::uuid"))
      #expect(try scene.keys() == ["\(session)/\(FilesScene.hash("a")).txt"])
      try scene.expectInStep()
      #expect(try await scene.run().expect().total.files == .of(unchanged: 1))
    }
  }

  @Test func `a row without a session goes over when all it tells of has one`() async throws {
    try await FilesScene.with { scene in
      for name in ["up/one/a.txt", "up/two/b.txt"] { try scene.directory.write(name, "x") }
      #expect(try await scene.run().expect().total.files == .of(inserted: 1, merged: 1))
      try scene.addSessions("one")
      let first = try await scene.run().expect()
      #expect(first.total.files == .of(inserted: 1, unchanged: 1))
      try scene.addSessions("two")
      let second = try await scene.run().expect()
      #expect(second.total.files == .of(updated: 1, unchanged: 1))
      let rows = try scene.scene.rows(
        """
        SELECT s.continuation_id, f.filename, f.metadata #>> '{legacy,paths}'
        FROM files f JOIN exai_sessions s ON s.id = f.session_id ORDER BY 1
        """)
      #expect(
        rows == [
          ["one", "a.txt", #"["up/one/a.txt"]"#], ["two", "b.txt", #"["up/two/b.txt"]"#],
        ])
      try scene.expectInStep()
      #expect(try scene.keys().count == 2)
    }
  }

  @Test func `a row that tells of a file of no session too stays without one`() async throws {
    try await FilesScene.with { scene in
      for name in ["up/late/a.txt", "up/loose.txt"] { try scene.directory.write(name, "x") }
      #expect(try await scene.run().expect().total.files == .of(inserted: 1, merged: 1))
      try scene.addSessions("late")
      // Not even when this run does not see that file.
      let second = try await scene.run("  exclude: [loose.txt]").expect()
      #expect(second.total.files == .of(inserted: 1, filtered: 1))
      #expect(try await scene.run().expect().total.files == .of(unchanged: 2))
      #expect(Set(try scene.rows("session_id IS NULL")) == [["t"], ["f"]])
      try scene.expectInStep()
    }
  }

  @Test func `a row that cannot go over is a reject, and its file stays where it is`() async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/late/a.txt", "a")
      try await scene.run().expect()
      try scene.addSessions("late")
      try scene.scene.execute("ALTER TABLE files ADD CHECK (session_id IS NULL)")
      let ended = try await scene.run()
      #expect(try ended.expect(3).total.files == .of(rejected: 1))
      #expect(try ended.rejects.map(\.sqlstate) == ["23514"])
      #expect(try scene.rows("session_id") == [[nil]])
      try scene.expectInStep()
    }
  }
}
