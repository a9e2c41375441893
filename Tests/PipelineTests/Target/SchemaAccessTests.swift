internal import FoundationEssentials
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct SchemaAccessTests {
  @Test func `a trigger function that is there already keeps its body`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute(
        """
        CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS
          $$BEGIN NEW.updated_at := '2001-01-01Z'; RETURN NEW; END$$
        """)
      try SchemaState(connection).apply(to: connection, includingBaseline: true)
      try connection.execute("INSERT INTO files (filename, storage_path) VALUES ('f', 'p')")
      try connection.execute("UPDATE files SET filename = 'g' WHERE true")
      #expect(
        try database.query("SELECT extract(year FROM updated_at AT TIME ZONE 'UTC') FROM files")
          == [["2001"]])
    }
  }

  @Test func `the trigger of files sets updated_at on update only`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        "INSERT INTO files (filename, storage_path, updated_at) VALUES ('f', 'p', '2001-01-01Z')")
      let kept = "SELECT updated_at = '2001-01-01Z' FROM files"
      #expect(try database.query(kept) == [["t"]])
      try connection.execute("UPDATE files SET filename = 'g' WHERE true")
      #expect(try database.query(kept) == [["f"]])
    }
  }

  @Test(arguments: ["files", "exai_sessions", "exai_messages"])
  func `anon sees no row and writes none, service_role does`(table: String) async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        """
        INSERT INTO exai_sessions (id, user_id) VALUES (gen_random_uuid(), 'u');
        INSERT INTO exai_messages (session_id, content) SELECT id, '' FROM exai_sessions;
        INSERT INTO files (filename, storage_path) VALUES ('f', 'p');
        SET ROLE anon;
        """)
      #expect(try connection.query("SELECT count(*) FROM \(table)").first?.text(0) == "0")
      #expect(throws: PostgresError.self) {
        try connection.execute(
          "INSERT INTO files (filename, storage_path) VALUES ('g', 'q')")
      }
      try connection.execute("RESET ROLE; SET ROLE service_role")
      #expect(try connection.query("SELECT count(*) FROM \(table)").first?.text(0) == "1")
    }
  }

  @Test func `a policy that lets everybody in is warned about`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      #expect(try SchemaState(connection).warnings.isEmpty)
      try connection.execute("CREATE POLICY \"all\" ON files FOR ALL USING (true)")
      let warnings = try SchemaState(connection).warnings
      #expect(warnings.count == 1)
      #expect(warnings[0].contains("ALTER POLICY \"all\" ON public.files TO service_role"))
    }
  }

  @Test func `a database without role service_role gets its tables closed and no policy`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      var environment = ProcessInfo.processInfo.environment
      environment["CONVOY_HOME"] = directory.path
      let cluster = try LocalCluster(environment: environment)
      do {
        try await cluster.start()
        try PostgresConnection(cluster.target()).execute(
          "DROP OWNED BY service_role; DROP ROLE service_role")
        let connection = try PostgresConnection(cluster.target(database: "postgres"))
        try SchemaState(connection).apply(to: connection, includingBaseline: true)
        #expect(try connection.query("SELECT FROM pg_policies").rows.isEmpty)
        let closed = try connection.query(
          "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY 1")
        #expect(closed.rows.map { $0.text(0) } == ["exai_messages", "exai_sessions", "files"])
      } catch {
        try await cluster.remove()
        throw error
      }
      try await cluster.remove()
    }
  }
}
