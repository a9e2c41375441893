internal import Archive
internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct HashCacheTests {
  private func state(_ inode: Int, size: Int = 1) -> FileState {
    FileState(
      device: 7, inode: UInt64(inode), size: size, modificationTimeNanoseconds: Int64(-inode),
      changeTimeNanoseconds: 1_700_000_000_000_000_000)
  }

  private func record(_ inode: Int, size: Int = 1, part: UInt64 = 0) -> HashRecord {
    HashRecord(
      state: state(inode, size: size), part: part,
      digest: FileDigest.of("\(inode) \(size) \(part)".utf8))
  }

  private func cache(in directory: TemporaryDirectory) throws -> HashCache {
    HashCache(in: try StateDirectory(environment: ["CONVOY_HOME": "\(directory.path)/home"]))
  }

  /// Which of the files are known by their right digests.
  private func known(_ inodes: Range<Int>, in directory: TemporaryDirectory) throws -> [Int] {
    var reader = try cache(in: directory).reader()
    return inodes.filter { inode in
      guard let found = reader.content(of: state(inode), withChunks: false) else { return false }
      #expect(found.digest == record(inode).digest, "\(inode)")
      #expect(found.isCached && found.byteCount == 1)
      return true
    }
  }

  @Test func `what one run learnt the next one knows`() async throws {
    try await TemporaryDirectory.with { directory in
      #expect(try known(0..<10, in: directory) == [])
      for first in [0, 1] {
        let cache = try cache(in: directory)
        try await cache.add(stride(from: 998 + first, through: 0, by: -2).map { record($0) })
        try await cache.write()
        #expect(
          try known(0..<1_002, in: directory)
            == (0..<1_000).filter { first == 1 || $0 % 2 == 0 })
      }
      let facts = try FileManager.default.attributesOfItem(
        atPath: "\(directory.path)/home/hash-cache")
      #expect(facts[.posixPermissions] as? Int == 0o600)
      #expect(facts[.size] as? Int == 32 + 1_000 * 88 + 16 * 24)
    }
  }

  @Test func `a file in another state is not known, and its new state replaces the old`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let first = try cache(in: directory)
      try await first.add([record(1), record(2), record(3)])
      try await first.write()
      let second = try cache(in: directory)
      var changed = state(2)
      changed.changeTimeNanoseconds += 1
      var reader = second.reader()
      #expect(reader.content(of: changed, withChunks: false) == nil)
      #expect(reader.content(of: state(2, size: 2), withChunks: false) == nil)
      try await second.add([record(2, size: 2)])
      try await second.write()
      #expect(try known(1..<4, in: directory) == [1, 3])
      reader = try cache(in: directory).reader()
      #expect(
        reader.content(of: state(2, size: 2), withChunks: false)?.digest
          == record(2, size: 2).digest)
    }
  }

  @Test func `chunks are known with their file or not at all`() async throws {
    try await TemporaryDirectory.with { directory in
      let size = 100 * (8 << 20) + 1
      let cache = try cache(in: directory)
      try await cache.add((0...101).map { record(5, size: size, part: UInt64($0)) })
      try await cache.add((0...50).map { record(6, size: size, part: UInt64($0)) })
      try await cache.write()
      var reader = try self.cache(in: directory).reader()
      let found = reader.content(of: state(5, size: size), withChunks: true)
      #expect(
        found?.chunks == (1...101).map { record(5, size: size, part: UInt64($0)).digest })
      #expect(reader.content(of: state(6, size: size), withChunks: true) == nil)
      #expect(reader.content(of: state(6, size: size), withChunks: false) != nil)
    }
  }

  @Test func `of a damaged cache nothing wrong is believed, and the next run replaces it`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let path = "\(directory.path)/home/hash-cache"
      let whole = try cache(in: directory)
      try await whole.add((0..<70).map { record($0) })
      try await whole.write()
      let sound = try directory.read("home/hash-cache")
      var damaged: [[UInt8]] = [[], Array(sound.prefix(20)), Array(sound.dropLast()), sound + [0]]
      for place in stride(from: 0, to: sound.count, by: 211) {
        var bytes = sound
        bytes[place] ^= 0x10
        damaged.append(bytes)
      }
      for bytes in damaged {
        try directory.write("home/hash-cache", bytes)
        // Asks for wrong digests by itself.
        #expect(try known(0..<70, in: directory).count <= 70)
      }
      try directory.write("home/hash-cache", Array(sound.prefix(100)))
      let next = try cache(in: directory)
      try await next.add([record(300)])
      try await next.write()
      #expect(try known(0..<301, in: directory) == [300])
      // One damaged record is dropped by the next run, the others stay.
      var bytes = sound
      bytes[32 + 88 * 10 + 50] ^= 1
      try directory.write("home/hash-cache", bytes)
      let last = try cache(in: directory)
      try await last.add([record(300)])
      try await last.write()
      #expect(try known(0..<301, in: directory) == (0..<70).filter { $0 != 10 } + [300])
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func `runs at the same time lose nothing of each other`() async throws {
    try await TemporaryDirectory.with { directory in
      let caches = try (0..<8).map { _ in try cache(in: directory) }
      try await withThrowingTaskGroup { group in
        for (number, cache) in caches.enumerated() {
          group.addTask {
            for inode in 0..<5 {
              try await cache.add([record(inode * 8 + number)])
              try await cache.write()
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try known(0..<41, in: directory) == Array(0..<40))
    }
  }

  @Test func `a cache that cannot be written is an error, and the old one stays`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("home", "a file")
      let cache = try cache(in: directory)
      try await cache.add([record(1)])
      await #expect(throws: RunError.self) { try await cache.write() }
      #expect(try directory.read("home") == Array("a file".utf8))
    }
  }
}
