internal import Archive
internal import Foundation
internal import ObjectStore
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Files whose bytes are kept with the rows that name them.
@Suite struct ObjectsTests {
  /// Stores a file and writes its row.
  static func add(
    _ scene: RunScene, _ path: String, _ content: String, hash: Bool = true,
    bucket: String = "mcp-files"
  ) async throws {
    let file = try scene.directory.write("source/\(UInt64.random(in: 0 ... .max))", content)
    let bytes = Array(content.utf8)
    let digest = StoreDigest(of: bytes)
    let upload = ObjectUpload(
      key: try ObjectKey(path), path: file, identity: try FileIdentity(path: file), digest: digest)
    let store = LocalObjectStore(path: "\(scene.directory.path)/objects")
    _ = try await store.prepare()
    _ = try await store.put(upload)
    try scene.execute(
      """
      INSERT INTO files (filename, storage_path, bucket_name, file_size, file_hash, mime_type)
      VALUES ('f', '\(path)', '\(bucket)', \(hash ? "\(bytes.count)" : "NULL"),
        \(hash ? "'\(digest)'" : "NULL"), 'text/plain')
      """)
  }

  static func write(_ scene: RunScene, yaml: String = "", keep: Int = 0) throws {
    try scene.writeExport(["files"], yaml: "files: objects\nkeep: {last: \(keep)}\n\(yaml)")
    let text = String(decoding: try scene.directory.read("export.yaml"), as: UTF8.self)
    try scene.directory.write("export.yaml", text + "\nstore: {directory: objects}\n")
  }

  /// Paths below the archives' objects, without the directories.
  static func kept(_ scene: RunScene) throws -> Set<String> {
    let path = "\(scene.root.path)/objects"
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    return Set(names.filter { $0.contains("/") }.map { String($0.split(separator: "/")[1]) })
  }

  static func hex(_ text: String) -> String {
    StoreDigest(of: Array(text.utf8)).description
  }

  @Test func `each content is kept once, goes with the last archive that names it, and comes back`()
    async throws
  {
    try await RunScene.with { scene in
      try await Self.add(scene, "unlinked/a.txt", "one")
      try await Self.add(scene, "unlinked/b.txt", "one")
      try await Self.add(scene, "unlinked/c.txt", "two", hash: false)
      try Self.write(scene, keep: 1)
      let first = try await scene.exported()
      #expect(try Self.kept(scene) == [Self.hex("one"), Self.hex("two")])
      let objects = try #require(first.manifest.objects)
      #expect(objects.rows == 3)
      #expect(objects.bytes == 6)
      #expect(objects.missing == 0)
      let listed = try ArchivedObject.list(of: first)
      #expect(listed.map(\.path) == ["unlinked/a.txt", "unlinked/b.txt", "unlinked/c.txt"])
      let summed = try await CheckoutProgram.run(
        "sh", ["-c", "cd '\(first.path)' && sha256sum -c SHA256SUMS"])
      #expect(summed.status == 0, "\(summed.output)")
      let verified = try await scene.convoy(["archive", "verify", first.path])
      #expect(verified.output == "sound: 1 of 1 parts, 2 objects\n", "\(verified.errors)")

      // Another store, and the rows in another place.
      try scene.directory.write(
        "back.yaml", "files: {roots: [x]}\nstore: {directory: other}\n")
      let restore = [
        "archive", "restore", first.path, "--objects", "back.yaml", "--target",
        scene.database.url, "--schema",
      ]
      let restored = try await scene.convoy(restore + ["copy"])
      #expect(
        restored.output
          == "objects: 3 put back, 0 there already\ncopy.files: 3 rows, the same as in the archive\n",
        "\(restored.errors)")
      for (name, content) in [("a", "one"), ("b", "one"), ("c", "two")] {
        #expect(try scene.directory.read("other/unlinked/\(name).txt") == Array(content.utf8))
      }
      let again = try await scene.convoy(restore + ["again"])
      #expect(again.output.hasPrefix("objects: 0 put back, 3 there already\n"))

      try scene.execute("DELETE FROM files WHERE storage_path = 'unlinked/c.txt'")
      try await Self.add(scene, "unlinked/d.txt", "three")
      let second = try await scene.export()
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.output.contains("\nobjects  3 of 8 B, 1 of 5 B new, 0 missing in the store\n"))
      // The first archive went, and with it what only it had.
      #expect(try Self.kept(scene) == [Self.hex("one"), Self.hex("three")])
    }
  }

  @Test func `an object that is not as its row says is told and counted, and the rest is kept`()
    async throws
  {
    try await RunScene.with { scene in
      try await Self.add(scene, "unlinked/a.txt", "one")
      try await Self.add(scene, "unlinked/gone.txt", "two")
      try await Self.add(scene, "unlinked/other.txt", "three", bucket: "elsewhere")
      try await Self.add(scene, "unlinked/changed.txt", "four")
      try FileManager.default.removeItem(
        atPath: "\(scene.directory.path)/objects/unlinked/gone.txt")
      try scene.directory.write("objects/unlinked/changed.txt", "FOUR")
      try Self.write(scene)
      let ended = try await scene.export()
      #expect(ended.status == 0, "\(ended.errors)")
      for name in ["gone", "changed"] {
        #expect(ended.errors.contains("object mcp-files/unlinked/\(name).txt: "))
      }
      #expect(ended.errors.contains("object elsewhere/unlinked/other.txt: is in another bucket"))
      let name = try #require(try scene.root.names().first)
      let archive = try ArchiveDirectory(path: scene.root.path(of: name))
      #expect(archive.manifest.objects?.missing == 3)
      #expect(try ArchivedObject.list(of: archive).map(\.path) == ["unlinked/a.txt"])
      #expect(try Self.kept(scene) == [Self.hex("one")])
    }
  }

  @Test
  func `damage of an object, or of the list of them, is found and keeps them from coming back`()
    async throws
  {
    try await RunScene.with { scene in
      try await Self.add(scene, "unlinked/a.txt", "one")
      try Self.write(scene)
      let archive = try await scene.exported()
      let digest = Self.hex("one")
      let object = "archives/objects/\(digest.prefix(2))/\(digest)"
      let list = "archives/\(archive.name)/\(ArchivedObjects.fileName)"
      for (name, told) in [(object, "/objects/"), (list, "objects.jsonl.gz: ")] {
        let bytes = try scene.directory.read(name)
        var changed = bytes
        changed[Int.random(in: 0..<bytes.count)] ^= 1
        for damaged in [changed, bytes + [0]] {
          try scene.directory.write(name, damaged)
          let found = try await scene.convoy(["archive", "verify", archive.path])
          #expect(found.status == 65)
          #expect(found.errors.contains(told), "\(found.errors)")
        }
        try scene.directory.write(name, changed)
        try scene.directory.write("back.yaml", "files: {roots: [x]}\nstore: {directory: other}\n")
        let restored = try await scene.convoy(
          [
            "archive", "restore", archive.path, "--objects", "back.yaml", "--target",
            scene.database.url, "--schema", "copy",
          ])
        #expect(restored.status == 65, "\(restored.errors)")
        #expect(try scene.rows("SELECT FROM pg_namespace WHERE nspname = 'copy'").isEmpty)
        try scene.directory.write(name, bytes)
      }
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)
    }
  }

  @Test func `objects without the rows that name them are refused`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "export.yaml",
        "export: {root: archives, files: objects, tables: [exai_sessions]}\n")
      let ended = try await scene.export()
      #expect(ended.status == 78)
      #expect(ended.errors.contains("add files to export.tables"), "\(ended.errors)")
    }
  }

  @Test func `a dry run says how much there is to copy, by the rows alone`() async throws {
    try await RunScene.with { scene in
      try await Self.add(scene, "unlinked/a.txt", "one")
      try await Self.add(scene, "unlinked/b.txt", "one")
      try await Self.add(scene, "unlinked/c.txt", "three", hash: false)
      try await Self.add(scene, "unlinked/other.txt", "three", bucket: "elsewhere")
      try Self.write(scene)
      let before = try await scene.export(options: ["--dry-run"])
      #expect(
        before.output.contains(
          "\nobjects  3 of 3 B, 2 of 3 B to copy, 1 in another bucket than the store's\n"),
        "\(before.output)\(before.errors)")
      #expect(!FileManager.default.fileExists(atPath: scene.root.path))
      _ = try await scene.exported()
      let after = try await scene.export(options: ["--dry-run", "--json"])
      #expect(
        after.output.contains(
          #""objects": {"rows": 3, "bytes": 3, "missing": 1, "copied": 1, "copiedBytes": 0}"#),
        "\(after.output)")
    }
  }
}
