internal import Foundation
internal import TestSupport

/// A dump of the later tables with their files, and the bytes of these.
enum FamilyDump {
  static let yaml = """
    store: {kind: directory, directory: objects}
    attach: {turns: resolve, roots: [bytes], map: {"C:\\\\Project": bytes/project}}
    """

  static func file(_ number: Int) -> String {
    String(format: "00000000-0000-4000-8003-%012d", number)
  }

  static func conversation(_ number: Int) -> String {
    String(format: "00000000-0000-4000-8001-%012d", number)
  }

  static let conversations = """
    COPY public.conversations (id, continuation_id, title, created_at, updated_at) FROM stdin;
    \(conversation(1))	c-1	One	2025-10-24 09:00:00+00	2025-10-24 11:00:00+00
    \(conversation(2))	c-2	Two	2025-10-24 09:00:00+00	2025-10-24 11:00:00+00
    \\.

    """
  static let links = """
    COPY public.conversation_files (conversation_id, file_id, added_at) FROM stdin;
    \(conversation(1))	\(file(1))	2025-10-24 10:00:00+00
    \(conversation(2))	\(file(1))	2025-10-24 10:00:00+00
    \(conversation(2))	\(file(2))	2025-10-24 10:00:00+00
    \(conversation(2))	\(file(2))	2025-10-24 10:00:00+00
    \(conversation(9))	\(file(3))	2025-10-24 10:00:00+00
    \\.

    """

  static func files(sum: String) -> String {
    """
    COPY public.files (id, storage_path, original_name, mime_type, size_bytes, file_type, metadata, created_at, sha256, provider_file_id, provider) FROM stdin;
    \(file(1))	contexts/c-1/notes.txt	C:\\\\Project\\\\notes.txt	text/plain	12	user_upload	{"via": "chat"}	2025-10-23 08:00:00.25+00	\(sum)	\\N	\\N
    \(file(2))	kimi-uploads/abc	plan	text/x-plan	99	generated	{}	2025-10-23 09:00:00+00	\(sum)	abc	kimi
    \(file(3))	uploads/c-9/late.md	late.md	\\N	\\N	cache	\\N	2025-10-23 10:00:00+00	\\N	\\N	\\N
    \\.

    """
  }

  static let uploads = """
    INSERT INTO provider_file_uploads (id, provider, provider_file_id, supabase_file_id, upload_status) VALUES
      ('11111111-0000-4000-8000-000000000001', 'kimi', 'abc', NULL, 'completed'),
      ('11111111-0000-4000-8000-000000000002', 'glm', 'g-7', '\(file(1))', 'deleted');

    """

  /// Runs a body in a scene with the dumps, and the bytes of the files they tell of.
  static func with(
    _ dump: (String) -> String = { sum in conversations + links + files(sum: sum) + uploads },
    _ body: (RunScene) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("bytes/user-files/contexts/c-1/notes.txt", "content of a")
      try scene.directory.write("bytes/kimi-uploads/abc", "content of b")
      try scene.directory.write("bytes/uploads/c-9/late.md", "late")
      let sums = try await scene.convoy(["hash", "bytes/user-files/contexts/c-1/notes.txt"])
      let sum = String(sums.output.prefix(64))
      try scene.directory.write("d.sql", dump(sum))
      try await body(scene)
    }
  }

  static func run(
    _ scene: RunScene, _ options: [String] = [], yaml: String = yaml
  ) async throws -> RunOutcome {
    try await scene.run("messages-dump", ["d.sql"], yaml: yaml, options: options)
  }
}
