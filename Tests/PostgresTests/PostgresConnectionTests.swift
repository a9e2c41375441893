internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct PostgresConnectionTests {
  @Test func `parameters arrive as they are, NULL as NULL`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let texts = ["", "it's \"quoted\" \\ $1", "línea\nñ 🚚", nil]
      let answer = try connection.query("SELECT $1, $2, $3, $4::text", texts)
      let row = try #require(answer.first)
      #expect((0..<4).map { row[$0] } == texts)
      #expect(row.text(3) == "")
    }
  }

  @Test func `binary answers come in network byte order`() async throws {
    try await TestDatabase.with(.empty) { database in
      let answer = try database.connect().query("SELECT $1::int4", ["258"], format: .binary)
      #expect(answer.first?.values == [[0, 0, 1, 2]])
    }
  }

  @Test func `execute counts the rows of its last statement`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      #expect(
        try connection.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2), (3)") == 3)
      #expect(try connection.execute("DELETE FROM t WHERE n > 1") == 2)
    }
  }

  @Test func `quoted names and literals read back as they were`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let odd = #"a"b'c\d"#
      let sql = "SELECT \(quotedLiteral(odd)) AS \(quotedIdentifier(odd))"
      for setting in ["on", "off"] {
        try connection.execute("SET standard_conforming_strings = \(setting)")
        let answer = try connection.query(sql)
        #expect(answer.columns == [odd])
        #expect(answer.first?.text(0) == odd)
      }
    }
  }

  @Test func `a failed transaction is one until it is rolled back`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute("BEGIN")
      #expect(throws: PostgresError.self) { try connection.execute("SELECT 1/0") }
      let isFailed = connection.isInTransaction
      #expect(isFailed)
      try connection.execute("ROLLBACK")
      let isOpen = connection.isInTransaction
      #expect(!isOpen)
    }
  }

  @Test func `a statement cancelled from another task fails with 57014 and can be repeated`()
    async throws
  {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let canceller = try connection.canceller()
      let process = connection.backendProcess
      let watching = Task {
        // Cancelling before the statement runs would cancel nothing.
        while try database.query(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", ["\(process)"]
        ).isEmpty {}
        canceller.cancel()
      }
      do throws(PostgresError) {
        try connection.execute("SELECT pg_sleep(600)")
        Issue.record("it ran to its end")
      } catch {
        #expect(error.sqlState == .queryCanceled)
      }
      try await watching.value
      #expect(try connection.query("SELECT 1").first?.text(0) == "1")
    }
  }
}
