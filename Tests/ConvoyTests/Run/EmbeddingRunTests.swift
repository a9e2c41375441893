internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct EmbeddingRunTests {
  /// A server whose databases can have the extension `vector`.
  static let vectors = Task {
    try await TestServer.start("vectors", superuser: "postgres", hasVectors: true)
  }

  private static let store = "store: {kind: directory, directory: objects}"

  /// A partitioned table with embeddings of some type.
  private static func table(_ type: String) -> String {
    """
    CREATE TABLE conversations (
      id bigint, user_id text NOT NULL, created_at timestamptz, direction text NOT NULL, text text,
      embedding \(type), meta jsonb
    ) PARTITION BY LIST (direction);
    CREATE TABLE conversations_user PARTITION OF conversations FOR VALUES IN ('user');
    CREATE TABLE conversations_rest PARTITION OF conversations DEFAULT;

    """
  }

  /// `count` rows of each of two users, by turns; every fifth without an embedding.
  private static func rows(_ count: Int, dimensions: Int, _ type: String) -> String {
    """
    INSERT INTO conversations (id, user_id, created_at, direction, text, embedding)
    SELECT n, 'u' || u, timestamptz '2025-10-01 10:00Z' + n * interval '1 second',
      CASE n % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'text ' || n,
      CASE WHEN n % 5 > 0 THEN (SELECT '[' || string_agg((sin(n * 7 + d + u) / (d * d + 1))::real::text, ',')
        || ']' FROM generate_series(0, \(dimensions - 1)) d)::\(type) END
    FROM generate_series(0, \(count - 1)) n, generate_series(1, 2) u
    """
  }

  private static func run(
    _ scene: RunScene, _ source: TestDatabase, _ yaml: String, options: [String] = []
  ) async throws -> RunOutcome {
    try scene.directory.write(
      "pipeline.yaml",
      "source: {format: conversations-table, database: '\(source.url)'}\n\(yaml)\n")
    let ended = try await scene.convoy(
      ["run", "pipeline.yaml", "--target", scene.database.url, "--report", "report"] + options)
    return RunOutcome(ended, in: scene.directory)
  }

  /// What a session's file must hold, by the source's numbers and the target's ids.
  private static func file(
    _ user: String, _ scene: RunScene, _ source: TestDatabase, numbers: String, width: Int
  ) throws -> [UInt8] {
    let ids = Dictionary(
      try scene.rows(
        "SELECT m.metadata -> 'legacy' ->> 'id', m.id FROM exai_messages m JOIN exai_sessions s ON s.id = session_id WHERE user_id = '\(user)'"
      ).map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
    let rows = try source.query(
      "SELECT id, \(numbers) FROM conversations WHERE user_id = '\(user)' AND embedding IS NOT NULL ORDER BY created_at"
    )
    var bytes = Array("cvyemb\u{1}\n".utf8) + [UInt8(width), 0, 0, 0, 0, 0, 0, 0]
    for row in rows {
      let digits = Array((ids[row[0] ?? ""] ?? "").replacing("-", with: "").utf8)
      bytes += stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
      }
      let values = (row[1] ?? "").split(separator: ",")
      bytes += low(UInt64(values.count), bytes: 4)
      for value in values {
        bytes +=
          width == 4
          ? low(UInt64(try #require(Float(value)).bitPattern), bytes: 4)
          : low(try #require(Double(value)).bitPattern, bytes: 8)
      }
    }
    return bytes
  }

  /// Low bytes of a number, the lowest first.
  private static func low(_ number: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
  }

  /// Expects one file a session, with these bytes.
  private static func expectFiles(
    _ scene: RunScene, _ source: TestDatabase, numbers: String, width: Int
  ) throws {
    let rows = try scene.rows(
      """
      SELECT s.user_id, f.storage_path, f.filename, f.metadata -> 'embeddings' ->> 'type'
      FROM files f JOIN exai_sessions s ON s.id = f.session_id ORDER BY 1
      """)
    #expect(rows.map { $0[0] } == ["u1", "u2"])
    for row in rows {
      #expect(row[2] == "embeddings.bin" && row[3] == "float\(width * 8)")
      let stored = try scene.directory.read("objects/\(row[1] ?? "")")
      let expected = try file(row[0] ?? "", scene, source, numbers: numbers, width: width)
      #expect(stored == expected)
    }
  }

  @Test func `vectors go to metadata with every digit, and to a file a session with every bit`()
    async throws
  {
    let server = try await Self.vectors.value
    try await server.withDatabase { source in
      try source.connect().execute(
        "CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext;"
          + Self.table("ext.vector(6)") + Self.rows(20, dimensions: 6, "ext.vector"))
      try await RunScene.with { scene in
        let kept = try await Self.run(
          scene, source, "transform: {embeddings: metadata}", options: ["--dry-run"]
        ).expect()
        #expect(kept.total.messages == .of(inserted: 40))
        #expect(kept.found == [:])
        let whole = try await Self.run(
          scene, source, "transform: {embeddings: object}\n\(Self.store)"
        ).expect()
        #expect(whole.total.messages == .of(inserted: 40))
        #expect(whole.total.files == .of(inserted: 2))
        try Self.expectFiles(
          scene, source, numbers: "array_to_string(embedding::real[], ',')", width: 4)
        // What is known is not stored again, also where the batches are loaded anew.
        for options in [[], ["--restart"]] {
          let again = try await Self.run(
            scene, source, "transform: {embeddings: object}\n\(Self.store)", options: options
          ).expect()
          #expect(again.total.messages == .of(unchanged: 40))
          #expect(again.total.files == .of(unchanged: 2))
        }
        // What a killed run has left to store the next one finds, though all batches are committed.
        try scene.execute("DELETE FROM files")
        let rest = try await Self.run(
          scene, source, "transform: {embeddings: object}\n\(Self.store)"
        ).expect()
        #expect(rest.total.files == .of(inserted: 2))
        try scene.execute("TRUNCATE exai_sessions CASCADE")
        try await Self.run(
          scene, source, "transform: {embeddings: metadata}", options: ["--restart"]
        ).expect()
        let embeddings = try scene.rows(
          """
          SELECT s.user_id || ' ' || (m.metadata -> 'legacy' ->> 'id') || ' ' || (m.metadata ->> 'embedding')
          FROM exai_messages m JOIN exai_sessions s ON s.id = session_id
          WHERE m.metadata ? 'embedding' ORDER BY 1
          """)
        #expect(embeddings.count == 32)
        #expect(
          try embeddings
            == source.query(
              "SELECT user_id || ' ' || id || ' ' || (embedding::text::jsonb)::text FROM conversations WHERE embedding IS NOT NULL ORDER BY 1"
            ))
      }
    }
  }

  @Test func `embeddings that are text become a file of doubles, in one piece over many batches`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute(Self.table("text") + Self.rows(500, dimensions: 3, "text"))
      let yaml =
        "transform: {embeddings: object}\nload: {batchRows: 64, batchBytes: 64KiB}\n\(Self.store)"
      let foretold = try await Self.run(scene, scene.database, yaml, options: ["--dry-run"])
        .expect()
      #expect(foretold.total.files == .of(inserted: 2))
      #expect(!FileManager.default.fileExists(atPath: "\(scene.directory.path)/objects"))
      let report = try await Self.run(scene, scene.database, yaml).expect()
      #expect(report.total.messages == .of(inserted: 1000))
      #expect(report.total.files == .of(inserted: 2))
      try Self.expectFiles(scene, scene.database, numbers: "btrim(embedding, '[]')", width: 8)
      let known = try await Self.run(scene, scene.database, yaml, options: ["--dry-run"]).expect()
      #expect(known.total.files == .of(unchanged: 2))
      #expect(
        !FileManager.default.fileExists(atPath: "\(scene.directory.path)/report/.attached"))
    }
  }

  @Test func `a rejected row takes its embedding along, and has it stored when it is loaded`()
    async throws
  {
    let server = try await Self.vectors.value
    try await server.withDatabase { source in
      try source.connect().execute(
        """
        CREATE EXTENSION vector; \(Self.table("vector"))
        INSERT INTO conversations VALUES
          (1, 'u1', '2025-10-01 10:00Z', 'user', 'a', '[0.5,0.1]', '{}'),
          (2, 'u1', '2025-10-01 10:01Z', 'critic', 'b', '[1,2,3]', '{}'),
          (3, 'u2', '2025-10-01 10:01Z', 'user', 'c', '[4]', '{}')
        """)
      try await RunScene.with { scene in
        let first = try await Self.run(
          scene, source, "transform: {embeddings: object}\n\(Self.store)")
        let report = try first.expect(3)
        #expect(report.total.messages == .of(inserted: 2, rejected: 1))
        #expect(report.total.files == .of(inserted: 2))
        #expect(
          try first.rejects.map(\.text) == [
            #"{"id":2,"user_id":"u1","created_at":"2025-10-01T10:01:00+00:00","direction":"critic","#
              + #""text":"b","embedding":{"float32":"P4AAAEAAAABAQAAA"},"meta":{}}"#
          ])
        let retried = try await scene.retry(
          "conversations-table",
          yaml: "transform: {embeddings: object, roles: {critic: assistant}}\n\(Self.store)")
        let second = try retried.expect()
        #expect(second.total.messages == .of(inserted: 1))
        #expect(second.total.files == .of(inserted: 1))
        #expect(
          try scene.rows(
            "SELECT file_size FROM files f JOIN exai_sessions s ON s.id = session_id ORDER BY user_id, 1"
          )
            == [["44"], ["48"], ["40"]])
      }
    }
  }

  @Test func `a rejected row's vector is in metadata as the server writes it, once it is loaded`()
    async throws
  {
    let server = try await Self.vectors.value
    try await server.withDatabase { source in
      try source.connect().execute(
        """
        CREATE EXTENSION vector; \(Self.table("vector"))
        INSERT INTO conversations VALUES
          (1, 'u1', '2025-10-01 10:00Z', 'critic', 'a', '[1,-2.5,3e-7,33554448,0]', '{}')
        """)
      try await RunScene.with { scene in
        let first = try await Self.run(scene, source, "transform: {embeddings: metadata}")
        #expect(try first.expect(3).total.messages == .of(rejected: 1))
        let retried = try await scene.retry(
          "conversations-table",
          yaml: "transform: {embeddings: metadata, roles: {critic: assistant}}")
        #expect(try retried.expect().total.messages == .of(inserted: 1))
        #expect(
          try scene.value("SELECT metadata ->> 'embedding' FROM exai_messages")
            == "[1, -2.5, 0.0000003, 33554448, 0]")
      }
    }
  }

  @Test func `what is no list of numbers stays as text in the message's metadata`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        Self.table("text") + """
          INSERT INTO conversations VALUES
            (1, 'u1', '2025-10-01 10:00Z', 'user', 'a', '[0.5,NaN]', '{}'),
            (2, 'u1', '2025-10-01 10:01Z', 'other', 'b', '[1e400]', '{}')
          """)
      let outcome = try await Self.run(
        scene, scene.database,
        "transform: {embeddings: object, roles: {other: assistant}}\n\(Self.store)",
        options: ["--dry-run"])
      let report = try outcome.expect()
      #expect(report.found == ["embedding.unreadable": 2, "role.mapped": 1])
      #expect(report.total.files == .of())
      try await Self.run(
        scene, scene.database,
        "transform: {embeddings: object, roles: {other: assistant}}\n\(Self.store)"
      ).expect()
      #expect(
        try scene.rows(
          "SELECT metadata -> 'legacy' -> 'embedding' FROM exai_messages ORDER BY created_at")
          == [["\"[0.5,NaN]\""], ["[1\(String(repeating: "0", count: 400))]"]])
    }
  }
}
