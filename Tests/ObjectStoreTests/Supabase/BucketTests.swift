import Foundation
import FoundationNetworking
import ObjectStore
import StorageServer
import TestSupport
import Testing

struct BucketTests {
  @Test func `a missing bucket is made private with its limit as a number of bytes`() async throws {
    try await TestBucket.with(made: false) { bucket in
      let store = try bucket.store()
      #expect(try await store.prepare() == StoreFacts(sizeLimitBytes: 52_428_800, isNew: true))
      #expect(try await store.prepare() == StoreFacts(sizeLimitBytes: 52_428_800, isNew: false))
      #expect(bucket.requests("POST", "/bucket").count == 1)
    }
  }

  @Test func `a missing bucket that is not to be made is told`() async throws {
    try await TestBucket.with(made: false) { bucket in
      let store = try bucket.store { $0.makesBucket = false }
      let failure = try await store.failure { store in
        _ = try await store.prepare()
      }
      #expect(failure?.reason == .bucketMissing)
      #expect(bucket.requests("POST").isEmpty)
    }
  }

  @Test func `a public bucket is refused unless it is allowed`() async throws {
    try await TestBucket.with(made: false) { bucket in
      try await bucket.send("POST", "/bucket", ["name": TestBucket.name, "public": true])
      let store = try bucket.store()
      let failure = try await store.failure { store in
        _ = try await store.prepare()
      }
      #expect(failure?.reason == .bucketIsPublic)
      let allowing = try bucket.store { $0.allowsPublicBucket = true }
      #expect(try await allowing.prepare() == StoreFacts(sizeLimitBytes: nil, isNew: false))
    }
  }

  @Test func `the limit is the bucket's own, which as text is decimal`() async throws {
    try await TestBucket.with(made: false) { bucket in
      try await bucket.send(
        "POST", "/bucket", ["name": TestBucket.name, "file_size_limit": "50MB"])
      #expect(try await bucket.store().prepare().sizeLimitBytes == 50_000_000)
    }
  }

  @Test func `a bucket limit above the project's is told`() async throws {
    try await TestBucket.with(made: false, { $0.projectLimitBytes = 1 << 20 }) { bucket in
      let failure = try await bucket.store().failure { store in
        _ = try await store.prepare()
      }
      #expect(failure?.reason == .tooLarge(limitBytes: nil))
      #expect(failure?.serverCode == "EntityTooLarge, status 413")
    }
  }

  @Test func `a bucket somebody else makes at the same time is taken`() async throws {
    try await TestBucket.with(made: false) { bucket in
      bucket.server.inject(StorageFault("POST", "/bucket", .dropResponse(afterBytes: 0)))
      let facts = try await bucket.store().prepare()
      #expect(facts.isNew == false)
      #expect(bucket.answered("POST", "/bucket").map(\.status) == [200, 400])
    }
  }

  @Test func `a media type the bucket does not take is told`() async throws {
    try await TestBucket.with(made: false) { bucket in
      try await bucket.send(
        "POST", "/bucket", ["name": TestBucket.name, "allowed_mime_types": ["text/*"]])
      let store = try bucket.store()
      let upload = try bucket.directory.upload("k", noise(3))
      let failure = try await store.failure { store in
        _ = try await store.put(upload)
      }
      #expect(failure?.reason == .mediaTypeRefused)
      try await store.put(try bucket.directory.upload("k", noise(3), mediaType: "text/plain"))
    }
  }

  @Test(arguments: ["", " a", "a ", "a/b", "ä", "..", String(repeating: "a", count: 101)])
  func `a bucket's name that no server takes is refused`(name: String) async throws {
    try await TestBucket.with(made: false) { bucket in
      #expect {
        try bucket.store { $0.bucket = name }
      } throws: {
        ($0 as? ObjectStoreError)?.reason == .invalidAddress
      }
    }
  }

  @Test(arguments: [
    "", "example.com", "ftp://example.com", "https://", "https://u:p@example.com",
    "https://example.com?x=1", "https://example.com#x", "file:///tmp",
  ])
  func `an address that is none of a server is refused and not shown`(address: String) async throws
  {
    try await TestBucket.with(made: false) { bucket in
      let settings = try bucket.settings(address)
      do throws(ObjectStoreError) {
        _ = try SupabaseStorage(settings)
        Issue.record("taken")
      } catch {
        #expect(error.reason == .invalidAddress)
        #expect(
          error.description
            == "neither a bucket's name nor a server's address, in the given address")
      }
    }
  }

  @Test func `http to another machine is refused unless it is allowed`() async throws {
    try await TestBucket.with(made: false) { bucket in
      for address in ["http://example.com", "http://127.0.0.1.example.com", "http://10.0.0.1:8000"]
      {
        #expect {
          try SupabaseStorage(bucket.settings(address))
        } throws: {
          ($0 as? ObjectStoreError)?.reason == .insecureAddress
        }
        var settings = try bucket.settings(address)
        settings.allowsInsecureAddress = true
        #expect(try SupabaseStorage(settings).place.hasPrefix(address))
      }
      for address in ["http://localhost:1", "http://127.1.2.3", "http://[::1]:5", "https://a.b"] {
        #expect(
          try SupabaseStorage(bucket.settings(address)).place
            == "\(address)/storage/v1/bucket/mcp-files")
      }
      #expect(
        try SupabaseStorage(bucket.settings("https://a.b/storage/v1/")).place
          == "https://a.b/storage/v1/bucket/mcp-files")
    }
  }
}

extension TestBucket {
  func settings(_ address: String) throws -> SupabaseSettings {
    guard let key = StorageKey(server.key) else { throw TestFailure("the key cannot be sent") }
    return SupabaseSettings(address: address, bucket: Self.name, key: key)
  }

  /// Sends the server JSON past the client.
  func send(_ method: String, _ route: String, _ json: [String: any Sendable]) async throws {
    guard let url = URL(string: "\(server.address)/storage/v1\(route)") else { return }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.httpBody = try JSONSerialization.data(withJSONObject: json)
    request.setValue("Bearer \(server.key)", forHTTPHeaderField: "Authorization")
    let (_, response) = try await URLSession.shared.data(for: request)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else {
      throw TestFailure("\(method) \(route): \(response)")
    }
  }
}
