internal import Archive
internal import Foundation
internal import ObjectStore
internal import StorageServer
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Files whose bytes are kept with archives in a bucket.
@Suite struct BucketObjectsTests {
  /// Stores a file in the bucket of files and writes its row.
  private static func add(
    _ bucket: BucketScene, _ path: String, _ content: String, hash: Bool = true
  ) async throws {
    let file = try bucket.scene.directory.write("source/\(UInt64.random(in: 0 ... .max))", content)
    let bytes = Array(content.utf8)
    let digest = StoreDigest(of: bytes)
    let upload = ObjectUpload(
      key: try ObjectKey(path), path: file, identity: try FileIdentity(path: file), digest: digest)
    let store = try files(bucket)
    _ = try await store.prepare()
    _ = try await store.put(upload, resumption: .none)
    try bucket.scene.execute(
      """
      INSERT INTO files (filename, storage_path, bucket_name, file_size, file_hash, mime_type)
      VALUES ('f', '\(path)', 'mcp-files', \(hash ? "\(bytes.count)" : "NULL"),
        \(hash ? "'\(digest)'" : "NULL"), 'text/plain')
      """)
  }

  private static func files(_ bucket: BucketScene) throws -> any ObjectStore {
    guard let key = StorageKey(bucket.server.key) else { throw TestFailure("no key") }
    return try SupabaseStorage(
      SupabaseSettings(address: bucket.server.address, bucket: "mcp-files", key: key))
  }

  private static func hex(_ text: String) -> String {
    StoreDigest(of: Array(text.utf8)).description
  }

  /// Names of the files of a night that are objects.
  private static func objects(_ bucket: BucketScene, of night: String) async throws -> Set<String> {
    let files = try await bucket.bucket().nights()[night] ?? [:]
    return Set(files.keys.filter { $0.utf8.count == 64 })
  }

  @Test func `each content is sent once, referred to by later nights, and comes back`() async throws
  {
    try await BucketScene.with { bucket in
      try await Self.add(bucket, "unlinked/a.txt", "one")
      try await Self.add(bucket, "unlinked/b.txt", "one")
      try await Self.add(bucket, "unlinked/c.txt", "two", hash: false)
      try bucket.write(["files"], yaml: "files: objects")
      let first = try await bucket.exported()
      #expect(try await Self.objects(bucket, of: first.name) == [Self.hex("one"), Self.hex("two")])
      #expect(first.manifest.objects?.rows == 3)
      #expect(first.manifest.objects?.bytes == 6)
      let verified = try await bucket.convoy(["archive", "verify", first.path])
      #expect(verified.output == "sound: 1 of 1 parts, 2 objects\n", "\(verified.errors)")

      try bucket.scene.execute("DELETE FROM files WHERE storage_path = 'unlinked/c.txt'")
      try await Self.add(bucket, "unlinked/d.txt", "three")
      try await Self.add(bucket, "unlinked/e.txt", "one", hash: false)
      let dry = try await bucket.export("--dry-run")
      #expect(dry.status == 0, "\(dry.errors)")
      let second = try await bucket.exported()
      #expect(try await Self.objects(bucket, of: second.name) == [Self.hex("three")])
      let references = try await second.objects().map(\.reference)
      #expect(
        references == [
          "\(first.name)/\(Self.hex("one"))", "\(first.name)/\(Self.hex("one"))",
          "\(second.name)/\(Self.hex("three"))", "\(first.name)/\(Self.hex("one"))",
        ])
      // Nothing of them stays on the machine that exported.
      let staged = try FileManager.default.subpathsOfDirectory(
        atPath: bucket.scene.directory.path
      ).filter { $0.hasSuffix(Self.hex("one")) || $0.hasSuffix(Self.hex("three")) }
      #expect(staged.isEmpty)

      let pruned = try await bucket.convoy(
        ["archive", "prune", BucketScene.root, "--keep-last", "1"])
      #expect(pruned.output.contains(first.name), "\(pruned.errors)")
      #expect(try await Self.objects(bucket, of: first.name) == [Self.hex("one")])
      let kept = try await bucket.convoy(["archive", "verify", second.path])
      #expect(kept.output == "sound: 1 of 1 parts, 2 objects\n", "\(kept.errors)")

      _ = try await Self.files(bucket).remove([ObjectKey("unlinked/a.txt")])
      try bucket.scene.directory.write("back.yaml", "files: {roots: [x]}\n")
      let restored = try await bucket.convoy([
        "archive", "restore", second.path, "--objects", "back.yaml", "--target",
        bucket.scene.database.url, "--schema", "copy",
      ])
      #expect(
        restored.output
          == "objects: 1 put back, 3 there already\ncopy.files: 4 rows, the same as in the archive\n",
        "\(restored.errors)")
      let got = try await bucket.convoy(
        ["files", "get", "unlinked/d.txt", "--archive", second.path, "-o", "d.txt"])
      #expect(got.status == 0, "\(got.errors)")
      #expect(try bucket.scene.directory.read("d.txt") == Array("three".utf8))
    }
  }

  @Test func `an object that is damaged or gone is named, and is sent again`() async throws {
    try await BucketScene.with { bucket in
      try await Self.add(bucket, "unlinked/a.txt", "one")
      try await Self.add(bucket, "unlinked/b.txt", "two")
      try bucket.write(["files"], yaml: "files: objects")
      let first = try await bucket.exported()
      let one = "\(first.name)/\(Self.hex("one"))"
      try bucket.server.damage("convoy-archives", "nightly/\(one)", Data("eno".utf8))
      let found = try await bucket.convoy(["archive", "verify", first.path])
      #expect(found.status == 65)
      #expect(found.errors.contains("../\(one): "), "\(found.errors)")
      _ = try await bucket.store().remove([ObjectKey("nightly/\(one)")])
      let gone = try await bucket.convoy(["archive", "verify", first.path])
      #expect(gone.status == 65)
      #expect(gone.errors.contains("../\(one): "), "\(gone.errors)")
      let second = try await bucket.exported()
      #expect(try await Self.objects(bucket, of: second.name) == [Self.hex("one")])
      let sound = try await bucket.convoy(["archive", "verify", second.path])
      #expect(sound.output == "sound: 1 of 1 parts, 2 objects\n", "\(sound.errors)")
    }
  }

  @Test func `encrypted objects are referred to, and read with the key`() async throws {
    try await BucketScene.with { bucket in
      let recipient = try await AgeTests.recipient(bucket.scene)
      try await Self.add(bucket, "unlinked/a.txt", "one")
      try bucket.write(["files"], yaml: "files: objects\nencrypt: {age: [\(recipient)]}")
      let first = try await bucket.exported()
      try await Self.add(bucket, "unlinked/b.txt", "one")
      let second = try await bucket.exported()
      #expect(try await Self.objects(bucket, of: first.name).count == 1)
      #expect(try await Self.objects(bucket, of: second.name).isEmpty)
      #expect(
        !bucket.keys().contains { $0.hasSuffix(Self.hex("one")) }, "its bytes are encrypted ones")
      let sound = try await bucket.convoy(["archive", "verify", second.path])
      #expect(sound.output.hasPrefix("sound: 1 of 1 parts, 1 objects"), "\(sound.errors)")
      let got = try await bucket.convoy([
        "files", "get", "unlinked/b.txt", "--archive", second.path, "--identity", "key.txt",
        "-o", "b.txt",
      ])
      #expect(got.status == 0, "\(got.errors)")
      #expect(try bucket.scene.directory.read("b.txt") == Array("one".utf8))
    }
  }
}
