internal import Postgres
internal import TestSupport

/// A server that is reached over TLS only, with a certificate of an authority of its own and a role that
/// has a password.
struct SecureServer {
  /// The name in the server's certificate, beside 127.0.0.1; no DNS knows it.
  static let host = "db.local.test"
  static let role = "loader"

  let server: TestServer

  /// Certificates of two authorities of the same name, as Supabase has had two; the server's is the second.
  var bundle: String { "\(server.directory)/bundle.crt" }
  /// The certificate of the authority that is not the server's.
  var strangers: String { "\(server.directory)/stranger.crt" }

  /// The server, started by the first that asks.
  static let shared = Task {
    let server = try await TestServer.start(
      "secure", superuser: "postgres",
      settings: [
        "ssl": "on", "ssl_cert_file": "../server.crt", "ssl_key_file": "../server.key",
        "log_connections": "on", "log_statement": "all",
      ],
      rules: ["hostssl all \(role) 127.0.0.1/32 scram-sha-256"], listensOnLoopback: true,
      prepare: makeCertificates)
    try server.connect().execute("CREATE ROLE \(role) LOGIN PASSWORD '\(TestPassword.verifier)'")
    return SecureServer(server: server)
  }

  /// Makes a database of the role's, with the schema, and lends it.
  func withScene(_ body: (RunScene) async throws -> Void) async throws {
    try await TemporaryDirectory.with { directory in
      try await server.withDatabase(owner: Self.role) { database in
        let scene = RunScene(directory: directory, database: database)
        let target = url(scene, password: TestPassword.inURL)
        let applied = try await scene.convoy(["schema", "apply", "--baseline", "--target", target])
        guard applied.status == 0 else { throw TestFailure(applied.errors) }
        try await body(scene)
      }
    }
  }

  /// A URL of a scene's database, by TLS; the host's name is in it, and its address.
  func url(
    _ scene: RunScene, password: String? = nil, host: String = host, mode: String = "verify-full",
    authorities: String? = nil
  ) -> String {
    let password = password.map { ":\($0)" } ?? ""
    return "postgresql://\(Self.role)\(password)@\(host):\(server.port)/\(scene.database.name)"
      + "?hostaddr=127.0.0.1&sslmode=\(mode)&sslrootcert=\(authorities ?? bundle)"
  }

  private static func makeCertificates(_ server: TestServer) async throws {
    for name in ["stranger", "authority"] {
      try await server.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-days", "2", "-subj", "/CN=Test Root CA", "-keyout", "\(name).key", "-out",
          "\(name).crt", "-addext", "keyUsage=critical,keyCertSign",
        ])
    }
    try await server.run(
      "openssl",
      [
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", "/CN=\(host)", "-keyout", "server.key", "-out", "server.csr",
      ])
    try await server.run(
      "sh",
      [
        "-c",
        """
        echo 'subjectAltName=DNS:\(host),IP:127.0.0.1' > server.ext
        openssl x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial \
          -days 2 -extfile server.ext -out server.crt
        cat stranger.crt authority.crt > bundle.crt
        chmod 600 server.key
        """,
      ])
  }
}
