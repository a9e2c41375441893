internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct RestoredTableTests {
  @Test(arguments: [1, 3])
  func `keys, checks and indexes of every kind come back as they were`(connections: Int)
    async throws
  {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        """
        CREATE TABLE parent (
          "id) of" int CONSTRAINT "parent (key)" PRIMARY KEY, code text NOT NULL, region text NOT NULL,
          during int4range, b int,
          CONSTRAINT plain UNIQUE (region, code),
          CONSTRAINT deferred UNIQUE (code, "id) of") DEFERRABLE INITIALLY DEFERRED,
          CONSTRAINT including UNIQUE (code) INCLUDE (region),
          CONSTRAINT apart EXCLUDE USING gist (during WITH &&),
          CONSTRAINT positive CHECK ("id) of" > 0), CONSTRAINT hoped CHECK (b > 0));
        INSERT INTO parent SELECT n, 'c' || n, 'r' || n % 7, int4range(n, n + 1), 1
          FROM generate_series(1, 500) n;
        ALTER TABLE parent DROP CONSTRAINT hoped;
        UPDATE parent SET b = -1 WHERE "id) of" = 7;
        ALTER TABLE parent ADD CONSTRAINT hoped CHECK (b > 0) NOT VALID;
        CREATE UNIQUE INDEX part ON parent (lower(code)) WHERE b > 0;
        CREATE INDEX places ON parent USING gist (during);
        CREATE TABLE child (
          id int PRIMARY KEY, region text, code text, parent int REFERENCES parent ("id) of"),
          FOREIGN KEY (region, code) REFERENCES parent (region, code));
        INSERT INTO child SELECT "id) of", region, code, "id) of" FROM parent
        """)
      try scene.writeExport(["child", "parent"])
      let archive = try await scene.exported()
      try await TestDatabase.with(.empty) { other in
        let restored = try await scene.convoy([
          "archive", "restore", archive.path, "--target", other.url, "--connections",
          "\(connections)",
        ])
        #expect(restored.status == 0, "\(restored.errors)")
        let again = try await scene.exported(target: other.url)
        let (first, second) = (archive.manifest.tables, again.manifest.tables)
        #expect(second.map(\.constraints) == first.map(\.constraints))
        #expect(second.map(\.indexes) == first.map(\.indexes))
        #expect(second.map(\.columns) == first.map(\.columns))
        #expect(second.map(\.checksum) == first.map(\.checksum))
        // A key's index is its own: it cannot be dropped without it.
        let owned = try other.query(
          """
          SELECT count(*) FROM pg_constraint c
          JOIN pg_depend d ON d.refclassid = 'pg_constraint'::regclass AND d.refobjid = c.oid AND d.deptype = 'i'
          JOIN pg_index i ON i.indexrelid = d.objid AND i.indisvalid AND i.indisunique
          WHERE c.contype IN ('p', 'u') AND c.connamespace = 'public'::regnamespace
          """)
        #expect(owned == [["5"]])
      }
    }
  }

  @Test func `what rows no longer keep is named, and the rest is there`() async throws {
    try await RunScene.with(.empty) { scene in
      try scene.execute(
        """
        CREATE FUNCTION told(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
        CREATE TABLE t (a int PRIMARY KEY, CONSTRAINT told_positive CHECK (public.told(a) > 0));
        CREATE UNIQUE INDEX told_once ON t (public.told(a));
        CREATE INDEX after_it ON t ((a + 1));
        INSERT INTO t SELECT generate_series(1, 10)
        """)
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      try scene.execute(
        "CREATE OR REPLACE FUNCTION told(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0'")
      let restored = try await scene.convoy([
        "archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy",
      ])
      #expect(restored.status == 1)
      #expect(restored.output == "copy.t: 10 rows, the same as in the archive\n")
      #expect(restored.errors.contains(": all rows are there, but not made was\n"))
      #expect(restored.errors.contains(": constraint told_positive: "))
      #expect(restored.errors.contains(": index told_once: "))
      let made = try scene.rows(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'copy.t'::regclass ORDER BY 1"
      )
      #expect(made == [["copy.after_it"], ["copy.t_pkey"]])
    }
  }
}
