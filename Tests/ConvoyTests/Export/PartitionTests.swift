internal import Archive
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct PartitionTests {
  static let sql = """
    CREATE SCHEMA cold;
    CREATE TABLE events (id int, at date, note text, PRIMARY KEY (id, at, note))
      PARTITION BY RANGE (at);
    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE cold.events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
      PARTITION BY LIST (note);
    CREATE TABLE events_2025_a PARTITION OF cold.events_2025 FOR VALUES IN ('a');
    CREATE TABLE events_2025_rest (note text NOT NULL, at date NOT NULL, id int NOT NULL);
    ALTER TABLE cold.events_2025 ATTACH PARTITION events_2025_rest DEFAULT;
    CREATE INDEX events_note ON events (note);
    CREATE TABLE answers (id int, at date, note text, FOREIGN KEY (id, at, note) REFERENCES events);
    INSERT INTO events SELECT n, date '2024-12-01' + n, CASE n % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END
      FROM generate_series(1, 300) n;
    INSERT INTO answers SELECT id, at, note FROM events WHERE id < 50
    """

  @Test(arguments: ["jsonl", "copy"])
  func `a partitioned table is exported by its leaves and comes back cut as it was`(format: String)
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(Self.sql)
      try scene.writeExport(["events", "answers"], yaml: "format: \(format)")
      let first = try await scene.exported()
      let table = first.manifest.tables[0]
      #expect(table.rows == 300)
      #expect(
        table.parts.map(\.partition) == ["events_2024", "events_2025_a", "events_2025_rest"])
      #expect(table.parts.reduce(0) { $0 + $1.rows } == 300)
      let places = "SELECT tableoid::regclass::text, id, at, note FROM events ORDER BY id"
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy(
          ["archive", "restore", first.path, "--target", other.url])
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try other.query(places) == scene.rows(places))
        let again = try await scene.exported(target: other.url)
        #expect(again.manifest.tables.map(\.checksum) == first.manifest.tables.map(\.checksum))
        #expect(again.manifest.tables.map(\.indexes) == first.manifest.tables.map(\.indexes))
        #expect(
          again.manifest.tables.map(\.constraints) == first.manifest.tables.map(\.constraints))
        #expect(again.manifest.tables[0].partitioning == table.partitioning)
      }
      // All its partitions follow it to a new schema; rows find theirs in tables cut otherwise.
      let moved = try await scene.convoy(
        ["archive", "restore", first.path, "--target", scene.database.url, "--schema", "copy"])
      #expect(moved.status == 0, "\(moved.errors)")
      #expect(
        try scene.value(
          "SELECT count(*) FROM pg_class WHERE relnamespace = 'copy'::regnamespace AND relkind IN ('r', 'p')"
        )
          == "6")
      try scene.execute(
        """
        DROP TABLE answers; TRUNCATE events; DROP TABLE cold.events_2025;
        CREATE TABLE events_all PARTITION OF events DEFAULT
        """)
      let into = try await scene.convoy(
        ["archive", "restore", first.path, "--target", scene.database.url])
      #expect(into.status == 0, "\(into.errors)")
      #expect(try scene.value("SELECT count(*) FROM events_all") == "270")
      let merged = try await scene.convoy([
        "archive", "restore", first.path, "--target", scene.database.url, "--only", "table=events",
        "--on-conflict", "update",
      ])
      #expect(merged.status == 0, "\(merged.errors)")
      #expect(merged.output.contains("events: 300 rows, 0 inserted, 300 unchanged"))
    }
  }

  @Test func `parts of a partition that did not change are linked`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(Self.sql)
      try scene.writeExport(["events"])
      _ = try await scene.exported()
      try scene.execute("DROP TABLE answers; UPDATE events SET note = 'c' WHERE id = 1")
      let second = try await scene.exported()
      #expect(second.manifest.tables[0].parts.map(\.isLinked) == [false, true, true])
    }
  }

  @Test(arguments: [
    ("CREATE VIEW x AS SELECT 1 a", "x is a view"),
    ("CREATE MATERIALIZED VIEW x AS SELECT 1 a", "x is a materialized view"),
    ("CREATE SEQUENCE x", "x is a sequence"),
    (
      "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE x (a int) SERVER s",
      "x is a foreign table, whose rows are elsewhere"
    ),
    (
      """
      CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
      CREATE TABLE x (a int) PARTITION BY RANGE (a);
      CREATE FOREIGN TABLE far PARTITION OF x DEFAULT SERVER s
      """, "far is a foreign table, whose rows are elsewhere"
    ),
  ])
  func `what has no rows of its own is refused`(sql: String, message: String) async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(sql)
      try scene.writeExport(["x"])
      let ended = try await scene.export()
      #expect(ended.status == 78)
      #expect(ended.errors.contains("export.tables: \(message)"), "\(ended.errors)")
      #expect(try scene.root.names().isEmpty)
    }
  }
}
