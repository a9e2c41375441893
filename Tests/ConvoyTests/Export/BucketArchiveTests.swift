internal import Archive
internal import Foundation
internal import ObjectStore
internal import StorageServer
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// Archives whose place is a bucket.
@Suite struct BucketArchiveTests {
  /// Reads and restores an archive by every command, with the rows it must have.
  private static func check(
    _ bucket: BucketScene, _ archive: ArchiveDirectory, rows: Int, key: [String] = []
  ) async throws {
    let count = archive.manifest.tables[0].parts.count
    let verified = try await bucket.convoy(["archive", "verify", archive.path] + key)
    #expect(verified.output == "sound: \(count) of \(count) parts\n", "\(verified.errors)")
    let shown = try await bucket.convoy(["archive", "show", archive.path])
    #expect(shown.output.hasPrefix("archive   \(archive.path)\n"), "\(shown.errors)")
    let schema = "copy\(UInt32.random(in: 0 ... .max))"
    let restored = try await bucket.convoy(
      [
        "archive", "restore", archive.path, "--target", bucket.scene.database.url, "--schema",
        schema,
      ] + key)
    #expect(
      restored.output == "\(schema).noise: \(rows) rows, the same as in the archive\n",
      "\(restored.errors)")
    let printed = try await bucket.convoy(
      ["archive", "cat", archive.path, "--only", "table=noise"] + key)
    #expect(printed.output.split(separator: "\n").count == rows, "\(printed.errors)")
    // What was fetched had no name, and is gone.
    #expect(try FileManager.default.contentsOfDirectory(atPath: bucket.scratch).isEmpty)
  }

  @Test func `what did not change is referred to, and every night is a whole archive`()
    async throws
  {
    try await BucketScene.with { bucket in
      try bucket.scene.makeNoise("noise", rows: 3000)
      try bucket.write(["noise"], yaml: "partBytes: 1MiB")
      let first = try await bucket.exported()
      let parts = first.manifest.tables[0].parts
      #expect(parts.count > 2)
      #expect(parts.allSatisfy { !$0.isLinked && $0.reference == nil })
      #expect(
        bucket.keys()
          == Set(
            (parts.map(\.file) + ["SHA256SUMS", "manifest.json", "verified.json"])
              .map { "\(first.name)/\($0)" }))

      try bucket.scene.execute("DELETE FROM noise WHERE ctid = '(140,1)'")
      let second = try await bucket.exported()
      let third = try await bucket.exported()
      for (before, after) in zip(parts, second.manifest.tables[0].parts) where after.isLinked {
        #expect(after.reference == "\(first.name)/\(before.file)")
      }
      #expect(second.manifest.tables[0].parts.count(where: \.isLinked) == parts.count - 1)
      // A reference is to the night that has the object, not to one that refers to it.
      for (before, after) in zip(second.manifest.tables[0].parts, third.manifest.tables[0].parts) {
        #expect(after.reference == before.reference ?? "\(second.name)/\(before.file)")
      }
      #expect(bucket.keys().count { $0.hasPrefix(third.name) } == 3)

      try await Self.check(bucket, first, rows: 3000)
      try await Self.check(bucket, third, rows: 2999)
      let told = try await bucket.convoy(["archive", "diff", first.path, third.path])
      #expect(told.output == "noise: 3000 → 2999 rows, 0 added, 1 removed\n", "\(told.errors)")
      let list = try await bucket.convoy(
        ["archive", "list", BucketScene.root, "--store", bucket.server.address],
        environment: ["SUPABASE_URL": ""])
      #expect(list.output.split(separator: "\n").count == 4, "\(list.errors)")
      #expect(list.output.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix("yes") })

      // A copy of the bucket is checked without convoy.
      try bucket.mirror(to: "mirror")
      let summed = try await CheckoutProgram.run(
        "sh",
        [
          "-c",
          "cd '\(bucket.scene.directory.path)/mirror/nightly/\(third.name)' && sha256sum -c SHA256SUMS",
        ])
      #expect(summed.status == 0, "\(summed.output)")
    }
  }

  @Test func `no object goes that a night refers to that stays`() async throws {
    try await BucketScene.with { bucket in
      try bucket.scene.makeNoise("noise", rows: 3000)
      try bucket.write(["noise"], yaml: "partBytes: 1MiB\nkeep: {last: 1}")
      let first = try await bucket.exported()
      try bucket.scene.execute("DELETE FROM noise WHERE ctid = '(140,1)'")
      let dry = try await bucket.export("--dry-run")
      #expect(dry.output.contains("\nprune    would remove \(first.name)\n"), "\(dry.errors)")
      let second = try await bucket.exported()
      #expect(try await bucket.names() == [second.name])
      // The part that changed went with its night; the others are referred to.
      let needed = Set(second.manifest.tables[0].parts.compactMap(\.reference))
      #expect(!needed.isEmpty)
      #expect(bucket.keys().filter { $0.hasPrefix(first.name) } == needed)
      try await Self.check(bucket, second, rows: 2999)

      try bucket.scene.execute("UPDATE noise SET noise = md5(id::text)")
      try bucket.scene.execute("VACUUM FULL noise")
      let third = try await bucket.exported()
      #expect(third.manifest.tables[0].parts.allSatisfy { $0.reference == nil })
      // Nobody needs the rest of the first night, but it could be of a run under way elsewhere.
      #expect(!bucket.keys().isDisjoint(with: needed))
      var keep = RetentionSpec()
      keep.last = 1
      let later = BucketRemoval(
        try bucket.bucket(), Retention(keep), now: .now.addingTimeInterval(3 * 86_400))
      #expect(try await later.run(isDryRun: false) { _ in } == [])
      #expect(bucket.keys().allSatisfy { $0.hasPrefix(third.name) })
      try await Self.check(bucket, third, rows: 2999)
      // That of a pipeline stays that has no other.
      let none = try await bucket.convoy(
        ["archive", "prune", BucketScene.root, "--keep-yearly", "1", "--dry-run"])
      #expect(none.status == 0)
      #expect(none.output.isEmpty)
    }
  }

  @Test func `a file that the bucket does not take is found before anything is sent`() async throws
  {
    try await BucketScene.with { bucket in
      try bucket.scene.makeNoise("noise", rows: 500)
      guard let key = StorageKey(bucket.server.key) else { return }
      var settings = SupabaseSettings(
        address: bucket.server.address, bucket: "convoy-archives", key: key)
      settings.bucketLimitBytes = 100_000
      _ = try await SupabaseStorage(settings).prepare()
      try bucket.write(["noise"])
      let refused = try await bucket.export()
      #expect(refused.status == 1)
      #expect(refused.errors.contains("noise-00000.jsonl.gz has "), "\(refused.errors)")
      #expect(refused.errors.contains("hint: make export.partBytes smaller"))
      #expect(bucket.keys().isEmpty)
      try bucket.write(["noise"], yaml: "partBytes: 64KiB")
      let archive = try await bucket.exported()
      try await Self.check(bucket, archive, rows: 500)
    }
  }

  @Test func `without its manifest a night is no archive, and the next run succeeds`() async throws
  {
    try await BucketScene.with { bucket in
      try bucket.scene.makeNoise("noise", rows: 100)
      try bucket.write(["noise"], yaml: "keep: {last: 1}")
      // Three files are sent before the manifest.
      bucket.server.inject(
        StorageFault("POST", "/object/convoy-archives/nightly", after: 3, times: 99, .readOnly))
      let broken = try await bucket.export()
      #expect(broken.status == 69, "\(broken.errors)")
      #expect(broken.output.contains("no archive was made"))
      #expect(bucket.keys().count == 3)
      let list = try await bucket.convoy(["archive", "list", BucketScene.root])
      #expect(list.output == "no archives\n")
      bucket.server.clearFaults()
      let archive = try await bucket.exported()
      // What the broken run sent is left alone for two days.
      #expect(bucket.keys().count == 7)
      try await Self.check(bucket, archive, rows: 100)
    }
  }

  @Test func `a part that is damaged or gone is named, and is sent again`() async throws {
    try await BucketScene.with { bucket in
      try bucket.scene.makeNoise("noise", rows: 2000)
      try bucket.write(["noise"], yaml: "partBytes: 1MiB")
      let first = try await bucket.exported()
      let part = first.manifest.tables[0].parts[1]
      let key = "nightly/\(first.name)/\(part.file)"
      let bytes = try #require(try bucket.server.content("convoy-archives", key))
      var changed = [UInt8](bytes)
      changed[Int.random(in: 0..<bytes.count)] ^= 1
      try bucket.server.damage("convoy-archives", key, Data(changed))
      let found = try await bucket.convoy(["archive", "verify", first.path])
      #expect(found.status == 65)
      #expect(found.errors.contains("\(first.path)/\(part.file): "), "\(found.errors)")
      let list = try await bucket.convoy(["archive", "list", BucketScene.root])
      #expect(list.output.contains(" no\n"), "\(list.output)")
      let restored = try await bucket.convoy(
        ["archive", "restore", first.path, "--target", bucket.scene.database.url, "--schema", "c"])
      #expect(restored.status == 65)

      _ = try await bucket.store().remove([ObjectKey(key)])
      let gone = try await bucket.convoy(["archive", "verify", first.path])
      #expect(gone.status == 65)
      #expect(gone.errors.contains("\(first.path)/\(part.file): "), "\(gone.errors)")
      let second = try await bucket.exported()
      #expect(second.manifest.tables[0].parts[0].reference != nil)
      #expect(second.manifest.tables[0].parts[1].reference == nil)
      try await Self.check(bucket, second, rows: 2000)
    }
  }

  @Test func `encrypted parts are referred to and read with the key`() async throws {
    try await BucketScene.with { bucket in
      let recipient = try await AgeTests.recipient(bucket.scene)
      try bucket.scene.makeNoise("noise", rows: 1500)
      try bucket.write(["noise"], yaml: "encrypt: {age: [\(recipient)]}\npartBytes: 1MiB")
      let first = try await bucket.exported()
      let second = try await bucket.exported()
      #expect(second.manifest.tables[0].parts.allSatisfy { $0.reference != nil })
      try await Self.check(bucket, first, rows: 1500, key: ["--identity", "key.txt"])
      try await Self.check(bucket, second, rows: 1500, key: ["--identity", "key.txt"])
    }
  }

  @Test func `doctor looks at the bucket, whether it answers or not`() async throws {
    try await BucketScene.with { bucket in
      try bucket.scene.execute("CREATE TABLE t (a int)")
      try bucket.write(["t"], yaml: "every: 24h")
      let doctor = ["doctor", "export.yaml", "--target", bucket.scene.database.url]
      let before = try await bucket.convoy(doctor)
      #expect(before.status == 1)
      #expect(before.output.contains("\(BucketScene.root) has no archive of nightly"))
      _ = try await bucket.exported()
      let after = try await bucket.convoy(doctor)
      #expect(after.status == 0, "\(after.output)\(after.errors)")
      bucket.server.stop()
      let closed = try await bucket.convoy(doctor)
      #expect(closed.status == 1, "\(closed.output)\(closed.errors)")
    }
  }

  @Test(arguments: [
    ("root: store:mcp-files/archives", "", "bucket mcp-files is that of files"),
    ("root: store:mcp-files", "store: {bucket: b}", "bucket mcp-files is that of files"),
    ("root: store:b", "store: {bucket: b}", "bucket b is that of files"),
    ("root: store:a/../b", "", "names no bucket of archives"),
    ("root: store:a", "store: {directory: objects}", "the store is a directory"),
  ])
  func `a place where archives cannot be is refused with the pipeline`(
    export: String, store: String, told: String
  ) async throws {
    try await BucketScene.with { bucket in
      try bucket.scene.directory.write("export.yaml", "export:\n  \(export)\n\(store)\n")
      let ended = try await bucket.export()
      #expect(ended.status == 78)
      #expect(ended.errors.contains(told), "\(ended.errors)")
    }
  }
}
