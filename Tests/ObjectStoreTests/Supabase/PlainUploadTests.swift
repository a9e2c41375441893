import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

struct PlainUploadTests {
  @Test(arguments: [0, 1, 6 << 20])
  func `a file of up to 6 MiB goes in one request with its length, type and digest`(
    size: Int
  ) async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(size)
      let upload = try bucket.directory.upload("s 1/a+b&c;d?.png", bytes)
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("s 1/a+b&c;d?.png") == bytes)
      let sent = try #require(bucket.requests("POST", "/object/").first)
      #expect(sent.request.path == "/object/mcp-files/s%201/a%2Bb%26c%3Bd%3F.png")
      #expect(sent.request.headers["content-length"] == "\(size)")
      #expect(sent.request.headers["transfer-encoding"] == nil)
      #expect(sent.request.headers["content-type"] == "image/png")
      #expect(sent.request.headers["cache-control"] == "max-age=3600")
      #expect(sent.request.headers["user-agent"] == "convoy")
      let info = try await bucket.store().info(upload.key)
      #expect(
        info
          == ObjectInfo(
            key: upload.key.text, size: size, digest: upload.digest, mediaType: "image/png"))
      #expect(bucket.requests("POST", "/upload").isEmpty)
    }
  }

  @Test(arguments: [false, true])
  func `the same content is success, another is told with what is there`(early: Bool) async throws {
    try await TestBucket.with({ $0.refusesEarly = early }) { bucket in
      let store = try bucket.store()
      let bytes = noise(6 << 20)
      let upload = try bucket.directory.upload("k", bytes)
      try await store.put(upload)
      #expect(try await store.put(upload) == .unchanged)
      let other = try bucket.directory.upload("k", noise(6 << 20, seed: 2))
      let failure = try await store.failure { store in
        _ = try await store.put(other)
      }
      let stored = ObjectInfo(
        key: "k", size: 6 << 20, digest: upload.digest, mediaType: "image/png")
      #expect(failure?.reason == .differs(stored))
      #expect(try bucket.content("k") == bytes)
    }
  }

  @Test func `an object stored without a digest is read and compared`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      try bucket.server.store(TestBucket.name, "k", noise(100))
      #expect(try await store.put(try bucket.directory.upload("k", noise(100))) == .unchanged)
      let other = try bucket.directory.upload("k", noise(100, seed: 2))
      let failure = try await store.failure { store in
        _ = try await store.put(other)
      }
      guard case .differs = failure?.reason else {
        Issue.record("\(String(describing: failure))")
        return
      }
    }
  }

  @Test func `an upload that replaces says so and does`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      try await store.put(try bucket.directory.upload("k", noise(5)))
      let upload = try bucket.directory.upload("k", noise(9, seed: 2), replaces: true)
      #expect(try await store.put(upload) == .stored)
      #expect(try bucket.content("k") == noise(9, seed: 2))
      #expect(
        bucket.requests("POST", "/object/").map { $0.request.headers["x-upsert"] }
          == ["false", "true"])
    }
  }

  @Test func `a server that takes no empty body gets an empty resumable upload`() async throws {
    try await TestBucket.with({ $0.refusesEmptyBodies = true }) { bucket in
      let upload = try bucket.directory.upload("k", Data())
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == Data())
      #expect(bucket.requests("PATCH").isEmpty)
      #expect(bucket.server.unfinishedUploads == 0)
    }
  }

  @Test(arguments: [0, 1, 65_536, 3_000_000, (6 << 20) - 1])
  func `a connection that breaks at any byte of the body is tried again`(
    count: Int
  ) async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(
        StorageFault("POST", "/object/", times: 3, .dropRequest(afterBodyBytes: count)))
      let bytes = noise(6 << 20)
      let upload = try bucket.directory.upload("k", bytes)
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == bytes)
      #expect(
        bucket.waits.all.count >= 1
          && bucket.waits.all.elementsEqual([0.5, 1, 2].prefix(bucket.waits.all.count)))
      #expect(bucket.answered("POST", "/object/").map(\.status) == [200])
    }
  }

  @Test(arguments: [0, 5, 40, 120])
  func `an upload whose answer is lost is found instead of sent again`(count: Int) async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(StorageFault("POST", "/object/", .dropResponse(afterBytes: count)))
      let upload = try bucket.directory.upload("k", noise(100))
      #expect(try await bucket.store().put(upload) == .unchanged)
      #expect(try bucket.content("k") == noise(100))
      #expect(bucket.requests("POST", "/object/").count == 1)
    }
  }

  @Test func `a success that makes no sense is looked at before it is believed`() async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(StorageFault("POST", "/object/", .truncatedJSON))
      let upload = try bucket.directory.upload("k", noise(100))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(bucket.requests("POST", "/object/").count == 2)
      #expect(try bucket.content("k") == noise(100))
    }
  }

  @Test(arguments: [false, true])
  func `a file that changed after it was hashed is told and never becomes an object`(
    isSummed: Bool
  ) async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(100), isSummed: isSummed)
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: upload.path))
      try file.seekToEnd()
      try file.write(contentsOf: Data([1]))
      let store = try bucket.store()
      let failure = try await store.failure { store in
        _ = try await store.put(upload)
      }
      #expect(failure?.reason == .sourceChanged && failure?.key == upload.path)
      let disguised = ObjectUpload(
        key: upload.key, path: upload.path, identity: try FileIdentity(path: upload.path),
        digest: upload.digest, sum: upload.sum)
      let second = try await store.failure { store in
        _ = try await store.put(disguised)
      }
      #expect(second?.reason == .sourceChanged)
      #expect(bucket.answered("POST", "/object/").isEmpty)
      #expect(try bucket.content("k") == nil)
      try FileManager.default.removeItem(atPath: upload.path)
      let third = try await store.failure { store in
        _ = try await store.put(upload)
      }
      #expect(third?.reason == .file(errno: ENOENT))
    }
  }

  @Test func `a cancelled upload says so`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(100))
      let store = try bucket.store()
      let task = Task {
        unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
        return try await store.failure { store in
          _ = try await store.put(upload)
        }
      }
      #expect(try await task.value?.reason == .cancelled)
    }
  }
}
