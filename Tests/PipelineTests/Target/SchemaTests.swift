internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

@Suite struct SchemaTests {
  @Test func `an empty database gets baseline and migrations, recorded as Supabase records them`()
    async throws
  {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let done = try SchemaState(connection).apply(to: connection, includingBaseline: true)
      #expect(
        done == [
          "make exai_sessions, exai_messages", "apply add_files_table",
          "apply add_continuation_id_to_sessions",
        ])
      let recorded = try database.query(
        """
        SELECT version, name, array_length(statements, 1)
        FROM supabase_migrations.schema_migrations ORDER BY version
        """)
      #expect(
        recorded == [
          ["20251015000001", "add_files_table", "7"],
          ["20251015000002", "add_continuation_id_to_sessions", "2"],
        ])
      #expect(try states(connection) == Migration.all.map { .applied(version: $0.version) })
    }
  }

  @Test func `applying again writes nothing at all`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      let before = try catalogue(database)
      let done = try SchemaState(connection).apply(to: connection, includingBaseline: true)
      #expect(done.isEmpty)
      #expect(try catalogue(database) == before)
    }
  }

  @Test func `looking at an empty database makes no migration history`() async throws {
    try await TestDatabase.with(.empty) { database in
      let before = try catalogue(database)
      let state = try SchemaState(try database.connect())
      #expect(state.entries.map(\.state) == [.missing, .missing])
      #expect(state.missingTables == ["exai_sessions", "exai_messages"])
      #expect(try catalogue(database) == before)
    }
  }

  @Test func `a migration recorded by its name under another version is applied`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        """
        UPDATE supabase_migrations.schema_migrations SET version = '20251016083000'
        WHERE name = 'add_files_table'
        """)
      #expect(
        try states(connection) == [
          .applied(version: "20251016083000"), .applied(version: "20251015000002"),
        ])
      #expect(try SchemaState(connection).apply(to: connection, includingBaseline: false).isEmpty)
    }
  }

  @Test func `a migration recorded before names were is known by its version`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("ALTER TABLE supabase_migrations.schema_migrations DROP COLUMN name")
      #expect(try states(connection) == Migration.all.map { .applied(version: $0.version) })
    }
  }

  @Test func `objects made by hand are recorded and otherwise left alone`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("DROP SCHEMA supabase_migrations CASCADE")
      // A project's own history has columns of the platform.
      try connection.execute(
        """
        CREATE SCHEMA supabase_migrations;
        CREATE TABLE supabase_migrations.schema_migrations (
          version text NOT NULL PRIMARY KEY, statements text[], name text, created_by text,
          idempotency_key text UNIQUE, rollback text[]);
        """)
      let before = try database.query(objects)
      #expect(try states(connection) == [.unrecorded, .unrecorded])
      let done = try SchemaState(connection).apply(to: connection, includingBaseline: false)
      #expect(done.count == 2)
      #expect(try states(connection) == Migration.all.map { .applied(version: $0.version) })
      #expect(try database.query(objects) == before)
    }
  }

  @Test(
    arguments: [
      ("ALTER TABLE files ALTER file_size TYPE text", "files.file_size is text, not bigint"),
      ("ALTER TABLE files DROP COLUMN tags", "files has no column tags"),
      (
        "ALTER TABLE files DROP CONSTRAINT files_storage_path_key",
        "files.storage_path is not unique"
      ),
    ]) func `a table files of another shape is refused with the difference`(
      sql: String, difference: String
    ) async throws
  {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("DROP SCHEMA supabase_migrations CASCADE; \(sql)")
      let before = try catalogue(database)
      let error = try #require(throws: RunError.self) {
        try SchemaState(connection).apply(to: connection, includingBaseline: true)
      }
      #expect(error.message == "add_files_table: differs: \(difference)")
      #expect(try catalogue(database) == before)
    }
  }

  @Test func `a recorded migration whose table is gone is refused, not taken for applied`()
    async throws
  {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute("DROP TABLE files")
      #expect(try states(connection)[0] == .lost(version: "20251015000001", ["table files"]))
      #expect(throws: RunError.self) {
        try SchemaState(connection).apply(to: connection, includingBaseline: true)
      }
    }
  }

  @Test func `a version taken by another migration is refused`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        """
        DROP TABLE files;
        UPDATE supabase_migrations.schema_migrations SET name = 'other'
        WHERE name = 'add_files_table';
        """)
      #expect(try states(connection)[0] == .versionTaken(by: "other"))
    }
  }

  @Test func `without its tables and without baseline nothing is made`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let before = try catalogue(database)
      #expect(throws: RunError.self) {
        try SchemaState(connection).apply(to: connection, includingBaseline: false)
      }
      #expect(try catalogue(database) == before)
    }
  }

  @Test func `an existing column continuation_id without its constraint gets the constraint`()
    async throws
  {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      try connection.execute(
        """
        DROP SCHEMA supabase_migrations CASCADE;
        ALTER TABLE exai_sessions DROP CONSTRAINT exai_sessions_continuation_id_key;
        """)
      #expect(try states(connection) == [.unrecorded, .missing])
      try SchemaState(connection).apply(to: connection, includingBaseline: false)
      #expect(throws: PostgresError.self) {
        try connection.execute(
          "INSERT INTO exai_sessions (user_id, continuation_id) VALUES ('u', 'c'), ('v', 'c')")
      }
    }
  }

  @Test func `a table in use by others is waited for briefly, then nothing is changed`()
    async throws
  {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute("CREATE TABLE exai_sessions (id uuid PRIMARY KEY, user_id text)")
      let before = try catalogue(database)
      let other = try database.connect()
      try other.execute("BEGIN; LOCK TABLE exai_sessions")
      let error = #expect(throws: PostgresError.self) {
        try SchemaState(connection).apply(to: connection, includingBaseline: false)
      }
      #expect(error?.sqlState == .lockNotAvailable)
      try other.execute("ROLLBACK")
      #expect(try catalogue(database) == before)
    }
  }

  @Test func `the printed plan does what apply does`() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      let plan = try SchemaPlan(SchemaState(connection), includingBaseline: true)
      try connection.execute(plan.script)
      #expect(try states(connection) == Migration.all.map { .applied(version: $0.version) })
      let planned = try database.query(objects)
      try await TestDatabase.with { other in
        let applied = try other.query(objects)
        #expect(applied == planned)
      }
    }
  }

  private func states(_ connection: borrowing PostgresConnection) throws -> [SchemaState.State] {
    try SchemaState(connection).entries.map(\.state)
  }

  /// Every row of the catalogue that DDL writes, with the transaction that wrote it.
  private func catalogue(_ database: TestDatabase) throws -> [[String?]] {
    try ["pg_namespace", "pg_class", "pg_proc", "pg_trigger", "pg_policy", "pg_constraint"]
      .flatMap { try database.query("SELECT '\($0)', oid, xmin FROM \($0) ORDER BY oid") }
  }

  /// Tables, columns, constraints, triggers and policies, without their numbers.
  private let objects = """
    SELECT 'column', table_name || '.' || column_name, data_type || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
      WHERE NOT tgisinternal
    UNION ALL SELECT 'policy', policyname, roles::text || qual || with_check FROM pg_policies
    ORDER BY 1, 2, 3
    """
}
