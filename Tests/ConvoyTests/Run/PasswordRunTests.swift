internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct PasswordRunTests {
  private static func convoy(
    _ arguments: [String], _ scene: RunScene, _ variables: [String: String] = [:]
  ) async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      arguments, environment: scene.environment.merging(variables) { $1 },
      directory: scene.directory.path)
  }

  @Test func `a pipeline's password command is asked once for all connections`() async throws {
    try await RunScene.with { scene in
      let role = try PasswordRole(scene, "SUPERUSER")
      try scene.directory.write("t.jsonl", ManyThreads.text(20))
      try scene.directory.write("secret", "\(PasswordRole.password)\n")
      func pipeline(_ command: String) throws {
        try scene.directory.write(
          "p.yaml",
          """
          source: {format: threads, inputs: [t.jsonl]}
          load: {target: '\(role.url(scene))', workers: 3, passwordCommand: '\(command)'}
          """)
      }
      try pipeline("echo >> asked; cat secret")
      let run = try await Self.convoy(["run", "p.yaml"], scene)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try scene.directory.read("asked") == [0x0A])
      #expect(try await Self.convoy(["doctor", "p.yaml"], scene).status == 0)
      try pipeline("echo wrong")
      #expect(try await Self.convoy(["run", "p.yaml", "--restart"], scene).status == 69)
      try pipeline("cat secret; cat secret >&2; exit 3")
      let failed = try await Self.convoy(["run", "p.yaml", "--restart"], scene)
      #expect(failed.status == 1)
      #expect(
        failed.errors.contains("convoy run: the password command ended with status 3\nhint: "))
      #expect(!failed.errors.contains(PasswordRole.password))
      try role.drop(scene)
    }
  }

  @Test func `commands without a pipeline take the password command of the environment`()
    async throws
  {
    try await RunScene.with { scene in
      let role = try PasswordRole(scene, "SUPERUSER")
      let command = ["CONVOY_PASSWORD_COMMAND": "echo \(PasswordRole.password)"]
      for arguments in [["schema", "status"], ["doctor"]] {
        let target = arguments + ["--target", role.url(scene)]
        #expect(try await Self.convoy(target, scene).status == 69)
        let ended = try await Self.convoy(target, scene, command)
        #expect(ended.status == 0, "\(ended.errors)")
        let wins = try await Self.convoy(
          target, scene, ["PGPASSWORD": PasswordRole.password, "CONVOY_PASSWORD_COMMAND": "exit 1"])
        #expect(wins.status == 0, "\(wins.errors)")
      }
      try role.drop(scene)
    }
  }

  @Test func `a service's password and TLS settings reach libpq`() async throws {
    try await RunScene.with { scene in
      let role = try PasswordRole(scene, "SUPERUSER")
      let socket = (try scene.value("SHOW unix_socket_directories") ?? "").replacing("\"", with: "")
      let file = try scene.directory.write(
        "services",
        """
        [prod]
        host=\(socket)
        user=\(role.name)
        dbname=\(scene.database.name)
        password=\(PasswordRole.password)
        sslmode=verify-full
        sslrootcert=/nonexistent.pem
        """)
      let ended = try await Self.convoy(
        ["doctor", "--target", "service=prod"], scene, ["PGSERVICEFILE": file])
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.output.hasPrefix("ok       reachable     service prod\n"), "\(ended.output)")
      try role.drop(scene)
    }
  }

  @Test func `a password that is needed is shown nowhere`() async throws {
    try await RunScene.with { scene in
      let secret = PasswordRole.password
      let role = try PasswordRole(scene, "SUPERUSER")
      try scene.directory.write("t.jsonl", ManyThreads.text(3) + "{}\n")
      try scene.directory.write("p.yaml", "source: {format: threads, inputs: [t.jsonl]}\n")
      let target = role.url(scene, password: secret)
      let wrong = role.url(scene, password: "\(secret)-x")
      let torn = "postgresql://\(role.name):\(secret)@x@127.0.0.1/d"
      let commands: [([String], Int32)] = [
        (["plan", "p.yaml", "--target", target], 0),
        (["preview", "p.yaml", "--target", target], 0),
        (["run", "p.yaml", "--dry-run", "--target", target], 3),
        (["run", "p.yaml", "--json", "--target", target], 3),
        (["doctor", "--target", target], 0), (["doctor", "--json", "--target", target], 0),
        (["schema", "status", "--json", "--target", target], 0),
        (["show", "gone", "--target", target], 1),
        (["run", "p.yaml", "--target", wrong], 69), (["doctor", "--target", wrong], 69),
        (["doctor", "--target", torn], 64), (["plan", "p.yaml", "--target", torn], 64),
        (["run", "p.yaml", "--set", "load.target=\(target)"], 78),
        (["run", "p.yaml", "--set", "load=\(target)"], 78),
        (["run", "p.yaml", "--set", "load.batchRows=\(target)"], 78),
        (["run", "p.yaml", "--set", target], 64),
      ]
      for (arguments, status) in commands {
        let ended = try await Self.convoy(arguments, scene)
        #expect(ended.status == status, "\(arguments): \(ended.errors)")
        #expect(!(ended.output + ended.errors).contains(secret), "\(arguments)")
      }
      let files = FileManager.default.enumerator(atPath: scene.directory.path)
      let written = (files?.compactMap { $0 as? String } ?? []).filter {
        $0.hasPrefix("convoy-report/p/")
      }
      #expect(written.count >= 2)
      for name in written {
        #expect(!String(decoding: try scene.directory.read(name), as: UTF8.self).contains(secret))
      }
      for table in ["runs", "batches", "inputs"] {
        let found = "SELECT count(*) FROM convoy.\(table) t WHERE t::text LIKE '%\(secret)%'"
        #expect(try scene.value("SELECT count(*) > 0 FROM convoy.\(table)") == "t")
        #expect(try scene.value(found) == "0")
      }
      try role.drop(scene)
    }
  }
}
