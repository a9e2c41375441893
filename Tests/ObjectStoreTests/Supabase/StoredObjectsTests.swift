import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

struct StoredObjectsTests {
  @Test(arguments: [0, 1, 6 << 20, (6 << 20) + 1])
  func `an object is read in pieces of at most 6 MiB and verified`(size: Int) async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(size)
      let upload = try bucket.directory.upload("k", bytes)
      let store = try bucket.store()
      try await store.put(upload)
      #expect(try await store.content("k") == bytes)
      #expect(try await store.content("k", expecting: upload.digest) == bytes)
      let other = ContentDigest(of: [1, 2, 3])
      let failure = try await store.failure { store in
        _ = try await store.read(upload.key, expecting: other) { _ in }
      }
      #expect(failure?.reason == .damaged)
    }
  }

  @Test func `a piece that breaks off is asked for again`() async throws {
    try await TestBucket.with { bucket in
      let bytes = noise((12 << 20) + 5)
      let upload = try bucket.directory.upload("k", bytes)
      let store = try bucket.store()
      try await store.put(upload)
      let path = "/object/mcp-files/"
      bucket.server.inject(
        StorageFault("GET", path, .dropResponse(afterBytes: 10)),
        StorageFault("GET", path, after: 1, .dropResponse(afterBytes: 1_000_000)),
        StorageFault("GET", path, after: 1, .slowDown()))
      #expect(try await store.content("k") == bytes)
      #expect(bucket.waits.all.count >= 2)
    }
  }

  @Test func `bytes that changed in the store are told`() async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(1000)
      let store = try bucket.store()
      try await store.put(try bucket.directory.upload("k", bytes))
      try bucket.server.damage(TestBucket.name, "k", Data(bytes.reversed()))
      let failure = try await store.failure { store in
        _ = try await store.read(try ObjectKey("k"), expecting: nil) { _ in }
      }
      #expect(failure?.reason == .damaged)
      try bucket.server.damage(TestBucket.name, "k", Data(bytes.prefix(500)))
      let second = try await store.failure { store in
        _ = try await store.read(try ObjectKey("k"), expecting: nil) { _ in }
      }
      #expect(second?.reason == .unexpectedAnswer)
    }
  }

  @Test func `a server that sends all when asked for a part does not fill the memory`()
    async throws
  {
    try await TestBucket.with({ $0.ignoresRanges = true }) { bucket in
      let store = try bucket.store()
      try await store.put(try bucket.directory.upload("small", noise(1000)))
      #expect(try await store.content("small") == noise(1000))
      try await store.put(try bucket.directory.upload("large", noise(13 << 20)))
      let failure = try await store.failure { store in
        _ = try await store.read(try ObjectKey("large"), expecting: nil) { _ in }
      }
      #expect(failure?.reason == .unexpectedAnswer)
    }
  }

  @Test func `an object that is replaced while it is read is told`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      let bytes = noise(7 << 20)
      try await store.put(try bucket.directory.upload("k", bytes))
      let next = noise(7 << 20, seed: 2)
      let failure = try await store.failure { store in
        _ = try await store.read(try ObjectKey("k"), expecting: nil) { _ in
          // The test's own write cannot fail but with the test.
          try? bucket.server.store(TestBucket.name, "k", next)
        }
      }
      #expect(failure?.reason == .damaged)
    }
  }

  @Test func `all keys are listed page by page, and many removed at once`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      let keys = (0..<1003).map { "s\($0 % 3)/\($0)" }
      for key in keys { try bucket.server.store(TestBucket.name, key, Data([1, 2])) }
      let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let first = try await store.list(prefix: "", after: nil)
      #expect(first.objects.map(\.key) == Array(sorted[..<1000]))
      #expect(first.objects.allSatisfy { $0.size == 2 && $0.digest == nil })
      let second = try await store.list(prefix: "", after: first.cursor)
      #expect(second.objects.map(\.key) == Array(sorted[1000...]) && second.cursor == nil)
      let part = try await store.list(prefix: "s1/", after: nil)
      #expect(part.objects.map(\.key) == sorted.filter { $0.hasPrefix("s1/") })
      let missing = try ObjectKey("never")
      #expect(try await store.remove(try keys.map { try ObjectKey($0) } + [missing]) == 1003)
      #expect(bucket.requests("DELETE").count == 2)
      #expect(bucket.server.keys(TestBucket.name) == [])
      #expect(try await store.remove([]) == 0)
    }
  }

  @Test func `metadata of others, whatever its shape, has no digest`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      for (index, metadata) in ["null", "[1]", "{}", #"{"sha256":5}"#, #"{"sha256":"ab"}"#]
        .enumerated()
      {
        let body = #"{"name":"k","size":\#(index),"content_type":null,"metadata":\#(metadata)}"#
        bucket.server.inject(
          StorageFault(
            "GET", "/object/info",
            .answer(ServerResponse(200, headers: [:], body: Data(body.utf8)))))
        #expect(
          try await store.info(try ObjectKey("k"))
            == ObjectInfo(key: "k", size: index, digest: nil, mediaType: nil))
      }
    }
  }

  @Test(arguments: ["", "{", "<html>", "[]", #"{"name":"k"}"#, #"{"name":"k","size":"5"}"#])
  func `an answer that is cut short or of another program is told`(body: String) async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(
        StorageFault(
          "GET", times: 2, .answer(ServerResponse(200, headers: [:], body: Data(body.utf8)))))
      let failure = try await bucket.store().failure { store in
        _ = try await store.info(try ObjectKey("k"))
      }
      #expect(failure?.reason == .unexpectedAnswer)
    }
  }

  @Test func `four uploads at a time use four connections and disturb each other not`()
    async throws
  {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      let uploads = try (0..<12).map { index in
        try bucket.directory.upload(
          "k\(index)", noise(index * 700_000, seed: UInt64(index + 1)))
      }
      bucket.server.inject(
        StorageFault("PATCH", after: 1, .dropRequest(afterBodyBytes: 1000)),
        StorageFault("POST", "/object/", after: 3, times: 2, .dropRequest(afterBodyBytes: 1000)))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<4 {
          group.addTask {
            for index in stride(from: worker, to: 12, by: 4) {
              let outcome = try await store.put(uploads[index])
              #expect(outcome == .stored)
            }
          }
        }
        try await group.waitForAll()
      }
      for (index, upload) in uploads.enumerated() {
        #expect(
          try bucket.content("k\(index)") == noise(index * 700_000, seed: UInt64(index + 1)))
        #expect(try await store.info(upload.key)?.digest == upload.digest)
      }
    }
  }
}
