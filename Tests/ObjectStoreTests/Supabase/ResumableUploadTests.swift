import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

struct ResumableUploadTests {
  private static let chunk = 6 << 20
  private static let size = 2 * chunk + 12_345

  @Test(arguments: [chunk + 1, 2 * chunk, size])
  func `a larger file goes in chunks of exactly 6 MiB and a rest`(size: Int) async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(size)
      let upload = try bucket.directory.upload("s/k", bytes)
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("s/k") == bytes)
      let lengths = bucket.requests("PATCH").map(\.bodyBytes)
      #expect(lengths.dropLast().allSatisfy { $0 == Self.chunk })
      #expect(lengths.reduce(0, +) == size)
      #expect(bucket.requests("POST", "/object/").isEmpty)
      let info = try await bucket.store().info(upload.key)
      #expect(
        info
          == ObjectInfo(key: "s/k", size: size, digest: upload.digest, mediaType: "image/png"))
      #expect(bucket.server.unfinishedUploads == 0)
    }
  }

  @Test func `every request says that it replaces`() async throws {
    try await TestBucket.with { bucket in
      try bucket.server.store(TestBucket.name, "k", Data([1]))
      bucket.server.inject(StorageFault("PATCH", after: 1, .dropRequest(afterBodyBytes: 100)))
      let upload = try bucket.directory.upload("k", noise(Self.size), replaces: true)
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      let sent = bucket.server.served.filter { $0.request.path.hasPrefix("/upload/") }
      #expect(sent.count >= 6)
      #expect(sent.allSatisfy { $0.request.headers["x-upsert"] == "true" })
    }
  }

  @Test(arguments: [(0, 1), (1_000_000, 1), (chunk - 1, 5 << 20)])
  func `after a chunk that breaks off the server's offset counts`(
    count: Int, keptPartBytes: Int
  ) async throws {
    try await TestBucket.with({ $0.keptPartBytes = keptPartBytes }) { bucket in
      bucket.server.inject(
        StorageFault("PATCH", after: 1, times: 3, .dropRequest(afterBodyBytes: count)))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      // Nothing was sent that the client did not mean to send.
      let broken = bucket.requests("PATCH").filter { $0.status == 0 }.count
      #expect((1...3).contains(broken))
      #expect(bucket.requests("HEAD").count == broken)
      #expect(bucket.waits.all == Array([0.5, 1, 2].prefix(broken)))
    }
  }

  @Test func `an object put together of wrong bytes is found and sent again`() async throws {
    try await TestBucket.with { bucket in
      let kept = Kept()
      bucket.server.inject(StorageFault("PATCH", after: 1, times: 8, .html(503)))
      let bytes = noise(Self.size)
      let upload = try bucket.directory.upload("k", bytes)
      let store = try bucket.store()
      _ = try await store.failure { store in
        try await store.put(upload, resumption: kept.resumption())
      }
      try bucket.server.damageUploads()
      let outcome = try await store.put(upload, resumption: kept.resumption(from: kept.last))
      #expect(outcome == .stored)
      #expect(try bucket.content("k") == bytes)
      #expect(bucket.requests("DELETE").count == 1)
    }
  }

  @Test(arguments: [(0, 0), (30, 1), (80, 2)])
  func `after an answer that is lost nothing is sent twice`(count: Int, chunk: Int) async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(
        StorageFault("PATCH", after: chunk, .dropResponse(afterBytes: count)))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      #expect(
        bucket.answered("PATCH").filter { $0.status == 204 }.map(\.bodyBytes).reduce(0, +)
          == Self.size)
    }
  }

  @Test(arguments: [404, 410])
  func `an upload the server has forgotten starts over`(status: Int) async throws {
    try await TestBucket.with { bucket in
      let effect: StorageFault.Effect =
        status == 404
        ? .expireUpload
        : .answer(ServerResponse(410, text: "The file for this url no longer exists"))
      bucket.server.inject(StorageFault("PATCH", after: 1, effect))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      #expect(bucket.requests("POST", "/upload/resumable").count == 2)
      #expect(bucket.waits.all.isEmpty)
    }
  }

  @Test func `an upload that is forgotten each time fails after a few`() async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(StorageFault("PATCH", times: 100, .expireUpload))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let kept = Kept()
      let failure = try await bucket.store().failure { store in
        _ = try await store.put(upload, resumption: kept.resumption())
      }
      #expect(failure?.reason == .uploadExpired)
      #expect(bucket.requests("POST", "/upload/resumable").count == 4)
      #expect(kept.last == nil)
    }
  }

  @Test func `409 for a wrong offset goes on where the server is`() async throws {
    try await TestBucket.with { bucket in
      // The first chunk arrives, and the client is told that it did not.
      bucket.server.inject(StorageFault("PATCH", "/", .dropResponse(afterBytes: 0)))
      bucket.server.inject(
        StorageFault("HEAD", "/", .answer(ServerResponse(200, headers: ["Upload-Offset": "0"]))))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      #expect(bucket.answered("PATCH").map(\.status) == [204, 409, 204, 204])
    }
  }

  @Test(arguments: [false, true])
  func `409 for an object that is there now ends in a comparison`(isSame: Bool) async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(Self.size)
      let there = isSame ? bytes : noise(Self.size, seed: 2)
      bucket.server.inject(StorageFault("PATCH", after: 1, .competingObject(there)))
      let upload = try bucket.directory.upload("k", bytes)
      let store = try bucket.store()
      let kept = Kept()
      let failure = try await store.failure { store in
        let outcome = try await store.put(upload, resumption: kept.resumption())
        #expect(outcome == .unchanged)
      }
      #expect(try bucket.content("k") == there)
      #expect(bucket.requests("PATCH").map(\.status) == [204, 409])
      #expect(kept.last == nil)
      if isSame {
        #expect(failure == nil)
      } else if case .differs(let stored) = failure?.reason {
        #expect(stored.size == Self.size)
      } else {
        Issue.record("\(String(describing: failure))")
      }
    }
  }

  @Test func `409 at the beginning ends in a comparison`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let store = try bucket.store()
      try await store.put(upload)
      #expect(try await store.put(upload) == .unchanged)
      #expect(bucket.requests("PATCH").count == 3)
    }
  }

  @Test func `the secret goes to no other server than the configured one`() async throws {
    try await TestBucket.with { foreign in
      try await TestBucket.with { bucket in
        bucket.server.inject(
          StorageFault("POST", "/upload", .location("\(foreign.server.address)/storage/v1/steal/x"))
        )
        let before = foreign.server.served.count
        let upload = try bucket.directory.upload("k", noise(Self.size))
        #expect(try await bucket.store().put(upload) == .stored)
        #expect(foreign.server.served.count == before)
        #expect(try bucket.content("k") == noise(Self.size))
        // What the location named is asked for where it may be asked for, and is not there.
        #expect(bucket.requests("PATCH", "/upload/resumable/x").map(\.status) == [404])
      }
    }
  }

  @Test func `a location with a proxy's name in it is taken for what it means`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store()
      let kept = Kept()
      bucket.server.inject(StorageFault("PATCH", times: 8, .html(502)))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      _ = try await store.failure { store in
        _ = try await store.put(upload, resumption: kept.resumption())
      }
      let url = try #require(kept.last?.url)
      let name = url.split(separator: "/").last.map(String.init) ?? ""
      bucket.server.inject(
        StorageFault("POST", "/upload", .location("https://storage:5000/upload/resumable/\(name)")))
      #expect(try await store.put(upload) == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
    }
  }

  @Test(arguments: [400, 423, 500, 502, 503])
  func `a lock or a failing server is waited for, then the offset is asked for`(
    status: Int
  ) async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(
        StorageFault(
          "PATCH", after: 1, times: 2,
          .answer(ServerResponse(status, text: "acquiring lock timeout"))))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      #expect(try await bucket.store().put(upload) == .stored)
      #expect(bucket.waits.all == [0.5, 1])
      #expect(bucket.requests("HEAD").count == 2)
    }
  }

  @Test func `a file over the bucket's limit is refused before its bytes are sent`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store {
        $0.bucket = "small"; $0.bucketLimitBytes = 7 << 20
      }
      #expect(try await store.prepare() == StoreFacts(sizeLimitBytes: 7 << 20, isNew: true))
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let failure = try await store.failure { store in
        _ = try await store.put(upload)
      }
      #expect(failure?.reason == .tooLarge(limitBytes: nil))
      #expect(failure?.isRetryable == false)
      #expect(bucket.requests("PATCH").isEmpty && bucket.waits.all.isEmpty)
    }
  }
}
