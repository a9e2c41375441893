internal import Postgres

extension LocalCluster {
  /// Makes roles, database and schema as far as they are missing.
  ///
  /// The roles are those the schema's policies name on a Supabase project, with the grants a
  /// project starts with, so that the policies can be tried here.
  func prepareDatabase() throws {
    let server = try PostgresConnection(target(database: "postgres"))
    for (role, options) in [
      ("anon", "NOLOGIN NOINHERIT"), ("authenticated", "NOLOGIN NOINHERIT"),
      ("service_role", "NOLOGIN NOINHERIT BYPASSRLS"),
    ] where try server.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]).rows.isEmpty {
      try server.execute("CREATE ROLE \(role) \(options)")
    }
    let existing = try server.query(
      "SELECT 1 FROM pg_database WHERE datname = $1", [Self.databaseName])
    if existing.rows.isEmpty {
      try server.execute("CREATE DATABASE \(quotedIdentifier(Self.databaseName))")
    }
    let database = try PostgresConnection(target())
    let granted = try database.query(
      "SELECT 1 FROM pg_default_acl WHERE defaclnamespace = 'public'::regnamespace")
    if granted.rows.isEmpty {
      try database.execute(
        """
        GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES
          TO anon, authenticated, service_role;
        """)
    }
    let state = try SchemaState(database)
    // A schema its owner has changed is left alone; `schema status` tells how it differs.
    if !state.clashes { try state.apply(to: database, includingBaseline: true) }
  }
}
