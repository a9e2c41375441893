internal import Archive
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct MergeTests {
  static let tables = ["exai_messages", "exai_sessions", "files"]

  /// Three sessions of two messages each, and a file.
  static func fill(_ scene: RunScene) throws {
    try scene.execute(
      """
      INSERT INTO exai_sessions (id, user_id, continuation_id, title, created_at, updated_at)
        SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'u', 'c' || n, 'title ' || n,
          '2025-01-01'::timestamptz + n * '1 day'::interval, '2025-02-01'
        FROM generate_series(1, 3) n;
      INSERT INTO exai_messages (id, session_id, role, content, created_at)
        SELECT ('00000000-0000-4000-8000-0000000000' || n || k)::uuid,
          ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'user', 'text ' || n || k,
          '2025-01-01'::timestamptz + n * '1 day'::interval + k * '1 hour'::interval
        FROM generate_series(1, 3) n, generate_series(1, 2) k;
      INSERT INTO files (filename, storage_path, session_id, created_at)
        SELECT 'f', 'p', id, '2025-01-02 00:30+00' FROM exai_sessions WHERE continuation_id = 'c1'
      """)
  }

  /// A session is gone with its messages and file, another one has a later title, and a fourth has come.
  static func change(_ scene: RunScene) throws {
    try scene.execute(
      """
      DELETE FROM exai_sessions WHERE continuation_id = 'c1';
      UPDATE exai_sessions SET title = 'later' WHERE continuation_id = 'c2';
      INSERT INTO exai_sessions (user_id, continuation_id) VALUES ('u', 'c4')
      """)
  }

  static func merge(
    _ archive: ArchiveDirectory, _ policy: String, _ scene: RunScene, _ options: [String] = []
  ) async throws -> ConvoyProcess.Outcome {
    try await scene.convoy(
      ["archive", "restore", archive.path, "--target", scene.database.url, "--on-conflict", policy]
        + options)
  }

  static let titles =
    "SELECT continuation_id, title FROM exai_sessions ORDER BY continuation_id"

  @Test(arguments: ["jsonl", "copy"])
  func `skipped rows stay, and every row is told of`(format: String) async throws {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables, yaml: "format: \(format)")
      let archive = try await scene.exported()
      try Self.change(scene)
      let ended = try await Self.merge(archive, "skip", scene)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output == """
          exai_sessions: 3 rows, 1 inserted, 1 unchanged, 0 updated, 1 kept as they are, the same as in the archive but for those kept
          exai_messages: 6 rows, 2 inserted, 4 unchanged, 0 updated, 0 kept as they are, the same as in the archive
          files: 1 rows, 1 inserted, 0 unchanged, 0 updated, 0 kept as they are, the same as in the archive

          """)
      #expect(
        try scene.rows(Self.titles)
          == [["c1", "title 1"], ["c2", "later"], ["c3", "title 3"], ["c4", nil]])
    }
  }

  @Test func `updated rows are as in the archive, whatever a trigger makes of updates`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      try Self.change(scene)
      try scene.execute(
        """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN NEW.updated_at := now(); RETURN NEW; END';
        CREATE TRIGGER touch BEFORE UPDATE ON exai_sessions FOR EACH ROW EXECUTE FUNCTION touch()
        """)
      let ended = try await Self.merge(archive, "update", scene)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.output.contains("exai_sessions: 3 rows, 1 inserted, 1 unchanged, 1 updated, 0 kept"))
      #expect(
        try scene.rows(Self.titles)
          == [["c1", "title 1"], ["c2", "title 2"], ["c3", "title 3"], ["c4", nil]])
      #expect(
        try scene.value(
          "SELECT updated_at = '2025-02-01' FROM exai_sessions WHERE title = 'title 2'")
          == "t")
      let again = try await Self.merge(archive, "update", scene)
      #expect(again.output.contains("exai_messages: 6 rows, 0 inserted, 6 unchanged, 0 updated"))
    }
  }

  @Test func `a row that is there fails the policy that wants none, and nothing changes`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      try Self.change(scene)
      let before = try scene.checksum()
      let ended = try await Self.merge(archive, "fail", scene)
      #expect(ended.status == 1)
      #expect(
        ended.errors.contains(
          "exai_sessions has 2 of the rows already, such as 00000000-0000-4000-8000-000000000002"))
      #expect(try scene.checksum() == before)
      try scene.execute("DELETE FROM exai_sessions WHERE continuation_id IN ('c2', 'c3')")
      let free = try await Self.merge(archive, "fail", scene)
      #expect(free.status == 0, "\(free.errors)")
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "4")
    }
  }

  @Test func `rows that a trigger changes on their way in are refused, and nothing changes`()
    async throws
  {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      try Self.change(scene)
      try scene.execute(
        """
        CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN NEW.content := upper(NEW.content); RETURN NEW; END';
        CREATE TRIGGER change BEFORE INSERT ON exai_messages
          FOR EACH ROW EXECUTE FUNCTION change()
        """)
      let before = try scene.checksum()
      let ended = try await Self.merge(archive, "skip", scene)
      #expect(ended.status == 65)
      #expect(ended.errors.contains("exai_messages: the rows would not be those of the archive"))
      #expect(try scene.checksum() == before)
    }
  }

  @Test func `tables that are missing are made beside those that are merged`() async throws {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      try scene.execute("DROP TABLE files; DELETE FROM exai_sessions WHERE continuation_id = 'c1'")
      let ended = try await Self.merge(archive, "skip", scene)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output.contains("files: 1 rows, the same as in the archive"))
      let parents = try scene.rows(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'files'::regclass AND contype = 'f'"
      )
      #expect(parents == [["exai_sessions"]])
    }
  }

  @Test func `another key that must be unique is named, and nothing changes`() async throws {
    try await RunScene.with { scene in
      try Self.fill(scene)
      try scene.writeExport(Self.tables)
      let archive = try await scene.exported()
      try scene.execute(
        """
        DELETE FROM exai_sessions WHERE continuation_id = 'c1';
        INSERT INTO exai_sessions (user_id, continuation_id) VALUES ('u', 'c1')
        """)
      let before = try scene.checksum()
      let ended = try await Self.merge(archive, "skip", scene)
      #expect(ended.status == 1)
      #expect(ended.errors.contains("(continuation_id)=(c1)"))
      #expect(try scene.checksum() == before)
    }
  }

  @Test func `values of types without equality, generated ones and sequences are merged`()
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        """
        CREATE TABLE t (a int, n int GENERATED ALWAYS AS IDENTITY, j json, p point, x numeric,
          twice int GENERATED ALWAYS AS (a * 2) STORED, s serial, PRIMARY KEY (n, a));
        INSERT INTO t (a, j, p, x) SELECT k, '{"k": 1.0}', point(k, k), 1.0
          FROM generate_series(1, 4) k;
        CREATE TABLE keyless (a int)
        """)
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      let before = try scene.rows("SELECT t::text FROM t ORDER BY a")
      try scene.execute(
        """
        DELETE FROM t WHERE a = 1; UPDATE t SET j = '{"k":1.0}' WHERE a = 2;
        UPDATE t SET x = 1.00 WHERE a = 3; SELECT setval('t_s_seq', 1), setval('t_n_seq', 2)
        """)
      let ended = try await Self.merge(archive, "update", scene)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output.contains("1 inserted, 1 unchanged, 2 updated, 0 kept"))
      #expect(try scene.rows("SELECT t::text FROM t ORDER BY a") == before)
      #expect(try scene.rows("INSERT INTO t (a) VALUES (9) RETURNING n, s") == [["5", "5"]])
      try scene.writeExport(["keyless"])
      let keyless = try await scene.exported()
      let refused = try await Self.merge(keyless, "skip", scene)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("keyless has no primary key"))
    }
  }

  @Test func `a sequence of its own comes with the table that is made`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute("CREATE TABLE t (a serial, b text); INSERT INTO t (b) VALUES ('x'), ('y')")
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      for (schema, options) in [("other", ["--schema", "other"]), ("public", [])] {
        if options.isEmpty { try scene.execute("DROP TABLE t") }
        let ended = try await scene.convoy(
          ["archive", "restore", archive.path, "--target", scene.database.url] + options)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(
          try scene.rows(
            "INSERT INTO \(schema).t (b) VALUES ('z') RETURNING a, pg_get_serial_sequence('\(schema).t', 'a')"
          ) == [["3", "\(schema).t_a_seq"]])
      }
    }
  }

  @Test(arguments: [
    (["--only", "session=c2"], "exai_sessions: 1 rows", "exai_messages: 2 rows", "files: 0 rows"),
    (
      ["--only", "session=c1", "--only", "session=00000000-0000-4000-8000-000000000003"],
      "exai_sessions: 2 rows", "exai_messages: 4 rows", "files: 1 rows"
    ),
    // The session itself began before.
    (
      ["--only", "since=2025-01-04T01:30:00Z"], "exai_sessions: 1 rows", "exai_messages: 1 rows",
      "files: 0 rows"
    ),
    (
      ["--only", "since=2025-01-03", "--only", "session=c1"], "exai_sessions: 0 rows",
      "exai_messages: 0 rows", "files: 0 rows"
    ),
  ])
  func `only the rows that are asked for come back`(
    options: [String], sessions: String, messages: String, files: String
  ) async throws {
    for format in ["jsonl", "copy"] {
      try await RunScene.with { scene in
        try Self.fill(scene)
        try scene.writeExport(Self.tables, yaml: "format: \(format)")
        let archive = try await scene.exported()
        try scene.execute("TRUNCATE exai_sessions CASCADE")
        let ended = try await Self.merge(archive, "fail", scene, options)
        #expect(ended.status == 0, "\(ended.errors)")
        for text in [sessions, messages, files] { #expect(ended.output.contains(text)) }
        for (table, text) in [
          ("exai_sessions", sessions), ("exai_messages", messages), ("files", files),
        ] {
          let count = try scene.value("SELECT count(*) FROM \(table)") ?? ""
          #expect(text == "\(table): \(count) rows")
        }
      }
    }
  }
}
