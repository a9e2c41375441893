internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct PostgresErrorTests {
  @Test(
    arguments: [
      (
        "INSERT INTO exai_sessions (id, user_id) VALUES (gen_random_uuid(), NULL)", "23502",
        nil, "user_id", "exai_sessions"
      ),
      (
        "INSERT INTO exai_sessions (user_id, continuation_id) VALUES ('u', 'c'), ('u', 'c')",
        "23505", "exai_sessions_continuation_id_key", nil, "exai_sessions"
      ),
      (
        "INSERT INTO exai_messages (session_id, content) VALUES (gen_random_uuid(), '')", "23503",
        "exai_messages_session_id_fkey", nil, "exai_messages"
      ),
      (#"SELECT '{"a": "\u0000"}'::jsonb"#, "22P05", nil, nil, nil),
      ("SELECT FROM nowhere", "42P01", nil, nil, nil),
    ] as [(String, String, String?, String?, String?)])
  func `an error carries code, constraint, column and table`(
    sql: String, code: String, constraint: String?, column: String?, table: String?
  ) async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      do throws(PostgresError) {
        try connection.execute(sql)
        Issue.record("the server accepted \(sql)")
      } catch {
        #expect(error.sqlState == SQLState(rawValue: code))
        #expect(error.constraint == constraint)
        #expect(error.column == column)
        #expect(error.table == table)
        #expect(error.description.contains("(SQLSTATE \(code))"))
      }
      #expect(try connection.query("SELECT 1").first?.text(0) == "1")
    }
  }

  @Test func `a connection the server ends is lost, not refused`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try database.connect().execute(
        "SELECT pg_terminate_backend(\(connection.backendProcess))")
      do throws(PostgresError) {
        try connection.execute("SELECT 1")
        Issue.record("the connection still works")
      } catch {
        #expect(error.reason == .connectionLost)
      }
    }
  }

  @Test func `a server that is not there is a failed connect`() throws {
    do throws(PostgresError) {
      _ = try PostgresConnection(
        ConnectionTarget("host=/nonexistent user=u dbname=d password=hunter2"))
      Issue.record("something answered")
    } catch {
      #expect(error.reason == .connect)
      #expect(!error.description.contains("hunter2"))
    }
  }

  @Test(
    arguments: [
      "postgresql://u:hunter2@[::1/d", "host=h password='hunter2", "nonsense",
      "postgresql://u:hunter2@h/d?unknown=1",
    ]) func `a connection string that cannot be read is not repeated`(text: String)
  {
    do throws(PostgresError) {
      _ = try ConnectionTarget(text)
      Issue.record("it was read")
    } catch {
      #expect(error.reason == .connectionString)
      #expect(!error.description.contains("hunter2"))
      #expect(!error.description.contains(text))
    }
  }
}
