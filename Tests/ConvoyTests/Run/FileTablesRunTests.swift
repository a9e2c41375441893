internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct FileTablesRunTests {
  private static let stored = """
    SELECT s.continuation_id, f.filename, f.bucket_name, f.file_size, f.mime_type,
      (f.created_at AT TIME ZONE 'UTC')::text, f.storage_path = concat(
        coalesce(f.session_id::text, 'unlinked'), '/', f.file_hash, substring(f.filename FROM '[.].*')),
      f.metadata -> 'provider_uploads' -> 0 ->> 'provider_file_id', f.metadata ->> 'original_path'
    FROM files f LEFT JOIN exai_sessions s ON s.id = f.session_id
    ORDER BY 1, 2
    """

  @Test func `files become rows of each conversation that has them, with hashes of their bytes`()
    async throws
  {
    try await FamilyDump.with { scene in
      let report = try await FamilyDump.run(scene).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.files == .of(inserted: 4))
      #expect(
        report.found == ["session.empty": 2, "file.differs": 1, "file.session-missing": 1])
      #expect(
        try scene.rows(Self.stored) == [
          [
            "c-1", "notes.txt", "mcp-files", "12", "text/plain", "2025-10-23 08:00:00.25", "t",
            "g-7", #"C:\Project\notes.txt"#,
          ],
          [
            "c-2", "notes.txt", "mcp-files", "12", "text/plain", "2025-10-23 08:00:00.25", "t",
            "g-7", #"C:\Project\notes.txt"#,
          ],
          [
            "c-2", "plan", "mcp-files", "12", "text/x-plan", "2025-10-23 09:00:00", "t", "abc", nil,
          ],
          [
            nil, "late.md", "mcp-files", "4", "text/markdown", "2025-10-23 10:00:00", "t", nil, nil,
          ],
        ])
      let sum = try #require(
        try scene.value("SELECT file_hash FROM files WHERE filename = 'notes.txt' LIMIT 1"))
      #expect(
        try scene.value(
          "SELECT metadata #> '{legacy,files,0}' FROM files WHERE filename = 'plan'")
          == #"{"id": "\#(FamilyDump.file(2))", "bucket": "generated-files", "sha256": "\#(sum)", "metadata": {}, "provider": "kimi", "file_type": "generated", "mime_type": "text/x-plan", "created_at": "2025-10-23 09:00:00+00", "size_bytes": "99", "storage_path": "kimi-uploads/abc", "original_name": "plan", "provider_file_id": "abc"}"#
      )
      let before = try scene.rows("SELECT f::text FROM files f ORDER BY 1")
      for options in [["--dry-run"], [], ["--restart"]] {
        let again = try await FamilyDump.run(scene, options).expect()
        #expect(again.total.files == .of(unchanged: 4))
      }
      #expect(try scene.rows("SELECT f::text FROM files f ORDER BY 1") == before)
      let verified = try await scene.convoy(
        ["files", "verify", "--read", "--target", scene.database.url, "--store", "objects"])
      #expect(verified.status == 0, "\(verified.errors)")
      // The conversation that was missing comes, in another dump.
      try scene.directory.write(
        "late.sql",
        "INSERT INTO conversations (id, continuation_id) VALUES ('\(FamilyDump.conversation(9))', 'c-9');"
      )
      let both = try await scene.run("messages-dump", ["d.sql", "late.sql"], yaml: FamilyDump.yaml)
        .expect()
      #expect(both.total.files == .of(updated: 1, unchanged: 3))
      #expect(
        try scene.value(
          "SELECT s.continuation_id FROM files f JOIN exai_sessions s ON s.id = session_id WHERE filename = 'late.md'"
        ) == "c-9")
    }
  }

  @Test func `a dry run says of files what the load does`() async throws {
    try await FamilyDump.with { scene in
      let judged = try await FamilyDump.run(scene, ["--dry-run"]).expect()
      #expect(judged.total.files == .of(inserted: 4))
      #expect(try scene.value("SELECT count(*) FROM files") == "0")
      let loaded = try await FamilyDump.run(scene).expect()
      #expect(loaded.total == judged.total)
      #expect(loaded.found == judged.found)
    }
  }

  @Test func `rows whose bytes are not there, and rows about no file, are rejected as they stood`()
    async throws
  {
    try await FamilyDump.with { sum in
      FamilyDump.conversations + FamilyDump.files(sum: sum)
        + """
        INSERT INTO conversation_files (conversation_id, file_id) VALUES ('\(FamilyDump.conversation(1))', 'none');
        INSERT INTO provider_file_uploads (provider_name, file_id, file_hash) VALUES ('kimi', 'lost', 'ff');
        INSERT INTO files (id, storage_path, original_name) VALUES ('x', now(), 'a');

        """
    } _: { scene in
      try FileManager.default.removeItem(atPath: "\(scene.directory.path)/bytes/kimi-uploads")
      let run = try await FamilyDump.run(scene)
      let report = try run.expect(3)
      #expect(report.total.files == .of(inserted: 2, rejected: 4))
      #expect(report.found["file.absent"] == 3)
      #expect(report.found["record.shape"] == 1)
      #expect(report.found["file.unlinked"] == 2)
      let texts = Set(try run.rejects.compactMap(\.text))
      #expect(
        texts.contains(
          "INSERT INTO conversation_files (conversation_id, file_id) VALUES ('\(FamilyDump.conversation(1))', 'none');\n"
        ))
      #expect(
        texts.contains(
          "INSERT INTO provider_file_uploads (provider_name, file_id, file_hash) VALUES ('kimi', 'lost', 'ff');\n"
        ))
      #expect(
        texts.contains {
          $0.hasPrefix("COPY public.files (") && $0.contains("kimi-uploads/abc")
        })
      // Once the bytes are there the same dump brings the rest.
      try scene.directory.write("bytes/generated-files/kimi-uploads/abc", "content of b")
      let again = try await FamilyDump.run(scene).expect(3)
      #expect(again.total.files == .of(inserted: 1, unchanged: 2, rejected: 3))
    }
  }

  @Test func `without attach the tables of files are passed over by name`() async throws {
    try await FamilyDump.with { scene in
      let report = try await FamilyDump.run(scene, yaml: "").expect()
      #expect(report.total.files == .of())
      #expect(report.found == ["session.empty": 2, "table.skipped": 3])
      #expect(try scene.value("SELECT count(*) FROM files") == "0")
    }
  }

  @Test func `a file in two dumps is one, and so are a conversation's files of the same bytes`()
    async throws
  {
    try await FamilyDump.with { sum in
      let files = FamilyDump.files(sum: sum)
      return FamilyDump.conversations + FamilyDump.links + files + files
        + """
        INSERT INTO files (id, storage_path, original_name) VALUES
          ('\(FamilyDump.file(4))', 'contexts/c-1/copy of notes.txt', 'copy of notes.txt');
        INSERT INTO conversation_files (conversation_id, file_id) VALUES
          ('\(FamilyDump.conversation(1))', '\(FamilyDump.file(4))');

        """
    } _: { scene in
      try scene.directory.write("bytes/contexts/c-1/copy of notes.txt", "content of a")
      let report = try await FamilyDump.run(scene).expect()
      #expect(report.total.files == .of(inserted: 4, merged: 4))
      #expect(
        try scene.rows(
          """
          SELECT jsonb_array_length(f.metadata #> '{legacy,files}'), f.metadata #>> '{legacy,names}'
          FROM files f JOIN exai_sessions s ON s.id = session_id WHERE continuation_id = 'c-1'
          """) == [["2", #"["notes.txt", "copy of notes.txt"]"#]])
      let again = try await FamilyDump.run(scene).expect()
      #expect(again.total.files == .of(unchanged: 4, merged: 4))
    }
  }
}
