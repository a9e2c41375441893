internal import Pipeline
internal import TestSupport
internal import Testing

/// Messages that name files of the later tables in `metadata.file_ids`.
@Suite struct FileCitationRunTests {
  private static func message(_ number: Int) -> String {
    "00000000-0000-4000-8002-00000000000\(number)"
  }

  private static func row(
    _ number: Int, _ conversation: Int, _ role: String, citing ids: String, at second: Int,
    _ content: String
  ) -> String {
    "\(message(number))\t\(FamilyDump.conversation(conversation))\t\(role)\t\(content)\t"
      + #"{"file_ids": [\#(ids)]}"# + "\t2025-10-24 10:00:0\(second)+00\n"
  }

  private static func id(_ file: Int) -> String { "\"\(FamilyDump.file(file))\"" }

  /// The first conversation cites a file it has and one it has not, by both of its names; the second has an
  /// answer of two writers, one who cites no row, and one that is refused.
  private static let messages =
    "COPY messages (id, conversation_id, role, content, metadata, created_at) FROM stdin;\n"
    + row(1, 1, "user", citing: id(1), at: 0, "What do the notes say?")
    + row(2, 1, "assistant", citing: "\(id(2)), \"abc\"", at: 1, "That there is a plan.")
    + row(3, 2, "user", citing: "\(id(2)), \"none\", null, 7", at: 0, "Is it late?")
    + row(4, 2, "assistant", citing: "", at: 1, "It is.")
    + row(5, 2, "assistant", citing: id(3), at: 1, "It is.")
    + row(6, 2, "robot", citing: id(1), at: 2, "Beep.")
    + "\\.\n\n"

  private static let stored = """
    SELECT s.continuation_id, f.filename, f.metadata ->> 'messages'
    FROM files f LEFT JOIN exai_sessions s ON s.id = f.session_id
    ORDER BY 1, 2
    """

  private static let expected: [[String?]] = [
    ["c-1", "notes.txt", #"["\#(message(1))"]"#],
    ["c-1", "plan", #"["\#(message(2))"]"#],
    ["c-2", "late.md", #"["\#(message(4))"]"#],
    ["c-2", "notes.txt", nil],
    ["c-2", "plan", #"["\#(message(3))"]"#],
    [nil, "late.md", nil],
  ]

  private static let tables = FamilyDump.conversations + FamilyDump.links

  @Test(arguments: [true, false])
  func `a file's row names the messages that cite it, in either order of the tables`(
    isFilesFirst: Bool
  ) async throws {
    try await FamilyDump.with { sum in
      let files = FamilyDump.files(sum: sum)
      return Self.tables + (isFilesFirst ? files + Self.messages : Self.messages + files)
    } _: { scene in
      let judged = try await FamilyDump.run(scene, ["--dry-run"]).expect(3)
      let report = try await FamilyDump.run(scene).expect(3)
      #expect(report.total == judged.total)
      #expect(report.found == judged.found)
      #expect(report.total.files == .of(inserted: 6))
      #expect(report.total.messages == .of(inserted: 4, merged: 1, rejected: 1))
      #expect(
        report.messages["file.missing"]
          == [#"1 ids are those of no row of files, the first "none""#])
      #expect(try scene.rows(Self.stored) == Self.expected)
      #expect(
        try scene.value(
          "SELECT metadata ->> 'file_ids' FROM exai_messages WHERE content = 'Is it late?'")
          == #"["\#(FamilyDump.file(2))", "none", null, 7]"#)
      let again = try await FamilyDump.run(scene, ["--restart"]).expect(3)
      #expect(again.total.files == .of(unchanged: 6))
      #expect(try scene.rows(Self.stored) == Self.expected)
    }
  }

  @Test func `messages loaded before their files were are named by them once these come`()
    async throws
  {
    try await FamilyDump.with { sum in
      Self.tables + Self.messages + FamilyDump.files(sum: sum)
    } _: { scene in
      _ = try await FamilyDump.run(scene, yaml: "").expect(3)
      #expect(try scene.value("SELECT count(*) FROM files") == "0")
      let report = try await FamilyDump.run(scene).expect(3)
      #expect(report.total.messages == .of(unchanged: 4, merged: 1, rejected: 1))
      #expect(report.total.files == .of(inserted: 6))
      #expect(try scene.rows(Self.stored) == Self.expected)
    }
  }

  @Test func `without rows of files the ids of a message stay where they were`() async throws {
    try await FamilyDump.with { _ in
      Self.tables + Self.messages
    } _: { scene in
      let report = try await FamilyDump.run(scene).expect(3)
      #expect(report.found["file.missing"] == nil)
      #expect(report.total.files == .of(rejected: 5))
    }
  }

  @Test func `messages of live tables are named by the files they cite`() async throws {
    try await FamilyDump.with { scene in
      try scene.execute(
        """
        CREATE SCHEMA later;
        CREATE TABLE later.conversations (id uuid, continuation_id text, title text);
        CREATE TABLE later.messages (id uuid, conversation_id uuid, role text, content text,
          metadata jsonb, created_at timestamptz);
        CREATE TABLE later.files (id uuid, storage_path text, original_name text, file_type text);
        INSERT INTO later.conversations VALUES ('\(FamilyDump.conversation(1))', 'c-1', 'One');
        INSERT INTO later.messages VALUES ('\(Self.message(1))', '\(FamilyDump.conversation(1))',
          'user', 'What do the notes say?', '{"file_ids": [\(Self.id(1))]}', '2025-10-24 10:00+00');
        INSERT INTO later.files VALUES
          ('\(FamilyDump.file(1))', 'contexts/c-1/notes.txt', 'notes.txt', 'user_upload');
        """)
      let yaml =
        FamilyDump.yaml + """

          load: {target: \(scene.database.url)}
          """
      try scene.directory.write(
        "pipeline.yaml",
        """
        source: {format: messages-dump, database: "\(scene.database.url)",
          tables: [later.conversations, later.messages, later.files]}
        \(yaml)
        """)
      for files in [Counts.of(inserted: 1), .of(unchanged: 1)] {
        let ended = try await scene.convoy(["run", "pipeline.yaml", "--report", "report"])
        let report = try RunOutcome(ended, in: scene.directory).expect()
        #expect(report.total.files == files)
        #expect(
          try scene.rows(Self.stored) == [["c-1", "notes.txt", #"["\#(Self.message(1))"]"#]])
      }
    }
  }
}
