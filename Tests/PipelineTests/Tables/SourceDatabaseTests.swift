import Synchronization
import TestSupport
import Testing

@testable import Pipeline
@testable import Postgres

@Suite struct SourceDatabaseTests {
  /// Two partitions, the first of several ranges.
  private static let partitioned = """
    CREATE TABLE notes (id bigint, kind text, body text) PARTITION BY LIST (kind);
    CREATE TABLE notes_a PARTITION OF notes FOR VALUES IN ('a');
    CREATE TABLE notes_b PARTITION OF notes FOR VALUES IN ('b');
    ALTER TABLE notes_a ALTER body SET STORAGE plain;
    INSERT INTO notes SELECT n, 'a', repeat('x', 5000) FROM generate_series(1, 5000) n;
    INSERT INTO notes VALUES (1, 'b', 'y'), (2, 'b', NULL)
    """

  private static func plan(
    _ database: TestDatabase, _ tables: [String], user: String? = nil
  ) throws -> SourcePlan {
    let url = user.map { database.url.replacing("//postgres@", with: "//\($0)@") } ?? database.url
    return SourcePlan(
      database: try TargetChoice.resolve(url, environment: [:]),
      tables: tables.map { QualifiedName($0) }, format: .threads, connections: 3)
  }

  /// Every id that is read, with the number of ranges it took.
  private static func ids(_ source: SourceDatabase) async throws -> (ids: [Int], ranges: Int) {
    let seen = Mutex((ids: [Int](), ranges: 0))
    try await source.read(stop: StopSignal(), selection: { _ in "id" }) { _, reader in
      var ids: [Int] = []
      while try reader.nextBinaryRow({ row in ids.append(Int(row.integer(at: 6, as: Int64.self))) })
      {}
      seen.withLock { seen in
        seen.ids += ids
        seen.ranges += 1
      }
    }
    return seen.withLock { ($0.ids.sorted(), $0.ranges) }
  }

  @Test func `every row of every partition is read once, as it was when the source was opened`()
    async throws
  {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute(Self.partitioned)
      let source = try await SourceDatabase.open(
        try Self.plan(database, ["notes"]), stop: StopSignal())
      try connection.execute(
        "DELETE FROM notes WHERE id > 100; INSERT INTO notes VALUES (9999, 'b', 'late')")
      let read = try await Self.ids(source)
      #expect(read.ids == [1, 1, 2, 2] + Array(3...5000))
      #expect(source.rowCounts == [5002])
      // 5 000 blocks of a row each are five ranges of 1 024; the other partition is one of its own.
      #expect(read.ranges == 6)
      let joined = try source.join(number: 1)
      #expect(throws: PostgresError.self) { try joined.execute("DELETE FROM notes") }
      source.end()
    }
  }

  @Test func `a table is known again as long as no row of it changes`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute(Self.partitioned)
      func input() async throws -> PlannedInput {
        let source = try await SourceDatabase.open(
          try Self.plan(database, ["notes"]), stop: StopSignal())
        defer { source.end() }
        return try #require(source.inputs.first)
      }
      let first = try await input()
      #expect(first.isTable && first.path == "notes" && first.name == "notes")
      #expect(try #require(first.size) > 25_000_000)
      try connection.execute("VACUUM (FREEZE, ANALYZE) notes")
      #expect(try await input().fingerprint == first.fingerprint)
      #expect(try await input().identity == first.identity)
      try connection.execute("UPDATE notes SET body = body WHERE kind = 'b' AND id = 1")
      let second = try await input()
      #expect(second.fingerprint != first.fingerprint)
      try connection.execute("DELETE FROM notes WHERE id = 4000")
      #expect(try await input().fingerprint != second.fingerprint)
    }
  }

  @Test func `a source that is not whole, or not there, is refused with what is in the way`()
    async throws
  {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let role = "reader_\(database.name)"
      try connection.execute(
        """
        CREATE TABLE secret (id int); CREATE TABLE closed (id int); CREATE VIEW shown AS SELECT 1 AS id;
        ALTER TABLE secret ENABLE ROW LEVEL SECURITY; CREATE POLICY partial ON secret USING (id = 1);
        CREATE ROLE \(role) LOGIN; GRANT SELECT ON secret TO \(role)
        """)
      func refusal(_ table: String, user: String? = nil) async throws -> RunError? {
        await #expect(throws: RunError.self) {
          _ = try await SourceDatabase.open(
            try Self.plan(database, [table], user: user), stop: StopSignal())
        }
      }
      #expect(
        try await refusal("secret", user: role)?.message
          == "row-level security would hide rows of secret from this role; nothing was read")
      let missing = try await refusal("nowhere")
      #expect(missing?.message == "there is no table nowhere")
      #expect(missing?.hint == "source.tables names the tables to read")
      let view = try await refusal("shown")
      #expect(view?.message == "source.tables: shown is a view")
      #expect(view?.kind == .badPipeline)
      let closed = try await refusal("closed", user: role)
      #expect(closed?.message.contains("permission denied for table closed") == true)
      #expect(closed?.message.hasPrefix("source postgresql://\(role)@") == true)
      let away = try await refusal("secret", user: "nobody_\(database.name)")
      #expect(away?.kind == .unreachable)
      try connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test func `a format whose records are in files names no database`() throws {
    var spec = PipelineSpec(name: "p", format: .threads)
    spec.source.database = .url("postgresql://db.example/legacy")
    #expect(throws: RunError.self) {
      _ = try RunPlan(file: "p.yaml", spec: spec, options: .init(), environment: [:])
    }
  }
}
