internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Pipelines whose manifest is a file registry in SQLite.
@Suite struct RegistryRunTests {
  private static let columns =
    "absolute_path, original_name, size, upload_timestamp, checksum, tags, custom_metadata"

  /// Makes a registry below the scene's directory; `rows` are values of ``columns``.
  private static func write(
    _ scene: FilesScene, _ name: String, _ rows: String..., script: String = ""
  ) async throws {
    try await scene.database(
      name,
      """
      CREATE TABLE files (
        id INTEGER PRIMARY KEY, absolute_path TEXT, original_name TEXT, size INTEGER,
        upload_timestamp TEXT, checksum TEXT, tags TEXT, custom_metadata TEXT);
      \(rows.map { "INSERT INTO files (\(columns)) VALUES (\($0));" }.joined(separator: "\n"))
      \(script)
      """)
  }

  private static let yaml = """
      manifest: up/file_registry.db
      map: {"C:/Project": up, /app: up}
      timeZone: Australia/Melbourne
    """

  private static let alpha = "2c1743a391305fbf367df8e4f069f9f9"

  @Test func `a registry says of files what they were called, where, when and with which MD5`()
    async throws
  {
    try await FilesScene.with { scene in
      try scene.addSessions("s")
      try scene.directory.write("up/s/a.txt", "alpha")
      try scene.directory.write("up/s/empty", "")
      try await Self.write(
        scene, "up/file_registry.db",
        #"'C:\Project\S\A.TXT', 'In the morning.txt', 5, '2025-11-15T20:57:50.789703', '\#(Self.alpha.uppercased())', '["x", "y"]', '{"n": [1]}'"#,
        #"'/app/s/empty', 'empty', 0, '2025-07-01T00:00:00', 'd41d8cd98f00b204e9800998ecf8427e', '[]', '{}'"#
      )
      let dry = try await scene.run(Self.yaml, options: ["--dry-run"]).expect()
      let report = try await scene.run(Self.yaml).expect()
      #expect(report.total.files == .of(inserted: 2, filtered: 1))
      #expect(dry.total.files == report.total.files)
      #expect(report.found == ["file.excluded": 1, "time.naive": 2])
      #expect(dry.found == report.found)
      let rows = try scene.scene.rows(
        """
        SELECT filename, tags, created_at AT TIME ZONE 'UTC', file_hash, metadata ->> 'md5',
          metadata ->> 'original_path', metadata #>> '{registry,0,custom_metadata}',
          metadata #>> '{registry,0,size}', jsonb_array_length(metadata -> 'registry'),
          metadata #>> '{legacy,names}', metadata #>> '{legacy,paths}', metadata -> 'recorded'
        FROM files WHERE session_id = md5('s')::uuid ORDER BY file_size DESC
        """)
      #expect(
        rows == [
          [
            "In the morning.txt", "{x,y}", "2025-11-15 09:57:50.789703", FilesScene.hash("alpha"),
            Self.alpha, #"C:\Project\S\A.TXT"#, #"{"n": [1]}"#, "5", "1",
            #"["In the morning.txt"]"#, #"["up/s/a.txt"]"#, nil,
          ],
          [
            "empty", "{}", "2025-06-30 14:00:00", FilesScene.hash(""),
            "d41d8cd98f00b204e9800998ecf8427e", "/app/s/empty", "{}", "0", "1", #"["empty"]"#,
            #"["up/s/empty"]"#, nil,
          ],
        ])
      try scene.expectInStep()
      let before = try scene.rows("files::text")
      let again = try await scene.run(Self.yaml).expect()
      #expect(again.total.files == .of(unchanged: 2, filtered: 1))
      #expect(try scene.rows("files::text") == before)
    }
  }

  @Test
  func `what the registry and the bytes disagree on is counted, and no hash but SHA-256 is one`()
    async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/md5.txt", "alpha")
      try scene.directory.write("up/size.txt", "beta")
      try scene.directory.write("up/sha.txt", "gamma")
      try scene.directory.write("up/odd.txt", "delta")
      let sha = FilesScene.hash("other")
      try await Self.write(
        scene, "up/file_registry.db",
        "'/app/md5.txt', NULL, 5, NULL, '00000000000000000000000000000000', NULL, NULL",
        "'/app/size.txt', NULL, 7, NULL, '\(Self.alpha)', NULL, NULL",
        "'/app/sha.txt', NULL, NULL, NULL, '\(sha)', NULL, NULL",
        "'/app/odd.txt', NULL, 5, 'soon', 'md5', NULL, NULL")
      let ended = try await scene.run(Self.yaml)
      let report = try ended.expect()
      #expect(report.total.files == .of(inserted: 4, filtered: 1))
      #expect(
        report.found == [
          "file.record-differs": 3, "hash.invalid": 1, "time.missing": 1, "file.excluded": 1,
          "file.unlinked": 4,
        ])
      let rows = try scene.scene.rows(
        """
        SELECT filename, file_hash, metadata ->> 'md5', metadata ->> 'recorded',
          metadata #>> '{registry,0,checksum}'
        FROM files ORDER BY 1
        """)
      let zeros = String(repeating: "0", count: 32)
      #expect(
        rows == [
          ["md5.txt", FilesScene.hash("alpha"), nil, #"[{"md5": "\#(zeros)"}]"#, zeros],
          ["odd.txt", FilesScene.hash("delta"), nil, nil, "md5"],
          ["sha.txt", FilesScene.hash("gamma"), nil, #"[{"sha256": "\#(sha)"}]"#, sha],
          [
            "size.txt", FilesScene.hash("beta"), nil,
            #"[{"md5": "\#(Self.alpha)", "size": 7}]"#, Self.alpha,
          ],
        ])
      #expect(try await scene.run(Self.yaml).expect().total.files == .of(unchanged: 4, filtered: 1))
    }
  }

  @Test func `an entry whose file is not there, or outside, is a reject with its row`() async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      try scene.directory.write("up/A.txt", "b")
      try scene.directory.write("outside.txt", "secret")
      try FileManager.default.createSymbolicLink(
        atPath: "\(scene.directory.path)/up/way", withDestinationPath: "..")
      try await Self.write(
        scene, "registry.db",
        "'/app/gone.txt', NULL, NULL, NULL, NULL, NULL, NULL",
        "'/app/../outside.txt', NULL, NULL, NULL, NULL, NULL, NULL",
        "'\(scene.directory.path)/outside.txt', NULL, NULL, NULL, NULL, NULL, NULL",
        "'/app/way/outside.txt', NULL, NULL, NULL, NULL, NULL, NULL",
        #"'C:\Project\a.TXT', NULL, NULL, NULL, NULL, NULL, NULL"#,
        "NULL, 'nameless', NULL, NULL, NULL, NULL, NULL",
        #"'\\server\share\a.txt', NULL, NULL, NULL, NULL, NULL, NULL"#)
      let yaml = "  manifest: registry.db\n  map: {\"C:/Project\": up, /app: up}"
      let ended = try await scene.run(yaml)
      let report = try ended.expect(3)
      #expect(report.total.files == .of(inserted: 2, filtered: 1, rejected: 7))
      let rejects = try ended.rejects
      #expect(
        rejects.map { "\($0.line) \($0.rule)" }.sorted() == [
          "1 manifest.unmatched", "2 file.outside", "3 file.outside", "4 file.outside",
          "5 manifest.unmatched", "6 record.shape", "7 file.outside",
        ])
      let outside = rejects.filter { $0.rule == "file.outside" }.sorted { $0.line < $1.line }
      #expect(
        outside.map(\.message).enumerated().filter { $0.offset != 1 }.map(\.element) == [
          "/app/../outside.txt is below no root, and no key of files.map, such as /outside.txt, says where it is now",
          "/app/way/outside.txt leads out of the roots, and is not read",
          #"\\server\share\a.txt is below no root, and no key of files.map, such as /server, says where it is now"#,
        ])
      #expect(
        rejects.first { $0.line == 6 }?.text?.contains(#""original_name":"nameless""#) == true)
      #expect(try scene.rows("filename").count == 2)
    }
  }

  @Test func `what only the log beside the registry has is read, and neither is stored or changed`()
    async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "alpha")
      try await Self.write(
        scene, "live.db",
        script: """
          PRAGMA journal_mode = WAL;
          INSERT INTO files (absolute_path, original_name, checksum)
            VALUES ('/app/a.txt', 'from the log', '\(Self.alpha)');
          .shell cp live.db up/file_registry.db; cp live.db-wal up/file_registry.db-wal
          """)
      let log = try scene.directory.read("up/file_registry.db-wal")
      #expect(!log.isEmpty)
      let report = try await scene.run(Self.yaml).expect()
      #expect(report.total.files == .of(inserted: 1, filtered: 2))
      #expect(try scene.rows("filename, metadata ->> 'md5'") == [["from the log", Self.alpha]])
      #expect(try scene.directory.read("up/file_registry.db-wal") == log)
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.directory.path + "/up")
      #expect(Set(left) == ["a.txt", "file_registry.db", "file_registry.db-wal"])
      let reports = try FileManager.default.contentsOfDirectory(
        atPath: scene.directory.path + "/report")
      #expect(!reports.contains { $0.hasPrefix(".convoy") }, "\(reports)")
    }
  }

  @Test func `a registry that cannot be read ends the run before anything is stored`() async throws
  {
    try await FilesScene.with { scene in
      try scene.directory.write("up/a.txt", "a")
      try await scene.database("other.db", "CREATE TABLE t (a);")
      let other = try await scene.run("  manifest: other.db")
      #expect(other.status == 74)
      #expect(other.errors.contains("other.db: a database without a table files or cache_entries"))
      try scene.directory.write("cut.db", Array(try scene.directory.read("other.db").prefix(100)))
      let cut = try await scene.run("  manifest: cut.db")
      #expect(cut.status == 74)
      #expect(cut.errors.contains("cut.db: a damaged SQLite database"))
      let missing = try await scene.run("  manifest: [other.db, missing.db]")
      #expect(missing.status == 74)
      let outside = try await scene.run("  map: {/app: elsewhere}")
      #expect(outside.status == 78)
      #expect(outside.errors.contains("files.map: elsewhere is below none of files.roots"))
      #expect(try scene.rows("filename").isEmpty)
    }
  }
}
