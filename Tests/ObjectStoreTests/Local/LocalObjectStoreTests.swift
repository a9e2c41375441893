import Foundation
import ObjectStore
import TestSupport
import Testing

struct LocalObjectStoreTests {
  private func withStore(
    _ body: (LocalObjectStore, TemporaryDirectory) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let store = LocalObjectStore(path: "\(directory.path)/objects/here")
      #expect(try await store.prepare() == StoreFacts(sizeLimitBytes: nil, isNew: true))
      #expect(try await store.prepare().isNew == false)
      try await body(store, directory)
    }
  }

  private func permissions(_ path: String) throws -> Int? {
    let facts = try FileManager.default.attributesOfItem(atPath: path)
    return (facts[.posixPermissions] as? NSNumber)?.intValue
  }

  private func files(_ path: String) throws -> [String] {
    let found = FileManager.default.enumerator(atPath: path)
    return (found?.allObjects as? [String] ?? []).sorted()
  }

  @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
  func `a file is stored, told of and read back`(size: Int) async throws {
    try await withStore { store, directory in
      let bytes = noise(size)
      let upload = try directory.upload("s/a b.png", bytes)
      #expect(try await store.put(upload) == .stored)
      let info = try #require(try await store.info(upload.key))
      #expect(info.key == "s/a b.png" && info.size == size)
      #expect(info.digest == upload.digest && info.mediaType == "image/png")
      #expect(try await store.content("s/a b.png", expecting: upload.digest) == bytes)
      #expect(try await store.put(upload) == .unchanged)
    }
  }

  @Test func `objects and directories are for their owner, and nothing else is left`() async throws
  {
    try await withStore { store, directory in
      let upload = try directory.upload("s/a", noise(10))
      try await store.put(upload)
      try await store.put(upload)
      #expect(try permissions(store.place) == 0o700)
      #expect(try permissions("\(store.place)/s") == 0o700)
      #expect(try permissions("\(store.place)/s/a") == 0o600)
      #expect(try permissions("\(store.place)/.convoy") == 0o700)
      let left = try files(store.place)
      #expect(left.filter { $0.hasSuffix(".tmp") } == [])
      #expect(left.filter { $0.hasSuffix(".json") }.count == 1)
      #expect(try await store.remove([upload.key]) == 1)
      #expect(try files(store.place).filter { $0.hasSuffix(".json") || $0.hasSuffix("/a") } == [])
    }
  }

  @Test func `another content under a key is told and kept, and replaced only when asked`()
    async throws
  {
    try await withStore { store, directory in
      try await store.put(try directory.upload("k", noise(10)))
      let other = try directory.upload("k", noise(10, seed: 2))
      let failure = try await store.failure { store in
        _ = try await store.put(other)
      }
      let stored = ObjectInfo(
        key: "k", size: 10, digest: ContentDigest(of: Array(noise(10))), mediaType: "image/png")
      #expect(failure?.reason == .differs(stored))
      #expect(try await store.content("k") == noise(10))
      try await store.put(try directory.upload("k", noise(12, seed: 3), replaces: true))
      #expect(try await store.content("k") == noise(12, seed: 3))
      #expect(try await store.info(try ObjectKey("k"))?.size == 12)
    }
  }

  @Test func `an object whose note is lost or old is read for its digest`() async throws {
    try await withStore { store, directory in
      let upload = try directory.upload("k", noise(10))
      try await store.put(upload)
      try FileManager.default.removeItem(atPath: "\(store.place)/.convoy")
      let found = try #require(try await store.info(upload.key))
      #expect(found.digest == upload.digest && found.mediaType == nil)
      #expect(try await store.put(upload) == .unchanged)
      // Written by somebody else behind the store's back.
      try await store.put(try directory.upload("m", noise(10)))
      try noise(10, seed: 2).write(to: URL(fileURLWithPath: "\(store.place)/m"))
      #expect(
        try await store.info(try ObjectKey("m"))?.digest
          == ContentDigest(of: Array(noise(10, seed: 2))))
      #expect(try await store.failure(reading("m"))?.reason == .damaged)
    }
  }

  private func reading(
    _ key: String
  ) -> (LocalObjectStore) async throws -> Void {
    { store in
      _ = try await store.read(try ObjectKey(key), expecting: nil) { _ in }
    }
  }

  @Test(arguments: ["out/a", "link", ".convoy/info", "s/.convoy-1.tmp", "file/below", "s"])
  func `a key that leads out of the directory, to a directory or to the store's own is refused`(
    key: String
  ) async throws {
    try await withStore { store, directory in
      try await store.put(try directory.upload("file", noise(1)))
      try await store.put(try directory.upload("s/a", noise(1)))
      let outside = try directory.write("outside/a", Array(noise(3)))
      for (name, target) in [("out", "\(directory.path)/outside"), ("link", outside)] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(store.place)/\(name)", withDestinationPath: target)
      }
      let upload = try directory.upload(key, noise(5))
      let replacing = try directory.upload(key, noise(5), replaces: true)
      // A link at the very end is no way out when it is replaced: the link itself goes.
      for upload in key == "link" ? [upload] : [upload, replacing] {
        let failure = try await store.failure { store in
          _ = try await store.put(upload)
        }
        #expect(failure?.reason == .invalidKey)
      }
      #expect(try await store.failure(reading(key))?.reason == .invalidKey)
      #expect(try directory.read("outside/a") == Array(noise(3)))
      let left = try files(store.place)
      #expect(left.filter { $0.hasSuffix(".tmp") } == [])
    }
  }

  @Test func `keys are listed in byte order, by prefix and page by page`() async throws {
    try await withStore { store, directory in
      let upload = try directory.upload("0", noise(2))
      var keys: [String] = []
      for index in 0..<1205 {
        keys.append("d\(index % 7)/\(index)")
      }
      keys += ["d1-", "d1.x", "d1", "d1x"].map { "\($0)!" }
      for key in keys {
        try await store.put(
          ObjectUpload(
            key: try ObjectKey(key), path: upload.path, identity: upload.identity,
            digest: upload.digest))
      }
      let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let first = try await store.list(prefix: "", after: nil)
      #expect(first.objects.map(\.key) == Array(sorted[..<1000]))
      let second = try await store.list(prefix: "", after: first.cursor)
      #expect(second.objects.map(\.key) == Array(sorted[1000...]) && second.cursor == nil)
      let part = try await store.list(prefix: "d1", after: nil)
      #expect(part.objects.map(\.key) == sorted.filter { $0.hasPrefix("d1") })
      #expect(part.objects.allSatisfy { $0.size == 2 })
      let below = try await store.list(prefix: "d1/10", after: "d1/1002")
      #expect(below.objects.map(\.key) == sorted.filter { $0.hasPrefix("d1/10") && $0 > "d1/1002" })
    }
  }

  @Test func `a file that is not the one that was hashed never becomes an object`() async throws {
    try await withStore { store, directory in
      let upload = try directory.upload("k", noise(10))
      let wrong = ObjectUpload(
        key: upload.key, path: upload.path, identity: upload.identity,
        digest: ContentDigest(of: Array(noise(11))))
      let failure = try await store.failure { store in
        _ = try await store.put(wrong)
      }
      #expect(failure?.reason == .sourceChanged)
      #expect(failure?.key == upload.path)
      #expect(try await store.info(upload.key) == nil)
      #expect(try files(store.place).filter { !$0.hasPrefix(".convoy/") } == [])
    }
  }

  @Test func `what is not there is nil, and removing it is no error`() async throws {
    try await withStore { store, _ in
      let key = try ObjectKey("a/b")
      #expect(try await store.info(key) == nil)
      #expect(try await store.remove([key]) == 0)
      #expect(try await store.failure(reading("a/b"))?.reason == .objectMissing)
    }
  }

  @Test func `a directory that cannot be made says why`() async throws {
    try await TemporaryDirectory.with { directory in
      let store = LocalObjectStore(path: "\(try directory.write("file", [1]))/store")
      let failure = try await store.failure { store in
        _ = try await store.prepare()
      }
      #expect(failure?.reason == .file(errno: ENOTDIR))
      #expect(failure?.description == "Not a directory, in \(store.place)")
    }
  }
}
