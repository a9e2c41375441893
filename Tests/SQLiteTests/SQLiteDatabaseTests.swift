internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import SQLite

@Suite struct SQLiteDatabaseTests {
  /// Makes a database by the program of SQLite, and lends it.
  private static func with(
    _ script: String, _ body: (TemporaryDirectory, String) throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("make.sql", script)
      let made = try await CheckoutProgram.run(
        "/bin/sh", ["-c", "cd '\(directory.path)' && sqlite3 -batch -bail a.db < make.sql"])
      try #require(made.status == 0, "\(made.output)")
      try body(directory, "\(directory.path)/a.db")
    }
  }

  private static func values(
    _ path: String, _ table: String, scratch: String = "/nonexistent"
  ) throws -> [[SQLiteValue]] {
    let database = try SQLiteDatabase(path: path, scratchDirectory: scratch)
    var rows = try database.rows(of: table)
    var found: [[SQLiteValue]] = []
    while let row = try rows.next() { found.append(row) }
    return found
  }

  private static func text(_ text: String) -> SQLiteValue { .text(Array(text.utf8)) }

  @Test func `rows come in their order with values of each type`() async throws {
    try await Self.with(
      """
      CREATE TABLE "a ""b" (n, t);
      INSERT INTO "a ""b" VALUES (1, 'one'), (-2.5, 'zwölf'), (NULL, x'00FF'), (9223372036854775807, '');
      CREATE VIEW v AS SELECT 1;
      """
    ) { directory, path in
      #expect(try SQLiteDatabase(path: path, scratchDirectory: "/").tables() == ["a \"b"])
      #expect(
        try Self.values(path, "a \"b") == [
          [.integer(1), Self.text("one")], [.real(-2.5), Self.text("zwölf")],
          [.null, .blob([0, 0xFF])], [.integer(.max), Self.text("")],
        ])
      let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(Set(left) == ["a.db", "make.sql"])
    }
  }

  @Test func `text of a database in UTF-16 is UTF-8`() async throws {
    try await Self.with(
      "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a); INSERT INTO t VALUES ('später');"
    ) { _, path in
      let found = try Self.values(path, "t")
      #expect(found == [[Self.text("später")]])
    }
  }

  @Test func `what only the write-ahead log has is read, and nothing there is touched`()
    async throws
  {
    try await Self.with(
      """
      PRAGMA journal_mode = WAL;
      CREATE TABLE t (a);
      INSERT INTO t VALUES (1);
      PRAGMA wal_checkpoint(TRUNCATE);
      INSERT INTO t VALUES (2);
      .shell mkdir live scratch; cp a.db live/l.db; cp a.db-wal live/l.db-wal
      """
    ) { directory, _ in
      let live = "\(directory.path)/live/l.db"
      let before = [try directory.read("live/l.db"), try directory.read("live/l.db-wal")]
      let scratch = "\(directory.path)/scratch"
      #expect(try Self.values(live, "t", scratch: scratch) == [[.integer(1)], [.integer(2)]])
      #expect([try directory.read("live/l.db"), try directory.read("live/l.db-wal")] == before)
      let left = try FileManager.default.subpathsOfDirectory(atPath: "\(directory.path)")
      #expect(
        Set(left) == ["a.db", "live", "live/l.db", "live/l.db-wal", "make.sql", "scratch"])
      // Without the log it is another database, and still one.
      try FileManager.default.removeItem(atPath: live + "-wal")
      #expect(try Self.values(live, "t") == [[.integer(1)]])
    }
  }

  @Test func `what a transaction that was cut off had written is not there`() async throws {
    try await Self.with(
      """
      PRAGMA cache_size = 1;
      CREATE TABLE t (a);
      INSERT INTO t VALUES ('kept');
      BEGIN;
      UPDATE t SET a = 'half';
      INSERT INTO t SELECT randomblob(9000) FROM json_each('[1,2,3,4,5,6,7,8,9]');
      .shell mkdir live scratch; cp a.db live/l.db; cp a.db-journal live/l.db-journal
      ROLLBACK;
      """
    ) { directory, _ in
      let live = "\(directory.path)/live/l.db"
      try #require(try !directory.read("live/l.db-journal").isEmpty)
      let before = try directory.read("live/l.db")
      #expect(
        try Self.values(live, "t", scratch: "\(directory.path)/scratch") == [[Self.text("kept")]])
      #expect(try directory.read("live/l.db") == before)
    }
  }

  @Test func `a file that is no database, or is damaged, is an error that says so`() async throws {
    try await Self.with("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000));") {
      directory, path in
      let plain = try directory.write("plain.db", "SQLite it is not")
      var error = #expect(throws: SQLiteError.self) { try Self.values(plain, "t") }
      #expect(error?.reason == .notADatabase)
      #expect(error?.description.hasPrefix("\(plain): no SQLite database: ") == true)

      let missing = "\(directory.path)/missing.db"
      error = #expect(throws: SQLiteError.self) { try Self.values(missing, "t") }
      #expect(error?.path == missing)

      // Cut off behind the first page, on which the table's definition is.
      let bytes = try directory.read("a.db")
      let cut = try directory.write("cut.db", Array(bytes.prefix(4096)))
      error = #expect(throws: SQLiteError.self) { try Self.values(cut, "t") }
      #expect(error?.reason == .damaged)
      #expect(error?.description.hasPrefix("\(cut): a damaged SQLite database: ") == true)

      error = #expect(throws: SQLiteError.self) { try Self.values(path, "other") }
      #expect(error?.reason == .failed(code: 1))
    }
  }

  @Test func `a path with any characters is opened`() async throws {
    try await Self.with("CREATE TABLE t (a); INSERT INTO t VALUES (1);") { directory, _ in
      let odd = try directory.write("a?b#c %41é&mode=rw.db", try directory.read("a.db"))
      #expect(try Self.values(odd, "t") == [[.integer(1)]])
    }
  }

  @Test func `a value beyond the limit is an error, not held`() async throws {
    try await Self.with("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(70000000));") {
      _, path in
      let error = #expect(throws: SQLiteError.self) { try Self.values(path, "t") }
      #expect(error?.reason == .tooLarge)
    }
  }
}
