internal import TestSupport
internal import Testing

@testable internal import Pipeline
@testable internal import Postgres

@Suite struct PreflightTests {
  /// The checks of a database by name, as a role meets them.
  private static func checks(
    _ database: TestDatabase, as role: String = "postgres"
  ) throws -> [String: Preflight.Check] {
    let url = database.url.replacing("//postgres@", with: "//\(role)@")
    let target = try ConnectionTarget(url)
    let preflight = try Preflight(PostgresConnection(target), target: target, inputBytes: nil)
    return Dictionary(uniqueKeysWithValues: preflight.checks.map { ($0.name, $0) })
  }

  /// Lends a database and the name of a role of its own, which may log in and has what is granted to it.
  private static func withRole(
    _ traits: String = "", granting sql: (String) -> String,
    _ body: (TestDatabase, String) throws -> Void
  ) async throws {
    try await TestDatabase.with { database in
      let role = "r_\(database.name)"
      try database.execute("CREATE ROLE \(role) LOGIN \(traits)")
      try database.execute(sql(role))
      try body(database, role)
      try database.execute("REASSIGN OWNED BY \(role) TO postgres; DROP OWNED BY \(role)")
      try database.execute("DROP ROLE \(role)")
    }
  }

  @Test func `an owner's own database has nothing to say but what it is`() async throws {
    try await TestDatabase.with { database in
      let checks = try Self.checks(database)
      #expect(
        checks.keys.sorted() == [
          "disk", "encoding", "pooler", "privileges", "role", "row-security", "size", "timeouts",
          "tls", "version", "writable",
        ])
      #expect(checks.values.allSatisfy { $0.state == .ok && $0.advice == nil }, "\(checks)")
      #expect(checks["pooler"]?.found == "none, a direct connection")
      #expect(checks["role"]?.found == "postgres: superuser")
      #expect(checks["size"]?.found.hasPrefix("database \(database.name) has ") == true)
    }
  }

  @Test func `nothing is left open or changed`() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connect()
      _ = try Preflight(connection, target: database.target, inputBytes: 1)
      let isOpen = connection.isInTransaction
      #expect(!isOpen)
      let path = try connection.query("SHOW search_path").first?.text(0)
      #expect(path == "\"$user\", public")
    }
  }

  private static let isBound = "ALTER TABLE exai_sessions ENABLE ROW LEVEL SECURITY;"

  @Test(arguments: [
    ("", "", Preflight.Check.State.refused),
    ("BYPASSRLS", "", .ok),
    ("SUPERUSER", "", .ok),
    // The owner is not bound, but files is not its own.
    (
      "", "ALTER TABLE exai_sessions OWNER TO WHO; ALTER TABLE exai_messages OWNER TO WHO", .warning
    ),
    (
      "",
      """
      ALTER TABLE exai_sessions OWNER TO WHO; ALTER TABLE exai_messages OWNER TO WHO;
      ALTER TABLE files OWNER TO WHO
      """, .ok
    ),
    (
      "", "ALTER TABLE exai_sessions OWNER TO WHO, FORCE ROW LEVEL SECURITY", .refused
    ),
    (
      "",
      """
      ALTER TABLE exai_sessions DISABLE ROW LEVEL SECURITY;
      ALTER TABLE exai_messages DISABLE ROW LEVEL SECURITY
      """, .warning
    ),
  ])
  func `row-level security refuses a role it binds, on a table that is loaded`(
    traits: String, change: String, state: Preflight.Check.State
  ) async throws {
    try await Self.withRole(
      traits, granting: { Self.isBound + change.replacing("WHO", with: $0) }
    ) { database, role in
      let check = try #require(try Self.checks(database, as: role)["row-security"])
      #expect(check.state == state, "\(check)")
      switch state {
      case .refused:
        #expect(check.found.hasPrefix("row-level security on exai_sessions"))
        #expect(
          check.found.hasSuffix("binds role \(role), and the server refuses COPY under it"))
        #expect(
          check.advice?.hasPrefix("connect as a role that is not bound: postgres") == true)
      case .warning: #expect(check.found == "row-level security on files binds role \(role)")
      case .ok, .note, .failed: #expect(check.found == "does not bind role \(role)")
      }
    }
  }

  private static let grants = """
    GRANT CREATE ON DATABASE DB TO ROLE;
    GRANT SELECT, INSERT, UPDATE ON exai_sessions, exai_messages TO ROLE
    """

  @Test(
    arguments: [
      ("", nil),
      (
        "REVOKE UPDATE ON exai_messages FROM ROLE",
        ("UPDATE on public.exai_messages", "GRANT UPDATE ON public.exai_messages TO ROLE")
      ),
      (
        "REVOKE INSERT, UPDATE ON exai_messages, exai_sessions FROM ROLE",
        (
          "INSERT, UPDATE on public.exai_sessions, public.exai_messages",
          "GRANT INSERT, UPDATE ON public.exai_sessions, public.exai_messages TO ROLE"
        )
      ),
      (
        "REVOKE CREATE ON DATABASE DB FROM ROLE",
        ("CREATE on DATABASE DB", "GRANT CREATE ON DATABASE DB TO ROLE")
      ),
      (
        "REVOKE TEMPORARY ON DATABASE DB FROM PUBLIC",
        ("TEMPORARY on DATABASE DB", "GRANT TEMPORARY ON DATABASE DB TO ROLE")
      ),
      (
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
        ("USAGE on SCHEMA public", "GRANT USAGE ON SCHEMA public TO ROLE")
      ),
      (
        "CREATE SCHEMA convoy",
        (
          "USAGE on SCHEMA convoy; CREATE on SCHEMA convoy",
          "GRANT USAGE ON SCHEMA convoy TO ROLE; GRANT CREATE ON SCHEMA convoy TO ROLE"
        )
      ),
      (
        """
        REVOKE INSERT, UPDATE ON exai_sessions FROM ROLE;
        GRANT INSERT (id), UPDATE (id) ON exai_sessions TO ROLE
        """, nil
      ),
    ] as [(String, (String, String)?)])
  func `a privilege that is missing is named with the statement that grants it`(
    change: String, missing: (found: String, advice: String)?
  ) async throws {
    try await Self.withRole("BYPASSRLS", granting: { _ in "" }) { database, role in
      func sql(_ text: String) -> String {
        text.replacing("DB", with: database.name).replacing("ROLE", with: role)
      }
      try database.execute(sql(Self.grants))
      try database.execute(sql(change))
      let check = try #require(try Self.checks(database, as: role)["privileges"])
      guard let missing else {
        #expect(check == .init("privileges", .ok, "all that a load needs"))
        return
      }
      #expect(
        check
          == .init(
            "privileges", .refused, sql("role ROLE lacks \(missing.found)"),
            advice: sql(missing.advice)))
      try database.execute(check.advice ?? "")
      #expect(try Self.checks(database, as: role)["privileges"]?.state == .ok)
    }
  }

  @Test func `a read-only database is refused, timeouts of the server are a note`() async throws {
    try await TestDatabase.with { database in
      try database.execute(
        """
        ALTER DATABASE \(database.name) SET default_transaction_read_only = on;
        ALTER DATABASE \(database.name) SET statement_timeout = '2min';
        ALTER DATABASE \(database.name) SET lock_timeout = '3s'
        """)
      let checks = try Self.checks(database)
      #expect(checks["writable"]?.state == .refused)
      #expect(
        checks["writable"]?.found
          == "the database is read-only: default_transaction_read_only is on")
      #expect(checks["timeouts"]?.state == .note)
      #expect(checks["timeouts"]?.found == "statement_timeout 2min, lock_timeout 3s")
    }
  }

  @Test func `a database of another encoding is refused`() async throws {
    try await TestDatabase.with(.empty) { database in
      let name = "\(database.name)_latin1"
      try database.execute(
        "CREATE DATABASE \(name) ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
      var target = database.target
      target.set("dbname", name)
      let check = try Preflight(PostgresConnection(target), target: target, inputBytes: nil)
        .checks.first { $0.name == "encoding" }
      #expect(check?.state == .refused)
      #expect(
        check?.found == "the database's encoding is LATIN1, which cannot hold every character")
      try database.execute("DROP DATABASE \(name)")
    }
  }

  @Test(arguments: [
    (12, Preflight.Check.State.refused), (13, .note), (14, .note), (15, .ok), (17, .ok),
  ])
  func `a server older than what is needed is refused`(major: Int, state: Preflight.Check.State) {
    let facts = ServerFacts(
      values: ["version": "\(major).4", "version_number": "\(major)0004"])
    let check = Preflight.version(facts)
    #expect(check.state == state)
    #expect(check.found.hasPrefix("PostgreSQL \(major).4"))
    #expect((check.advice == nil) == (state == .ok))
  }

  @Test func `a standby is refused`() {
    let check = Preflight.writable(ServerFacts(values: ["in_recovery": "t", "read_only": "off"]))
    #expect(check.state == .refused)
    #expect(check.advice == "connect to the primary")
  }

  private static let tls: [(String, String, String, String?, Preflight.Check.State)] = [
    ("/run/postgresql", "", "verify-full", nil, .ok), ("@abstract", "", "prefer", nil, .ok),
    ("localhost", "127.0.0.1", "prefer", nil, .ok), ("localhost", "::1", "prefer", nil, .ok),
    ("db.example", "192.0.2.7", "prefer", nil, .warning),
    ("db.example", "192.0.2.7", "require", "TLSv1.3", .note),
    ("db.example", "192.0.2.7", "verify-ca", "TLSv1.3", .note),
    ("db.example", "192.0.2.7", "verify-full", "TLSv1.3", .ok),
  ]

  @Test(arguments: tls)
  func `a connection that others can read is a warning, one to whoever answers a note`(
    host: String, address: String, mode: String, version: String?, state: Preflight.Check.State
  ) {
    let peer = ConnectionPeer(
      host: host, address: address, port: "5432", user: "u", sslMode: mode, tlsVersion: version)
    let check = Preflight.tls(peer, isServerEncrypted: version != nil, .direct)
    #expect(check.state == state)
    #expect(check.advice?.contains("sslrootcert") ?? false == (state != .ok))
  }

  @Test func `free space is that of the server's own disk, and not seen of another's`() async throws
  {
    try await TestDatabase.with { database in
      let row = try database.query(
        """
        SELECT current_setting('data_directory'),
          floor(extract(epoch FROM pg_postmaster_start_time()))::bigint
        """)
      let directory = try #require(row[0][0])
      let startedAt = try #require(row[0][1].flatMap { Int($0) })
      let free = DiskSpace.freeBytes(ofServerIn: directory, startedAt: "\(startedAt)")
      #expect((free ?? 0) > 0)
      #expect(DiskSpace.freeBytes(ofServerIn: directory, startedAt: "\(startedAt - 60)") == nil)
      #expect(DiskSpace.freeBytes(ofServerIn: "/nonexistent", startedAt: "\(startedAt)") == nil)
      let target = database.target
      let preflight = try Preflight(
        PostgresConnection(target), target: target, inputBytes: 1 << 60)
      let disk = try #require(preflight.checks.first { $0.name == "disk" })
      #expect(disk.state == .warning, "\(disk)")
    }
  }
}
