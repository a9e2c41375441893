import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

/// What each kind of failure is taken for, and how often it is tried again.
struct FaultTests {
  /// Puts a small file while `times` of the requests to its route go wrong.
  private func put(
    _ effect: StorageFault.Effect, times: Int
  ) async throws -> (failure: ObjectStoreError?, waits: [Double], sent: Int) {
    var result: (failure: ObjectStoreError?, waits: [Double], sent: Int) = (nil, [], 0)
    try await TestBucket.with { bucket in
      bucket.server.inject(StorageFault("POST", "/object/", times: times, effect))
      let upload = try bucket.directory.upload("k", noise(1000))
      let failure = try await bucket.store().failure { store in
        _ = try await store.put(upload)
      }
      #expect(try bucket.content("k") == (failure == nil ? noise(1000) : nil))
      result = (failure, bucket.waits.all, bucket.requests("POST", "/object/").count)
    }
    return result
  }

  @Test(
    arguments: [
      .slowDown(), .databaseTimeout, .locked, .lockTimeout, .html(502), .html(503), .html(520),
      .answer(ServerResponse(500)), .answer(ServerResponse(429)),
    ] as [StorageFault.Effect])
  func `what passes by itself is waited for, twice as long each time`(
    effect: StorageFault.Effect
  ) async throws {
    let passed = try await put(effect, times: 4)
    #expect(passed.failure == nil)
    #expect(passed.waits == [0.5, 1, 2, 4])
    let lasting = try await put(effect, times: 100)
    #expect(lasting.failure?.isRetryable == true && lasting.failure?.stopsRun == false)
    #expect(lasting.waits == [0.5, 1, 2, 4, 8, 16, 30])
    #expect(lasting.sent == 8)
  }

  @Test(arguments: [
    (StorageFault.Effect.readOnly, "DatabaseReadOnly, status 503"),
    (.paused, "status 540"),
  ])
  func `what only somebody can end stops the run`(
    effect: StorageFault.Effect, code: String
  ) async throws {
    let stopped = try await put(effect, times: 100)
    #expect(stopped.failure?.stopsRun == true && stopped.failure?.isRetryable == false)
    #expect(stopped.failure?.serverCode == code)
    #expect(stopped.waits.isEmpty && stopped.sent == 1)
  }

  @Test func `the server's wait is kept, within limits`() async throws {
    #expect(try await put(.slowDown(retryAfter: "7"), times: 2).waits == [7.5, 7.5])
    #expect(try await put(.slowDown(retryAfter: "86400"), times: 1).waits == [120.5])
    #expect(try await put(.slowDown(retryAfter: "-1"), times: 1).waits == [0.5])
    var dated = ServerResponse(503)
    dated.headers["Date"] = "Wed, 21 Oct 2015 07:28:00 GMT"
    dated.headers["Retry-After"] = "Wed, 21 Oct 2015 07:28:09 GMT"
    #expect(try await put(.answer(dated), times: 1).waits == [9.5])
  }

  @Test func `a request that reads as wrong is tried once more`() async throws {
    let closed = ServerResponse(
      400,
      json: [
        "statusCode": "400", "error": "InvalidRequest", "code": "InvalidRequest",
        "message": "Request stream closed before upload could begin",
      ])
    #expect(try await put(.answer(closed), times: 1).failure == nil)
    let lasting = try await put(.answer(closed), times: 100)
    #expect(lasting.failure?.reason == .refused && lasting.sent == 2)
  }

  @Test func `the words of a message decide nothing`() async throws {
    // A gateway's page says "already exists"; its status says nothing of the kind.
    let page = try await put(.html(400), times: 100)
    #expect(page.failure?.reason == .refused)
    let body = ServerResponse(
      400, json: ["statusCode": "503", "error": "x", "message": "The resource already exists"])
    let old = try await put(.answer(body), times: 1)
    #expect(old.failure == nil && old.waits == [0.5])
  }

  @Test(arguments: ["KeyAlreadyExists", "ResourceAlreadyExists", nil])
  func `a duplicate is known by any code that a server has had`(code: String?) async throws {
    try await TestBucket.with { bucket in
      var body = ["statusCode": "409", "error": "Duplicate", "message": "x"]
      body["code"] = code
      let upload = try bucket.directory.upload("k", noise(10))
      try bucket.server.store(TestBucket.name, "k", noise(10))
      bucket.server.inject(
        StorageFault("POST", "/object/", .answerEarly(ServerResponse(400, json: body))))
      #expect(try await bucket.store().put(upload) == .unchanged)
    }
  }

  @Test func `a refusal that comes before the body is read is understood or found out`()
    async throws
  {
    try await TestBucket.with { bucket in
      try bucket.server.store(TestBucket.name, "k", noise(6 << 20))
      let duplicate = ServerResponse(
        400, json: ["statusCode": "409", "code": "KeyAlreadyExists", "error": "Duplicate"])
      bucket.server.inject(
        StorageFault("POST", "/object/", times: 100, .answerEarly(duplicate)))
      let upload = try bucket.directory.upload("k", noise(6 << 20))
      for _ in 0..<5 { #expect(try await bucket.store().put(upload) == .unchanged) }
    }
  }

  @Test func `a bucket that is gone is told, not taken for a missing object`() async throws {
    try await TestBucket.with { bucket in
      let store = try bucket.store { $0.bucket = "gone" }
      let small = try bucket.directory.upload("k", noise(10))
      let large = try bucket.directory.upload("k", noise((6 << 20) + 1))
      for upload in [small, large] {
        let failure = try await store.failure { store in
          _ = try await store.put(upload)
        }
        #expect(failure?.reason == .bucketMissing)
      }
      let failure = try await store.failure { store in
        _ = try await store.info(small.key)
      }
      #expect(failure?.reason == .bucketMissing)
    }
  }

  @Test func `a server that is not there is told after all tries`() async throws {
    try await TestBucket.with { bucket in
      bucket.server.stop()
      let store = try bucket.store()
      let failure = try await store.failure { store in
        _ = try await store.info(try ObjectKey("k"))
      }
      #expect(failure?.reason == .unreachable && failure?.serverCode == nil)
      #expect(failure?.description == "k: the server cannot be reached, in \(store.place)")
      #expect(bucket.waits.all.count == 7)
    }
  }

  @Test func `waits have a random part, so that those that failed together part`() async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(StorageFault("GET", times: 3, .slowDown()))
      let store = try bucket.store { $0.retry.jitter = { 0.25 } }
      _ = try await store.info(try ObjectKey("k"))
      #expect(bucket.waits.all == [0.125, 0.25, 0.5])
      let jitter = StoreRetry().jitter
      #expect((0..<1000).allSatisfy { _ in (0.5...1).contains(jitter()) })
    }
  }
}
