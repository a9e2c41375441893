internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// A project as it is hosted: the role one connects as is no superuser, tables are under row-level
/// security, and statements are ended after two minutes.
@Suite struct HostedRoleTests {
  private static let server = Task {
    let server = try await TestServer.start(
      "hosted", superuser: "supabase_admin", settings: ["statement_timeout": "2min"],
      rules: ["local all all trust"])
    try server.connect().execute(
      """
      CREATE ROLE anon NOLOGIN NOINHERIT;
      CREATE ROLE authenticated NOLOGIN NOINHERIT;
      CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;
      CREATE ROLE authenticator LOGIN NOINHERIT;
      CREATE ROLE postgres LOGIN NOSUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS;
      CREATE ROLE loader LOGIN;
      GRANT anon, authenticated, service_role TO authenticator, postgres;
      ALTER ROLE anon SET statement_timeout = '3s';
      ALTER ROLE authenticated SET statement_timeout = '8s';
      ALTER ROLE authenticator SET statement_timeout = '8s';
      GRANT SET ON PARAMETER session_replication_role TO postgres
      """)
    return server
  }

  /// Lends a scene on the project, with nothing but its grants; `body` gets the options that name it as
  /// the target of a role.
  private static func withProject(
    _ body: (RunScene, _ asRole: (String) -> [String]) async throws -> Void
  ) async throws {
    let server = try await server.value
    try await TemporaryDirectory.with { directory in
      try await server.withDatabase(owner: "postgres") { database in
        try database.execute(
          """
          GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role, loader;
          ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
            GRANT ALL ON TABLES TO anon, authenticated, service_role
          """)
        try await body(RunScene(directory: directory, database: database)) {
          ["--target", server.url(database.name, user: $0)]
        }
      }
    }
  }

  @Test func `schema, dry run, load, merge, rejects, re-run and show work as postgres`()
    async throws
  {
    try await Self.withProject { scene, asRole in
      let target = asRole("postgres")
      let applied = try await scene.convoy(["schema", "apply", "--baseline"] + target)
      #expect(applied.status == 0, "\(applied.errors)")
      #expect(try await scene.convoy(["schema", "status"] + target).status == 0)
      let secured = """
        SELECT count(*) FROM pg_class WHERE relrowsecurity
          AND oid IN ('exai_sessions'::regclass, 'exai_messages'::regclass, 'files'::regclass)
        """
      #expect(try scene.value(secured) == "3")
      // Not even as owner of the tables is the role outside the policies: it is by BYPASSRLS alone.
      try scene.execute(
        """
        ALTER TABLE exai_sessions FORCE ROW LEVEL SECURITY;
        ALTER TABLE exai_messages FORCE ROW LEVEL SECURITY;
        ALTER TABLE exai_messages ADD CHECK (content <> 's3 m3')
        """)
      try scene.directory.write("t.jsonl", ManyThreads.text(100, prefix: "t"))
      let options = ManyThreads.smallBatches + target
      let dry = try await scene.run("threads", ["t.jsonl"], options: options + ["--dry-run"])
        .expect(3)
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "0")
      let report = try await scene.run("threads", ["t.jsonl"], options: options).expect(3)
      #expect(report.total.messages == .of(inserted: 499, rejected: 1))
      #expect(dry.total == report.total)
      try scene.directory.write(
        "u.jsonl", ManyThreads.text(100).replacing("T01:", with: "T02:"))
      let merged = try await scene.run("threads", ["u.jsonl"], options: options).expect(3)
      #expect(merged.total.messages == .of(inserted: 499, rejected: 1))
      #expect(merged.total.sessions == .of(updated: 100))
      let again = try await scene.run("threads", ["t.jsonl"], options: options).expect(3)
      #expect(again.total.messages == .of(unchanged: 499, rejected: 1))
      let shown = try await scene.convoy(["show", "t1"] + target)
      #expect(shown.output.contains("s1 m4"), "\(shown.errors)")

      // The roles of the Data API see none of it, and not the ledger at all.
      for role in ["anon", "authenticated"] {
        let connection = try scene.database.connect()
        try connection.execute("SET ROLE \(role)")
        #expect(
          try connection.query("SELECT count(*) FROM exai_sessions").first?.text(0) == "0")
        #expect(throws: PostgresError.self) {
          try connection.query("SELECT count(*) FROM convoy.runs")
        }
      }
    }
  }

  @Test func `a role that policies bind is refused, and nothing is written`() async throws {
    try await Self.withProject { scene, asRole in
      let owner = asRole("postgres")
      _ = try await scene.convoy(["schema", "apply", "--baseline"] + owner)
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      try scene.directory.write("u.jsonl", ManyThreads.text(3, prefix: "u"))
      try await scene.run("threads", ["t.jsonl"], options: owner).expect()
      // It may do everything with the tables, within policies that let it.
      try scene.execute(
        """
        GRANT ALL ON exai_sessions, exai_messages TO loader;
        CREATE POLICY everything ON exai_sessions TO loader USING (true) WITH CHECK (true);
        CREATE POLICY everything ON exai_messages TO loader USING (true) WITH CHECK (true);
        GRANT USAGE ON SCHEMA convoy TO loader;
        GRANT ALL ON ALL TABLES IN SCHEMA convoy TO loader
        """)
      let before = try scene.checksum()
      let run = try await scene.run("threads", ["u.jsonl"], options: asRole("loader"))
      #expect(run.status == 1)
      #expect(run.errors.contains("row-level security"), "\(run.errors)")
      #expect(try scene.checksum() == before)
      #expect(try scene.value("SELECT count(*) FROM convoy.batches") == "1")
    }
  }

  @Test func `a batch slower than the server's statement_timeout loads all the same`() async throws
  {
    try await Self.withProject { scene, asRole in
      let target = asRole("postgres")
      _ = try await scene.convoy(["schema", "apply", "--baseline"] + target)
      #expect(
        try PostgresConnection(ConnectionTarget(target[1])).query("SHOW statement_timeout")
          .first?.text(0) == "2min")
      try scene.execute(
        """
        ALTER DATABASE \(scene.database.name) SET statement_timeout = '5s';
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_sleep(6); RETURN NULL;
        END $$;
        CREATE TRIGGER wait AFTER INSERT ON exai_sessions FOR EACH STATEMENT EXECUTE FUNCTION wait()
        """)
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      let report = try await scene.run("threads", ["t.jsonl"], options: target).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 15))
      try scene.directory.write("u.jsonl", ManyThreads.text(6).replacing("T01:", with: "T02:"))
      let merged = try await scene.run("threads", ["u.jsonl"], options: target).expect()
      #expect(merged.total.sessions == .of(inserted: 3, updated: 3))
    }
  }
}
