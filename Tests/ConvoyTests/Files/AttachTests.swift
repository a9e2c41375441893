internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct AttachTests {
  private static let pixel = "data:image/png;base64,iVBORw0KGgo="
  private static let yaml = """
    store: {kind: directory, directory: objects}
    attach:
      turns: resolve
      roots: [uploads]
      map: {"C:\\\\Project": uploads/project, "/app": uploads/app}
    """

  /// Two threads that name files of all kinds.
  private static let threads = """
    {"thread_id":"t-1","created_at":"2025-10-01T00:00:00+00:00","turns":[\
    {"role":"user","content":"a","timestamp":"2025-10-01T00:00:01+00:00","files":["C:\\\\Project\\\\A.TXT","/app/b.txt","/app/gone.txt"],"images":["\(pixel)"]},\
    {"role":"assistant","content":"b","timestamp":"2025-10-01T00:00:02+00:00","files":["c:/project/a.txt","../../etc/passwd","/etc/passwd","escape/passwd"]},\
    {"role":"user","content":"","timestamp":"bad","files":["/app/only in a rejected turn.txt"]}]}
    {"thread_id":"t-2","created_at":"2025-10-01T00:00:00+00:00","turns":[\
    {"role":"user","content":"c","timestamp":"2025-10-01T00:00:03+00:00","files":["same as b.txt","/app/b.txt"],"images":["data:image/png;base64,*"]}]}

    """

  /// Runs a body in a scene with the files that the threads name, and some they name in vain.
  private static func with(_ body: (RunScene) async throws -> Void) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("threads.jsonl", threads)
      for (name, content) in [
        ("project/a.txt", "content of a"), ("app/b.txt", "content of b"),
        ("same as b.txt", "content of b"), ("app/only in a rejected turn.txt", "no"),
      ] { try scene.directory.write("uploads/\(name)", content) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(scene.directory.path)/uploads/escape", withDestinationPath: "/etc")
      try await body(scene)
    }
  }

  private static func run(
    _ scene: RunScene, _ options: [String] = [], yaml: String = yaml
  ) async throws -> RunOutcome {
    try await scene.run("threads", ["threads.jsonl"], yaml: yaml, options: options)
  }

  /// Session, names, bytes and media type of each row.
  private static func rows(_ scene: RunScene) throws -> [String] {
    try scene.rows(
      """
      SELECT concat_ws(' ', s.continuation_id, f.metadata #>> '{legacy,names}', f.file_size, f.mime_type)
      FROM files f LEFT JOIN exai_sessions s ON s.id = f.session_id ORDER BY 1
      """
    ).map { $0[0] ?? "" }
  }

  private static let expected = [
    #"t-1 ["A.TXT", "a.txt"] 12 text/plain"#, #"t-1 ["b.txt"] 12 text/plain"#,
    #"t-1 ["data.png"] 8 image/png"#, #"t-2 ["b.txt", "same as b.txt"] 12 text/plain"#,
  ]

  private static func verify(_ scene: RunScene) async throws -> ConvoyProcess.Outcome {
    try await scene.convoy(
      ["files", "verify", "--read", "--target", scene.database.url, "--store", "objects"])
  }

  @Test func `what turns name is stored with their sessions, and nothing else`() async throws {
    try await Self.with { scene in
      let outcome = try await Self.run(scene)
      #expect(outcome.status == 3, "\(outcome.errors)")
      #expect(try Self.rows(scene) == Self.expected)
      let verified = try await Self.verify(scene)
      #expect(verified.status == 0)
      #expect(verified.output == "in step: 4 rows, 4 objects, 44 B; 4 read, 44 B\n")
      let missing = try scene.rows(
        """
        SELECT content, metadata ->> 'files_missing' FROM exai_messages
        WHERE metadata ? 'files_missing' ORDER BY created_at
        """)
      #expect(
        missing == [
          ["a", #"["/app/gone.txt"]"#],
          ["b", #"["../../etc/passwd", "/etc/passwd", "escape/passwd"]"#],
        ])
      let messages = try scene.value(
        """
        SELECT count(*)::text
        FROM files f, jsonb_array_elements_text(f.metadata -> 'messages') AS named (id)
        JOIN exai_messages m ON m.id = named.id::uuid
        WHERE m.session_id = f.session_id AND f.filename = 'A.TXT'
        """)
      #expect(messages == "2")
      // What was put aside of the messages is gone.
      let left = try FileManager.default.contentsOfDirectory(
        atPath: "\(scene.directory.path)/report")
      #expect(!left.contains { $0.hasPrefix(".attached") })
    }
  }

  @Test func `a second run finds everything there`() async throws {
    try await Self.with { scene in
      _ = try await Self.run(scene)
      let before = try scene.rows("SELECT f::text FROM files f ORDER BY 1")
      let again = try await Self.run(scene)
      #expect(try scene.rows("SELECT f::text FROM files f ORDER BY 1") == before)
      let counts = try again.expect(3).total.files
      #expect((counts.read, counts.unchanged, counts.merged) == (6, 4, 2))
    }
  }

  @Test func `batches that were committed without their files get them later`() async throws {
    try await Self.with { scene in
      _ = try await Self.run(scene, yaml: "")
      #expect(try Self.rows(scene).isEmpty)
      let later = try await Self.run(scene)
      #expect(later.status == 3, "\(later.errors)")
      #expect(try Self.rows(scene) == Self.expected)
      #expect(try await Self.verify(scene).status == 0)
    }
  }

  @Test(arguments: [20_000, 2])
  func `what a thread's first request names is attached to it as well`(batchRows: Int) async throws
  {
    try await RunScene.with { scene in
      let turns = (1...5).map {
        #"{"role":"user","content":"\#($0)","timestamp":"2025-10-01T00:00:0\#($0)+00:00","files":["/app/b.txt"]}"#
      }.joined(separator: ",")
      try scene.directory.write(
        "threads.jsonl",
        """
        {"thread_id":"t","created_at":"2025-10-01T00:00:00+00:00","initial_context":{"prompt":"p",\
        "files":["/app/a.txt","/app/b.txt","/app/gone.txt"],"images":["\(Self.pixel)"]},"turns":[\(turns)]}

        """)
      for (name, content) in [("project/x", "x"), ("app/a.txt", "a"), ("app/b.txt", "b")] {
        try scene.directory.write("uploads/\(name)", content)
      }
      let options = ["--set", "load.batchRows=\(batchRows)"]
      let dry = try await Self.run(scene, options + ["--dry-run"]).expect()
      #expect(dry.total.files == .of(inserted: 3))
      let report = try await Self.run(scene, options).expect()
      #expect(report.total.files == .of(inserted: 3))
      #expect(report.found["file.missing"] == 1)
      #expect(
        try Self.rows(scene) == [
          #"t ["a.txt"] 1 text/plain"#, #"t ["b.txt"] 1 text/plain"#,
          #"t ["data.png"] 8 image/png"#,
        ])
      let messages = try scene.rows(
        "SELECT filename, jsonb_array_length(metadata -> 'messages') FROM files ORDER BY 1")
      #expect(messages == [["a.txt", nil], ["b.txt", "5"], ["data.png", nil]])
      let missing = try scene.value("SELECT metadata ->> 'files_missing' FROM exai_sessions")
      #expect(missing == #"["/app/gone.txt"]"#)
      #expect(try await Self.verify(scene).status == 0)
    }
  }

  @Test func `a later run with other messages adds theirs`() async throws {
    try await Self.with { scene in
      _ = try await Self.run(scene)
      let question = """
        SELECT count(*), count(m.id) FROM files f, jsonb_array_elements_text(f.metadata -> 'messages') AS named (id)
        LEFT JOIN exai_messages m ON m.id = named.id::uuid WHERE f.filename = 'A.TXT'
        """
      #expect(try scene.rows(question) == [["2", "2"]])
      try scene.directory.write(
        "threads.jsonl",
        #"""
        {"thread_id":"t-1","created_at":"2025-10-01T00:00:00+00:00","turns":[\#
        {"role":"user","content":"later","timestamp":"2025-10-02T00:00:01+00:00","files":["C:\\Project\\A.TXT"]}]}

        """#)
      let later = try await Self.run(scene, ["--restart"]).expect()
      #expect(later.total.files == .of(updated: 1))
      #expect(try scene.rows(question) == [["3", "3"]])
      let again = try await Self.run(scene).expect()
      #expect(again.total.files == .of(unchanged: 1))
    }
  }

  @Test func `a dry run foretells it and writes nothing`() async throws {
    try await Self.with { scene in
      let dry = try await Self.run(scene, ["--dry-run"])
      #expect(dry.status == 3, "\(dry.errors)")
      #expect(try Self.rows(scene).isEmpty)
      #expect(!FileManager.default.fileExists(atPath: "\(scene.directory.path)/objects"))
      let foretold = try dry.expect(3).total.files
      #expect((foretold.read, foretold.inserted, foretold.merged) == (6, 4, 2))
      let loaded = try await Self.run(scene)
      #expect(try loaded.expect(3).total.files == foretold)
    }
  }

  @Test func `messages are as ever where nothing is attached`() async throws {
    try await Self.with { scene in
      _ = try await Self.run(scene, yaml: "attach: {turns: off, roots: [uploads]}")
      let missing = "SELECT count(*)::text FROM exai_messages WHERE metadata ? 'files_missing'"
      #expect(try scene.value(missing) == "0")
      #expect(try scene.value("SELECT count(*)::text FROM files") == "0")
    }
  }

  @Test(arguments: [
    ("attach: {turns: resolve}", 78), ("attach: {turns: resolve, roots: [nowhere]}", 74),
    ("attach: {turns: resolve, roots: [uploads], map: {/app: elsewhere}}", 78),
    ("attach: {turns: perhaps}", 78),
  ])
  func `roots and mappings are checked before anything is loaded`(
    yaml: String, status: Int32
  ) async throws {
    try await Self.with { scene in
      let outcome = try await Self.run(scene, yaml: yaml)
      #expect(outcome.status == status)
      #expect(try scene.value("SELECT count(*)::text FROM exai_messages") == "0")
    }
  }
}
