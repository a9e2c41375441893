import Foundation
import TestSupport
import Testing

@testable import Archive

@Suite struct OutputDirectoryTests {
  private static func names(_ directory: TemporaryDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func `a directory appears with its files, for its user alone`() async throws {
    try await TemporaryDirectory.with { directory in
      let output = try OutputDirectory("night", in: directory.path)
      var file = try OutputFile(path: "\(output.temporaryPath)/part", permissions: 0o600)
      try file.write([1, 2, 3].span)
      try file.finish()
      #expect(try Self.names(directory).allSatisfy { $0.hasPrefix(".") })
      try output.finish()
      #expect(try Self.names(directory) == ["night"])
      #expect(try directory.read("night/part") == [1, 2, 3])
      let mode = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/night")
      #expect(mode[.posixPermissions] as? Int == 0o700)
    }
  }

  @Test func `a directory that is not finished leaves nothing`() async throws {
    try await TemporaryDirectory.with { directory in
      do {
        let output = try OutputDirectory("night", in: directory.path)
        var file = try OutputFile(path: "\(output.temporaryPath)/part")
        try file.write([1].span)
        try file.finish()
      }
      #expect(try Self.names(directory).isEmpty)
    }
  }

  @Test func `what a killed process left is removed, and nothing else`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write(".convoy-1f.tmp/part", [1])
      try directory.write(".convoy-1f.tmp/.convoy-2.tmp", [1])
      try directory.write(".other/part", [1])
      try directory.write("20250101T000000Z/part", [1])
      try OutputDirectory.removeUnfinished(in: directory.path)
      #expect(try Self.names(directory) == [".other", "20250101T000000Z"])
    }
  }

  @Test func `a directory that is there is refused`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("night/part", [1])
      #expect(throws: FileError(.make, path: "\(directory.path)/night", errno: EEXIST)) {
        _ = try OutputDirectory("night", in: directory.path)
      }
    }
  }

  private static func isFree(_ root: ArchiveRoot) throws -> Bool {
    guard let lock = try ArchiveLock(root) else { return false }
    _ = consume lock
    return true
  }

  @Test func `a second lock of a directory is not to be had until the first is gone`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let root = ArchiveRoot(path: directory.path)
      guard let first = try ArchiveLock(root) else { throw TestFailure("the lock is taken") }
      #expect(try !Self.isFree(root))
      _ = consume first
      #expect(try Self.isFree(root))
    }
  }
}
