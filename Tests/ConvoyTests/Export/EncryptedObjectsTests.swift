internal import Archive
internal import Foundation
internal import ObjectStore
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Objects in archives that are encrypted, read by age itself too.
@Suite struct EncryptedObjectsTests {
  private static let restore = ["--objects", "back.yaml", "--schema"]

  /// Writes a pipeline that keeps objects for a recipient, and one whose store they can go back to.
  private static func write(_ scene: RunScene, for recipients: String..., keep: Int = 0) throws {
    try ObjectsTests.write(
      scene, yaml: "encrypt: {age: [\(recipients.joined(separator: ", "))]}", keep: keep)
    try scene.directory.write("back.yaml", "files: {roots: [x]}\nstore: {directory: other}\n")
  }

  /// What age makes of a file of the vault.
  private static func opened(
    _ scene: RunScene, _ object: ArchivedObject, _ key: String = "key.txt"
  ) async throws -> [UInt8] {
    let digest = object.stored.sha256.hex
    let decrypted = try await CheckoutProgram.run(
      "age",
      [
        "--decrypt", "--identity", "\(scene.directory.path)/\(key)", "--output",
        "\(scene.directory.path)/opened",
        "\(scene.root.path)/objects/\(digest.prefix(2))/\(digest)",
      ])
    #expect(decrypted.status == 0, "\(decrypted.output)")
    return try scene.directory.read("opened")
  }

  @Test func `each content is encrypted once for the recipients, and the key brings it back`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      try await ObjectsTests.add(scene, "unlinked/a.txt", "one")
      try await ObjectsTests.add(scene, "unlinked/b.txt", "one")
      try await ObjectsTests.add(scene, "unlinked/c.txt", "two", hash: false)
      try Self.write(scene, for: recipient)
      let first = try await scene.exported()
      let listed = try ArchivedObject.list(of: first)
      #expect(listed.map(\.path) == ["unlinked/a.txt", "unlinked/b.txt", "unlinked/c.txt"])
      #expect(listed[0].stored == listed[1].stored)
      // Named by what the files are, so that whoever has no key can compare them.
      #expect(try ObjectsTests.kept(scene) == Set(listed.map(\.stored.sha256.hex)))
      for (object, content) in zip(listed, ["one", "one", "two"]) {
        #expect(object.content.sha256.hex == ObjectsTests.hex(content))
        #expect(object.encrypted != nil)
        #expect(try await Self.opened(scene, object) == Array(content.utf8))
      }

      let outside = try await scene.convoy(["archive", "verify", first.path])
      #expect(
        outside.output
          == "sound: 1 of 1 parts, 2 objects as encrypted; what is inside takes the key to read\n",
        "\(outside.errors)")
      let inside = try await scene.convoy(
        ["archive", "verify", first.path, "--identity", "key.txt"])
      #expect(inside.output == "sound: 1 of 1 parts, 2 objects\n", "\(inside.errors)")

      let target = ["--target", scene.database.url]
      let closed = try await scene.convoy(
        ["archive", "restore", first.path] + Self.restore + ["closed"] + target)
      #expect(closed.status == 1)
      #expect(closed.errors.contains("is encrypted for \(recipient)"), "\(closed.errors)")
      let restored = try await scene.convoy(
        ["archive", "restore", first.path, "--identity", "key.txt"] + Self.restore + ["copy"]
          + target)
      #expect(
        restored.output
          == "objects: 3 put back, 0 there already\ncopy.files: 3 rows, the same as in the archive\n",
        "\(restored.errors)")
      for (name, content) in [("a", "one"), ("b", "one"), ("c", "two")] {
        #expect(try scene.directory.read("other/unlinked/\(name).txt") == Array(content.utf8))
      }
    }
  }

  @Test func `one object is brought back out of an archive, with nothing else there`() async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      try await ObjectsTests.add(scene, "unlinked/a.txt", "one")
      try Self.write(scene, for: recipient)
      let archive = try await scene.exported()
      let get = ["files", "get", "unlinked/a.txt", "--archive", archive.path]
      #expect(try await scene.convoy(get).status == 1)
      let got = try await scene.convoy(get + ["--identity", "key.txt"])
      #expect(got.output == "a.txt: 3 B\n", "\(got.errors)")
      #expect(try scene.directory.read("a.txt") == Array("one".utf8))
      let again = try await scene.convoy(get + ["--identity", "key.txt"])
      #expect(again.status == 74)
      let missing = try await scene.convoy(
        ["files", "get", "unlinked/b.txt", "--archive", archive.path, "--identity", "key.txt"])
      #expect(missing.status == 1)
      #expect(missing.errors.contains("has no object unlinked/b.txt"))
      let both = try await scene.convoy(get + ["--bucket", "b"])
      #expect(both.status == 64)
    }
  }

  @Test func `what was encrypted for the same recipients stays, and for others it is done anew`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      let other = try await AgeTests.recipient(scene, "other.txt")
      try await ObjectsTests.add(scene, "unlinked/a.txt", "one")
      try await ObjectsTests.add(scene, "unlinked/b.txt", "two")
      try Self.write(scene, for: recipient)
      let first = try await scene.exported()
      let before = try ArchivedObject.list(of: first)
      let dry = try await scene.export(options: ["--dry-run"])
      #expect(dry.output.contains("\nobjects  2 of 6 B, 0 of 0 B to copy\n"), "\(dry.output)")
      let second = try await scene.exported()
      #expect(try ArchivedObject.list(of: second) == before)

      // A file that was lost is made again.
      let digest = before[0].stored.sha256.hex
      try FileManager.default.removeItem(
        atPath: "\(scene.root.path)/objects/\(digest.prefix(2))/\(digest)")
      let third = try ArchivedObject.list(of: try await scene.exported())
      #expect(third[0].stored != before[0].stored)
      #expect(third[1].stored == before[1].stored)
      #expect(try await Self.opened(scene, third[0]) == Array("one".utf8))

      try Self.write(scene, for: recipient, other, keep: 1)
      let fourth = try ArchivedObject.list(of: try await scene.exported())
      #expect(Set(fourth.map(\.stored)).isDisjoint(with: third.map(\.stored)))
      for key in ["key.txt", "other.txt"] {
        #expect(try await Self.opened(scene, fourth[1], key) == Array("two".utf8))
      }
      // The earlier archives went, and with them what only they had.
      #expect(try ObjectsTests.kept(scene) == Set(fourth.map(\.stored.sha256.hex)))
    }
  }

  @Test func `damage is found without the key, and with it what was encrypted wrongly`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      try await ObjectsTests.add(scene, "unlinked/a.txt", "one")
      try Self.write(scene, for: recipient)
      let archive = try await scene.exported()
      let object = try ArchivedObject.list(of: archive)[0]
      let digest = object.stored.sha256.hex
      let name = "archives/objects/\(digest.prefix(2))/\(digest)"
      let bytes = try scene.directory.read(name)
      var changed = bytes
      changed[Int.random(in: 0..<bytes.count)] ^= 1 << UInt8.random(in: 0..<8)
      for damaged in [changed, bytes.dropLast(), bytes + [0]] {
        try scene.directory.write(name, damaged)
        let found = try await scene.convoy(["archive", "verify", archive.path])
        #expect(found.status == 65)
        #expect(found.errors.contains("/objects/\(digest.prefix(2))/\(digest): "))
        let restored = try await scene.convoy(
          [
            "archive", "restore", archive.path, "--identity", "key.txt", "--target",
            scene.database.url,
          ] + Self.restore + ["copy"])
        #expect(restored.status == 65, "\(restored.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(scene.directory.path)/other/unlinked"))
      }
      try scene.directory.write(name, bytes)

      // Another content for the same key, which the list is made to expect.
      try scene.directory.write("else", "another")
      let place = "\(scene.directory.path)/else.age"
      let made = try await CheckoutProgram.run(
        "age",
        ["--encrypt", "--recipient", recipient, "--output", place, "\(scene.directory.path)/else"])
      try #require(made.status == 0, "\(made.output)")
      var (forged, manifest) = (object, archive.manifest)
      forged.encrypted = try StoredForm(ofFile: place)
      let hex = forged.stored.sha256.hex
      try scene.directory.write(
        "archives/objects/\(hex.prefix(2))/\(hex)", try scene.directory.read("else.age"))
      manifest.objects?.list = try ArchivedObject.write([forged], to: archive.path)
      try ArchiveDirectory.write(manifest, to: archive.path)
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)
      let inside = try await scene.convoy(
        ["archive", "verify", archive.path, "--identity", "key.txt"])
      #expect(inside.status == 65)
      #expect(inside.errors.contains("its bytes are not those of mcp-files/unlinked/a.txt"))
    }
  }
}
