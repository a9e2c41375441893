internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// TLS with the server's certificate and name checked, and the places a password can come from.
///
/// That the password is in nothing the program writes is seen to by `ConvoyProcess`.
@Suite struct SecureConnectionTests {
  /// Where the password comes from.
  enum Source: CaseIterable {
    case url, keywords, databaseURL, pipeline, serviceFile, passFile, variable
  }

  @Test(arguments: Source.allCases)
  func `a password is taken from wherever libpq takes it, and shown nowhere`(source: Source)
    async throws
  {
    let secure = try await SecureServer.shared.value
    try await secure.withScene { scene in
      var environment = scene.environment
      let (target, yaml) = try Self.give(source, scene, secure, &environment)
      try scene.directory.write("t.jsonl", ManyThreads.text(20))
      try scene.directory.write(
        "p.yaml", "source: {format: threads, inputs: [t.jsonl]}\n\(yaml)\n")
      var run: [ConvoyProcess.Outcome] = []
      for command in [
        ["schema", "status"], ["plan", "p.yaml"], ["run", "p.yaml", "--dry-run"],
        ["run", "p.yaml"],
        ["run", "p.yaml", "--json", "--restart"], ["show", "t7"],
      ] where yaml.isEmpty || command.contains("p.yaml") {
        run.append(
          try await ConvoyProcess.run(
            command + target, environment: environment, directory: scene.directory.path))
      }
      #expect(run.allSatisfy { $0.status == 0 }, "\(run.map(\.errors))")
      #expect(
        try scene.rows("SELECT count(*), count(DISTINCT content) FROM exai_messages")
          == [["100", "100"]])
      // It was the role that asks for a password, on a connection that was encrypted.
      let log = try String(contentsOfFile: secure.server.log, encoding: .utf8)
      #expect(
        log.contains(
          "user=\(SecureServer.role) database=\(scene.database.name) application_name=convoy"))
      #expect(log.contains("SSL enabled (protocol=TLSv1.3"))
      try await secure.server.expectNoPassword(in: scene.database)
    }
  }

  /// Puts the password where a source has it.
  ///
  /// Returns the options and the line of the pipeline that name the target.
  private static func give(
    _ source: Source, _ scene: RunScene, _ secure: SecureServer,
    _ environment: inout [String: String]
  ) throws -> (target: [String], yaml: String) {
    let withPassword = secure.url(scene, password: TestPassword.inURL)
    let without = secure.url(scene)
    let keywords = """
      host=\(SecureServer.host) hostaddr=127.0.0.1 port=\(secure.server.port) \
      user=\(SecureServer.role) dbname=\(scene.database.name) sslmode=verify-full \
      sslrootcert=\(secure.bundle)
      """
    switch source {
    case .url: return (["--target", withPassword], "")
    case .keywords:
      let quoted = TestPassword.text.replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#)
      return (["--target", "\(keywords) password='\(quoted)'"], "")
    case .databaseURL:
      environment["DATABASE_URL"] = withPassword
      return ([], "")
    case .pipeline:
      environment["BULK_URL"] = withPassword
      return ([], "load: {target: \"${BULK_URL}\"}")
    case .serviceFile:
      let lines = keywords.split(separator: " ").joined(separator: "\n")
      environment["PGSERVICEFILE"] = try scene.directory.write(
        "services", "[bulk]\n\(lines)\npassword=\(TestPassword.text)\n")
      return (["--target", "service=bulk"], "")
    case .passFile:
      let file = try scene.directory.write(
        "passwords",
        "\(SecureServer.host):*:\(scene.database.name):*:\(TestPassword.inPassFile)\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      environment["PGPASSFILE"] = file
      return (["--target", without], "")
    case .variable:
      environment["PGPASSWORD"] = TestPassword.text
      return (["--target", without], "")
    }
  }

  /// What keeps a connection from being made.
  enum Fault: CaseIterable {
    case name, authority, noAuthorities, plaintext, wrongPassword, noPassword

    var complaint: String {
      switch self {
      case .name: #"does not match host name "other.local.test""#
      case .authority: "certificate verify failed"
      case .noAuthorities: "does not exist"
      case .plaintext: "no encryption"
      case .wrongPassword: "password authentication failed for user \"\(SecureServer.role)\""
      case .noPassword: "no password supplied"
      }
    }
  }

  @Test(arguments: Fault.allCases)
  func `a server that is not proven, and a role that is not, are refused with 69 and the reason`(
    fault: Fault
  ) async throws {
    let secure = try await SecureServer.shared.value
    try await secure.withScene { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(2))
      let right = TestPassword.inURL
      let url =
        switch fault {
        case .name: secure.url(scene, password: right, host: "other.local.test")
        case .authority: secure.url(scene, password: right, authorities: secure.strangers)
        case .noAuthorities: secure.url(scene, password: right, authorities: "/nonexistent.crt")
        case .plaintext: secure.url(scene, password: right, mode: "disable")
        case .wrongPassword: secure.url(scene, password: TestPassword.wrongInURL)
        case .noPassword: secure.url(scene)
        }
      for options in [[], ["--dry-run"]] {
        let run = try await scene.run(
          "threads", ["t.jsonl"], options: ["--target", url] + options)
        #expect(run.status == 69)
        #expect(run.output == "")
        let failure = run.errors.split(separator: "\n").last ?? ""
        #expect(failure.hasPrefix("convoy run: "), "\(run.errors)")
        #expect(failure.contains(fault.complaint), "\(run.errors)")
      }
      #expect(try scene.value("SELECT to_regclass('convoy.runs')") == nil)
      try TestPassword.expectAbsent(fromFile: secure.server.log)
    }
  }
}
