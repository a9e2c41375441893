internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Pipelines whose manifests say what providers were given, and gave back.
@Suite struct FileCacheRunTests {
  private static func uploads(_ scene: FilesScene) throws -> [[String?]] {
    try scene.scene.rows(
      "SELECT filename, metadata ->> 'provider_uploads' FROM files ORDER BY filename")
  }

  @Test func `a file cache is joined by content, and what nobody has is told by name`() async throws
  {
    try await FilesScene.with { scene in
      try scene.addSessions("one", "two")
      try scene.directory.write("up/one/a.txt", "alpha")
      try scene.directory.write("up/two/b.txt", "alpha")
      try scene.directory.write("up/c.txt", "")
      let lost = FilesScene.hash("lost")
      try scene.directory.write(
        "filecache.json",
        """
        {"items": {"\(FilesScene.hash("alpha").uppercased())":
            {"KIMI": {"file_id": "k", "ts": 1759641612.1234567}, "glm": {"file_id": "g", "ts": 1759641612}},
          "\(FilesScene.hash(""))": {"kimi": {"file_id": "e", "ts": 1759641612.5}},
          "\(lost)": {"kimi": {"file_id": "l", "ts": 1}}, "sha256": {"glm": {"file_id": "n", "ts": 1}}}}
        """)
      let ended = try await scene.run("  manifest: filecache.json")
      let report = try ended.expect()
      #expect(report.total.files == .of(inserted: 3))
      #expect(report.found == ["upload.unmatched": 1, "hash.invalid": 1, "file.unlinked": 1])
      #expect(
        report.messages["upload.unmatched"] == ["\(lost) (kimi l): no file here has this content"])
      #expect(report.messages["hash.invalid"] == [#""sha256" is no SHA-256; glm n"#])
      let alpha =
        #"[{"file_id": "k", "provider": "kimi", "uploaded_at": "2025-10-05T05:20:12.123457Z", "#
        + #""written_provider": "KIMI"}, "#
        + #"{"file_id": "g", "provider": "glm", "uploaded_at": "2025-10-05T05:20:12Z"}]"#
      let empty =
        #"[{"file_id": "e", "provider": "kimi", "uploaded_at": "2025-10-05T05:20:12.5Z"}]"#
      #expect(try Self.uploads(scene) == [["a.txt", alpha], ["b.txt", alpha], ["c.txt", empty]])
      #expect(
        try await scene.run("  manifest: filecache.json").expect().total.files == .of(unchanged: 3))
    }
  }

  @Test
  func `what a later cache has is added, and a record that says less goes into one that says all`()
    async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "alpha")
      let hash = FilesScene.hash("alpha")
      try scene.directory.write(
        "1.json", #"{"items": {"\#(hash)": {"unknown": {"file_id": "k"}}}}"#)
      try scene.directory.write(
        "2.json", #"{"items": {"\#(hash)": {"glm": {"file_id": "g"}, "kimi": {"file_id": "h"}}}}"#)
      try scene.directory.write(
        "3.json",
        #"{"items": {"\#(hash)": {"unknown": {"file_id": "k", "note": 1}, "glm": {"file_id": "g"}}}}"#
      )
      try await scene.run("  manifest: 1.json").expect()
      let second = try await scene.run("  manifest: [2.json]").expect()
      #expect(second.total.files == .of(updated: 1))
      let third = try await scene.run("  manifest: 3.json").expect()
      #expect(third.total.files == .of(updated: 1))
      #expect(
        try Self.uploads(scene) == [
          [
            "a.txt",
            #"[{"file_id": "g", "provider": "glm"}, {"file_id": "h", "provider": "kimi"}, "#
              + #"{"note": 1, "file_id": "k", "written_provider": "unknown"}]"#,
          ]
        ])
      let again = try await scene.run("  manifest: [3.json, 2.json, 1.json]").expect()
      #expect(again.total.files == .of(unchanged: 1))
    }
  }

  @Test func `files of a download cache lie under keys of ids, and get names from elsewhere`()
    async throws
  {
    try await FilesScene.with { scene in
      let keys = ["f1", "f2", "gone"].map { FilesScene.hash($0) }
      try scene.directory.write("up/dl/\(keys[0])", "first")
      try scene.directory.write("up/dl/\(keys[1])", "second")
      try scene.directory.write("up/dl/stray", "stray")
      try scene.directory.write("up/plain.md", "plain")
      try scene.directory.write("up/twice/x.txt", "one")
      try scene.directory.write("up/again/x.txt", "two")
      try await scene.database(
        "up/dl/cache.db",
        """
        CREATE TABLE cache_entries (file_id TEXT, cache_key TEXT, file_size INTEGER,
          access_count INTEGER, last_accessed TEXT, cached_at TEXT);
        INSERT INTO cache_entries VALUES
          ('f1', '\(keys[0])', 5, 2, NULL, '2025-10-29 20:07:27'),
          ('f2', '\(keys[1])', 9, 1, NULL, NULL),
          ('gone', '\(keys[2])', 5, 1, NULL, '2025-10-29 20:07:27'),
          ('out', '../plain.md', 5, 1, NULL, NULL);
        """)
      try scene.directory.write(
        "uploads.json",
        """
        [{"filename": "notes.md", "file_id": "f1", "size_bytes": 5, "upload_timestamp": "2025-10-29T10:00:00"},
         {"filename": "plain.md", "file_id": "p", "size_bytes": 5},
         {"filename": "plain.md", "file_id": "q", "size_bytes": 6},
         {"filename": "x.txt", "file_id": "x", "size_bytes": 3}]
        """)
      let ended = try await scene.run(
        "  manifest: [up/dl/cache.db, uploads.json]\n  exclude: [\"*.tmp\"]")
      let report = try ended.expect(3)
      #expect(report.total.files == .of(inserted: 6, filtered: 1, rejected: 2))
      #expect(
        report.found == [
          "cache.unlisted": 1, "manifest.unmatched": 1, "record.shape": 1, "file.excluded": 1,
          "file.record-differs": 1, "upload.unmatched": 2, "file.session-missing": 5,
          "file.unlinked": 1, "time.naive": 3,
        ])
      #expect(try ended.rejects.map(\.line).sorted() == [3, 4])
      let rows = try scene.scene.rows(
        """
        SELECT filename, metadata ->> 'provider_uploads', metadata ->> 'recorded',
          metadata #>> '{download_cache,0,access_count}'
        FROM files WHERE filename !~ '^x' ORDER BY convert_to(filename, 'UTF8')
        """)
      var expected: [[String?]] = [
        [keys[1], #"[{"file_id": "f2"}]"#, #"[{"size": 9}]"#, "1"],
        [
          "notes.md",
          #"[{"file_id": "f1", "filename": "notes.md", "size_bytes": 5, "uploaded_at": "2025-10-29T10:00:00Z"}]"#,
          nil, "2",
        ],
        ["plain.md", #"[{"file_id": "p", "filename": "plain.md", "size_bytes": 5}]"#, nil, nil],
        ["stray", nil, nil, nil],
      ]
      expected.sort { ($0[0] ?? "") < ($1[0] ?? "") }
      #expect(rows == expected)
      #expect(
        try scene.scene.value(
          "SELECT created_at AT TIME ZONE 'UTC' FROM files WHERE filename = 'notes.md'")
          == "2025-10-29 20:07:27")
      try scene.expectInStep()
    }
  }
}
