internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Archives encrypted by age, read by age itself too.
@Suite struct AgeTests {
  /// Makes a key; what parts are encrypted for.
  static func recipient(
    _ scene: RunScene, _ file: String = "key.txt"
  ) async throws -> String {
    let path = "\(scene.directory.path)/\(file)"
    let made = try await CheckoutProgram.run("age-keygen", ["-o", path])
    try #require(made.status == 0, "\(made.output)")
    let shown = try await CheckoutProgram.run("age-keygen", ["-y", path])
    return String(shown.output.prefix { $0 != "\n" })
  }

  @Test func `parts are encrypted for whom the pipeline names, and only the key reads them`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await Self.recipient(scene)
      try scene.makeNoise("noise", rows: 2500)
      try scene.writeExport(["noise"], yaml: "encrypt: {age: [\(recipient)]}\npartBytes: 1MiB")
      let archive = try await scene.exported()
      let parts = archive.manifest.tables[0].parts
      try #require(parts.count > 1)
      #expect(archive.manifest.encryption == ArchiveEncryption(.age, recipients: [recipient]))
      var lines = 0
      for part in parts {
        #expect(part.file.hasSuffix(".jsonl.gz.age"))
        let opened = "\(scene.directory.path)/\(part.file).gz"
        let decrypted = try await CheckoutProgram.run(
          "age",
          [
            "--decrypt", "--identity", "\(scene.directory.path)/key.txt", "--output", opened,
            archive.path(of: part),
          ])
        #expect(decrypted.status == 0, "\(decrypted.output)")
        #expect(
          try StoredForm(ofFile: opened)
            == StoredForm(bytes: part.packedBytes, sha256: part.packedSHA256))
        var stream = try ByteStream(path: opened)
        var bytes: [UInt8] = []
        while try stream.read(into: &bytes, upTo: 1 << 20) > 0 {}
        lines += bytes.count { $0 == 0x0A }
      }
      #expect(lines == 2500)
      let summed = try await CheckoutProgram.run(
        "sh", ["-c", "cd '\(archive.path)' && sha256sum -c SHA256SUMS"])
      #expect(summed.status == 0, "\(summed.output)")
      let shown = try await scene.convoy(["archive", "show", archive.path])
      #expect(shown.output.contains("\nencrypted by age for \(recipient)\n"))

      let count = parts.count
      let outside = try await scene.convoy(["archive", "verify", archive.path])
      #expect(outside.status == 0)
      #expect(
        outside.output
          == "sound: \(count) of \(count) parts as encrypted; what is inside takes the key to read\n"
      )
      let inside = try await scene.convoy(
        ["archive", "verify", archive.path, "--identity", "key.txt"])
      #expect(inside.output == "sound: \(count) of \(count) parts\n")
      let target = ["--target", scene.database.url, "--schema", "copy"]
      let closed = try await scene.convoy(["archive", "restore", archive.path] + target)
      #expect(closed.status == 1)
      #expect(closed.errors.contains("is encrypted for \(recipient)\nhint: --identity FILE"))
      #expect(try scene.rows("SELECT FROM pg_namespace WHERE nspname = 'copy'").isEmpty)
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--identity", "key.txt"] + target)
      #expect(restored.output == "copy.noise: 2500 rows, the same as in the archive\n")
    }
  }

  @Test func `what did not change is linked, not encrypted again, unless it is for somebody else`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await Self.recipient(scene)
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "encrypt: {age: [\(recipient)]}\npartBytes: 1MiB")
      let first = try await scene.exported()
      try scene.execute("DELETE FROM noise WHERE ctid = '(140,1)'")
      let second = try await scene.exported()
      let parts = second.manifest.tables[0].parts
      #expect(parts.count(where: \.isLinked) == parts.count - 1)
      #expect(parts.count > 2)
      for (before, after) in zip(first.manifest.tables[0].parts, parts) where after.isLinked {
        #expect(before.encrypted == after.encrypted)
      }
      let told = try await scene.convoy(
        ["archive", "diff", first.path, second.path, "--identity", "key.txt"])
      #expect(told.output == "noise: 3000 → 2999 rows, 0 added, 1 removed\n")
      let other = try await Self.recipient(scene, "other.txt")
      try scene.writeExport(
        ["noise"], yaml: "encrypt: {age: [\(recipient), \(other)]}\npartBytes: 1MiB")
      let third = try await scene.exported()
      #expect(third.manifest.tables[0].parts.allSatisfy { !$0.isLinked })
      for key in ["key.txt", "other.txt"] {
        let verified = try await scene.convoy(
          ["archive", "verify", third.path, "--identity", key])
        #expect(verified.status == 0, "\(verified.errors)")
      }
    }
  }

  @Test func `one conversation is read with the key in the environment`() async throws {
    try await RunScene.with { scene in
      let recipient = try await Self.recipient(scene)
      try scene.execute(
        """
        INSERT INTO exai_sessions (id, user_id, continuation_id)
          SELECT gen_random_uuid(), 'u', 'c' || n FROM generate_series(1, 9) n;
        INSERT INTO exai_messages (session_id, role, content)
          SELECT id, 'user', 'in ' || continuation_id FROM exai_sessions
        """)
      try scene.writeExport(
        ["exai_sessions", "exai_messages"], yaml: "encrypt: {age: [\(recipient)]}")
      let archive = try await scene.exported()
      let key = String(decoding: try scene.directory.read("key.txt"), as: UTF8.self)
      let ended = try await scene.convoy(
        ["archive", "cat", archive.path, "--session", "c7"],
        through: ["env", "CONVOY_IDENTITY=\(key)"])
      #expect(ended.status == 0, "\(ended.errors)")
      let lines = ended.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last?.contains("\"content\":\"in c7\"") == true)
    }
  }

  @Test func `damage is found without the key, and with it what was encrypted wrongly`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await Self.recipient(scene)
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 99)")
      try scene.writeExport(["t"], yaml: "encrypt: {age: [\(recipient)]}")
      let archive = try await scene.exported()
      let part = archive.manifest.tables[0].parts[0]
      let name = "archives/\(archive.name)/\(part.file)"
      let bytes = try scene.directory.read(name)
      var changed = bytes
      changed[Int.random(in: 0..<bytes.count)] ^= 1 << UInt8.random(in: 0..<8)
      for damaged in [changed, bytes.dropLast(), bytes + [0]] {
        try scene.directory.write(name, damaged)
        let found = try await scene.convoy(["archive", "verify", archive.path])
        #expect(found.status == 65)
        #expect(found.errors.contains("\(name): "))
      }
      try scene.directory.write(name, bytes)
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)

      // Another file for the same key, which the manifest is made to expect.
      try scene.directory.write("else", "nothing of the table")
      let place = "\(scene.directory.path)/\(name)"
      let made = try await CheckoutProgram.run(
        "age",
        ["--encrypt", "--recipient", recipient, "--output", place, "\(scene.directory.path)/else"])
      try #require(made.status == 0, "\(made.output)")
      var manifest = archive.manifest
      manifest.tables[0].parts[0].encrypted = try StoredForm(ofFile: place)
      try ArchiveDirectory.write(manifest, to: archive.path)
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)
      let inside = try await scene.convoy(
        ["archive", "verify", archive.path, "--identity", "key.txt"])
      #expect(inside.status == 65)
      #expect(inside.errors.contains("\(name): member 1: "))
    }
  }

  @Test func `a key that is not the right one is no damage`() async throws {
    try await RunScene.with { scene in
      let recipient = try await Self.recipient(scene)
      _ = try await Self.recipient(scene, "other.txt")
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "encrypt: {age: [\(recipient)]}")
      let archive = try await scene.exported()
      let verified = try await scene.convoy(
        ["archive", "verify", archive.path, "--identity", "other.txt"])
      #expect(verified.status == 1)
      #expect(verified.errors.contains("t-00000.jsonl.gz.age: age failed: age: error: "))
      let list = try await scene.convoy(["archive", "list", "archives"])
      #expect(list.output.contains("yes"))
    }
  }

  @Test
  func `a program that is missing, or refuses the recipient, is told before anything is read`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int)")
      try scene.writeExport(["t"], yaml: "encrypt: {age: [age1nobody]}")
      for options in [[], ["--dry-run"]] {
        let refused = try await scene.export(options: options)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("export.encrypt: age failed: age: error: "))
        let script = #"program=$(command -v "$1"); shift; PATH=/nonexistent exec "$program" "$@""#
        let missing = try await scene.export(
          options: options, through: ["sh", "-c", script, "sh"])
        #expect(missing.status == 1)
        #expect(
          missing.errors.contains(
            "export.encrypt: there is no program age\nhint: install it; Debian's package is age\n"))
      }
      #expect(try scene.root.names().isEmpty)
    }
  }

  @Test func `a program that ends midway leaves no archive`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 3000)
      try scene.writeExport(["noise"], yaml: "encrypt: {age: [age1nobody]}")
      // Takes an empty input, as it is asked first.
      let age = """
        #!/bin/sh
        test "$(head -c 1000 | wc -c)" = 0 || { echo 'no more' >&2; exit 9; }
        """
      try scene.directory.write("bin/age", age)
      let script = "chmod +x bin/age; PATH=$PWD/bin:$PATH exec \"$@\""
      let ended = try await scene.export(through: ["sh", "-c", script, "sh"])
      #expect(ended.status == 1, "\(ended.errors)")
      #expect(ended.errors.contains("noise-00000.jsonl.gz.age: age failed: no more"))
      #expect(ended.output.contains("no archive was made"))
      let left = try FileManager.default.contentsOfDirectory(atPath: scene.root.path)
      #expect(left == [".lock"])
    }
  }

  @Test(arguments: [
    ("{age: [ada@example.org]}", "export.encrypt.age[0]: is no recipient"),
    ("{age: [--help]}", "export.encrypt.age[0]: is no recipient"),
    ("{gpg: [ada@example.org]}", "export.encrypt.gpg[0]: is no recipient"),
    (
      "{age: [age1x], gpg: [0123456789ABCDEF0123456789ABCDEF01234567]}",
      "export.encrypt has recipients of age and of gpg"
    ),
  ])
  func `who cannot be a recipient is refused with the file`(encrypt: String, told: String)
    async throws
  {
    try await RunScene.with { scene in
      try scene.writeExport(["t"], yaml: "encrypt: \(encrypt)")
      let ended = try await scene.export()
      #expect(ended.status == 78)
      #expect(ended.errors.contains(told), "\(ended.errors)")
    }
  }
}
