internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct DamageTests {
  @Test func `each of 200 random damages is found, in the part it is in`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 2500)
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 99)")
      try scene.writeExport(["noise", "t"], yaml: "partBytes: 512KiB\nlevel: 1")
      let archive = try await scene.exported()
      let parts = archive.manifest.tables.flatMap(\.parts)
      try #require(parts.count > 4)
      #expect(try await scene.damages(archive.path).isEmpty)
      var random = SystemRandomNumberGenerator()
      for round in 0..<200 {
        let file = try #require(parts.randomElement(using: &random)).file
        let name = "archives/\(archive.name)/\(file)"
        let path = "\(archive.path)/\(file)"
        let bytes = try scene.directory.read(name)
        var changed = bytes
        switch round % 4 {
        case 0, 1: changed[Int.random(in: 0..<bytes.count)] ^= 1 << UInt8.random(in: 0..<8)
        case 2: changed = Array(bytes.prefix(Int.random(in: 0..<bytes.count)))
        default: changed.append(UInt8.random(in: 0...255))
        }
        try scene.directory.write(name, changed)
        let found = try await scene.damages(archive.path)
        #expect(
          !found.isEmpty && found.allSatisfy { $0.hasPrefix("\(file): ") }, "\(round) \(found)")
        if round % 4 < 2, !found.contains(where: { $0.contains("carry no data") }) {
          #expect(found.contains { $0.contains(": member 1: ") }, "\(found)")
        }
        try FileManager.default.removeItem(atPath: path)
        let missing = try await scene.damages(archive.path)
        #expect(missing.count == 1 && missing[0].hasPrefix("\(file): "))
        try scene.directory.write(name, bytes)
      }
    }
  }

  @Test func `parts in each other's place are both named`() async throws {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 1500)
      try scene.writeExport(["noise"], yaml: "partBytes: 512KiB")
      let archive = try await scene.exported()
      let names = archive.manifest.tables[0].parts.prefix(2).map(\.file)
      let contents = try names.map { try scene.directory.read("archives/\(archive.name)/\($0)") }
      for (name, content) in zip(names, contents.reversed()) {
        try scene.directory.write("archives/\(archive.name)/\(name)", content)
      }
      let verified = try await scene.convoy(["archive", "verify", archive.path])
      #expect(verified.status == 65)
      for name in names { #expect(verified.errors.contains("\(archive.path)/\(name): member 1: ")) }
      let restored = try await scene.convoy(
        ["archive", "restore", archive.path, "--target", scene.database.url, "--schema", "copy"])
      #expect(restored.status == 65)
      #expect(try scene.rows("SELECT FROM pg_namespace WHERE nspname = 'copy'").isEmpty)
    }
  }

  @Test(arguments: [ArchiveManifest.fileName, ArchiveDirectory.digestsName])
  func `any changed bit of what describes the parts is found`(file: String) async throws {
    try await RunScene.with { scene in
      try scene.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 99)")
      try scene.writeExport(["t"])
      let archive = try await scene.exported()
      let name = "archives/\(archive.name)/\(file)"
      let bytes = try scene.directory.read(name)
      for _ in 0..<100 {
        var changed = bytes
        changed[Int.random(in: 0..<bytes.count)] ^= 1 << UInt8.random(in: 0..<8)
        try scene.directory.write(name, changed)
        #expect(try await !scene.damages(archive.path).isEmpty)
      }
      try FileManager.default.removeItem(atPath: "\(archive.path)/\(file)")
      let verified = try await scene.convoy(["archive", "verify", archive.path])
      #expect(verified.status == 65)
      #expect(verified.errors.contains("\(archive.path)/\(file): not there"))
      let listed = try await scene.convoy(["archive", "list", "archives"])
      #expect(listed.status == 65)
    }
  }

  @Test func `a share of the parts comes round to all of them, and does not count as verified`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.makeNoise("noise", rows: 2500)
      try scene.writeExport(["noise"], yaml: "partBytes: 512KiB\nverify: none")
      let archive = try await scene.exported()
      let verification = ArchiveVerification(archive)
      let shares = (0..<3).map { verification.parts(oneIn: 3, day: 100 + $0) }
      #expect(shares.allSatisfy { !$0.isEmpty })
      #expect(Set(shares.flatMap(\.self)) == Set(verification.parts()))
      func isMarked() async throws -> Bool {
        try await scene.convoy(["archive", "list", "archives"]).output.contains("yes")
      }
      #expect(
        try await scene.convoy(["archive", "verify", archive.path, "--fraction", "1/3"]).status == 0
      )
      #expect(try await !isMarked())
      #expect(try await scene.convoy(["archive", "verify", archive.path]).status == 0)
      #expect(try await isMarked())
    }
  }
}
