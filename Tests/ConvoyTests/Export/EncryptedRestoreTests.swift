internal import Archive
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// What can be done with plain archives, done with encrypted ones.
@Suite struct EncryptedRestoreTests {
  @Test(arguments: ["jsonl", "copy"])
  func `rows that are asked for are merged with the key, and nothing is without it`(format: String)
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      _ = try await AgeTests.recipient(scene, "other.txt")
      try MergeTests.fill(scene)
      try scene.writeExport(
        MergeTests.tables, yaml: "format: \(format)\nencrypt: {age: [\(recipient)]}")
      let archive = try await scene.exported()
      let part = archive.manifest.tables[0].parts[0]
      #expect(part.file == "exai_sessions-00000.\(format).gz.age")
      #expect(part.members.map(\.times) == [part.times])
      try MergeTests.change(scene)
      let before = try scene.checksum()
      let sessions = ["--only", "session=c1", "--only", "session=c2"]
      let closed = try await MergeTests.merge(archive, "skip", scene, sessions)
      #expect(closed.status == 1)
      #expect(closed.errors.contains("is encrypted for \(recipient)"))
      let wrong = try await MergeTests.merge(
        archive, "skip", scene, sessions + ["--identity", "other.txt"])
      #expect(wrong.status == 1)
      #expect(wrong.errors.contains("\(part.file): age failed: age: error: "), "\(wrong.errors)")
      #expect(try scene.checksum() == before)

      let key = ["--identity", "key.txt"]
      let skipped = try await MergeTests.merge(archive, "skip", scene, sessions + key)
      #expect(skipped.status == 0, "\(skipped.errors)")
      #expect(
        skipped.output == """
          exai_sessions: 2 rows, 1 inserted, 0 unchanged, 0 updated, 1 kept as they are, the same as in the archive but for those kept
          exai_messages: 4 rows, 2 inserted, 2 unchanged, 0 updated, 0 kept as they are, the same as in the archive
          files: 1 rows, 1 inserted, 0 unchanged, 0 updated, 0 kept as they are, the same as in the archive

          """)
      let updated = try await MergeTests.merge(
        archive, "update", scene, ["--only", "since=2025-01-03", "--only", "session=c2"] + key)
      #expect(updated.output.contains("exai_sessions: 1 rows, 0 inserted, 0 unchanged, 1 updated"))
      #expect(
        try scene.rows(MergeTests.titles)
          == [["c1", "title 1"], ["c2", "title 2"], ["c3", "title 3"], ["c4", nil]])
      let printed = try await scene.convoy(
        ["archive", "cat", archive.path, "--only", "session=c3"] + key)
      #expect(printed.output.split(separator: "\n").count == 3, "\(printed.errors)")
    }
  }

  @Test func `partitions and conversations are encrypted, linked and read like other parts`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      let encrypt = "encrypt: {age: [\(recipient)]}"
      try scene.execute(PartitionTests.sql)
      try scene.writeExport(["events", "answers"], yaml: encrypt)
      _ = try await scene.exported()
      let archive = try await scene.exported()
      let parts = archive.manifest.tables[0].parts
      #expect(parts.map(\.partition) == ["events_2024", "events_2025_a", "events_2025_rest"])
      #expect(parts.allSatisfy { $0.isLinked && $0.encrypted != nil })
      let key = ["--identity", "key.txt"]
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url, "--schema", "again"]
          + key)
      #expect(restored.status == 0, "\(restored.errors)")
      #expect(restored.output.contains("again.events: 300 rows, the same as in the archive\n"))

      try MergeTests.fill(scene)
      try scene.writeExport(MergeTests.tables, yaml: "format: conversations\n\(encrypt)")
      let conversations = try await scene.exported()
      #expect(
        conversations.manifest.tables.flatMap(\.parts).map(\.file)
          == ["conversations-00000.jsonl.gz.age"])
      let verified = try await scene.convoy(["archive", "verify", conversations.path] + key)
      #expect(verified.output == "sound: 1 of 1 parts\n", "\(verified.errors)")
      let printed = try await scene.convoy(
        ["archive", "cat", conversations.path, "--session", "c2"] + key)
      #expect(printed.output.contains("text 22"), "\(printed.errors)")
    }
  }

  @Test func `what the server refuses and what is damaged is not laid to the program`()
    async throws
  {
    try await RunScene.with { scene in
      let recipient = try await AgeTests.recipient(scene)
      try scene.makeNoise("noise", rows: 4000)
      try scene.writeExport(["noise"], yaml: "encrypt: {age: [\(recipient)]}")
      let archive = try await scene.exported()
      try scene.execute("TRUNCATE noise; ALTER TABLE noise ADD CONSTRAINT short CHECK (noise = '')")
      let ended = try await scene.convoy([
        "archive", "restore", archive.path, "--target", scene.database.url, "--identity", "key.txt",
      ])
      #expect(ended.status == 1)
      #expect(ended.errors.contains("short"), "\(ended.errors)")
      #expect(!ended.errors.contains("age failed"), "\(ended.errors)")
      #expect(try scene.value("SELECT count(*) FROM noise") == "0")

      // Damage is told as damage, wherever the program stumbles over it.
      let name = "archives/\(archive.name)/\(archive.manifest.tables[0].parts[0].file)"
      var bytes = try scene.directory.read(name)
      bytes[bytes.count / 2] ^= 1
      try scene.directory.write(name, bytes)
      let damaged = try await scene.convoy([
        "archive", "cat", archive.path, "--only", "table=noise", "--identity", "key.txt",
      ])
      #expect(damaged.status == 65)
      #expect(
        damaged.errors.contains("\(name): its bytes are not those that were written"),
        "\(damaged.errors)")
    }
  }
}
