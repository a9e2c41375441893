import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

struct AccessTests {
  private static let secret = "sb_secret_kq7Vx2mWz9_4f6a"

  @Test func `a token goes in both headers, a secret key in apikey alone`() async throws {
    try await TestBucket.with { bucket in
      let sent = bucket.server.served.map(\.request.headers)
      #expect(sent.allSatisfy { $0["apikey"] == bucket.server.key })
      #expect(sent.allSatisfy { $0["authorization"] == "Bearer \(bucket.server.key)" })
    }
    try await TestBucket.with({ $0.key = Self.secret }) { bucket in
      let sent = bucket.server.served.map(\.request.headers)
      #expect(sent.allSatisfy { $0["apikey"] == Self.secret && $0["authorization"] == nil })
    }
  }

  @Test func `a secret key in both headers is refused, and so are both without a gateway`()
    async throws
  {
    try await TestBucket.with(made: false, { $0.key = Self.secret }) { bucket in
      let store = try bucket.store { $0.keyHeaders = .both }
      let failure = try await store.failure { store in
        _ = try await store.prepare()
      }
      #expect(failure?.reason == .accessDenied)
      #expect(failure?.serverCode == "AccessDenied, status 403")
    }
    try await TestBucket.with(made: false, { $0.hasGateway = false }) { bucket in
      #expect(try await bucket.store().prepare().isNew)
      let store = try bucket.store { $0.keyHeaders = .apikeyOnly }
      let failure = try await store.failure { store in
        _ = try await store.prepare()
      }
      // The server's own schema refuses what no gateway has filled in.
      #expect(failure?.reason == .refused)
    }
  }

  @Test func `a wrong key is told once, on every kind of request, and never shown`() async throws {
    try await TestBucket.with { bucket in
      let wrong = "eyJ.kq7Vx2mWz9.wrong"
      let store = try bucket.store { settings in
        if let key = StorageKey(wrong) { settings.key = key }
      }
      let small = try bucket.directory.upload("k", noise(10))
      let large = try bucket.directory.upload("k", noise((6 << 20) + 1))
      let calls: [(SupabaseStorage) async throws -> Void] = [
        { store in _ = try await store.prepare() },
        { store in _ = try await store.put(small) },
        { store in _ = try await store.put(large) },
        { store in _ = try await store.info(small.key) },
        { store in _ = try await store.list(prefix: "", after: nil) },
        { store in _ = try await store.remove([small.key]) },
        { store in
          _ = try await store.read(small.key, expecting: nil) { _ in }
        },
      ]
      for call in calls {
        let failure = try #require(try await store.failure(call))
        #expect(failure.reason == .accessDenied)
        for text in ["\(failure)", String(reflecting: failure)] {
          #expect(!text.contains("kq7Vx2mWz9"))
        }
      }
      #expect(bucket.waits.all.isEmpty)
      var dumped = ""
      dump(store, to: &dumped)
      dump(StorageKey(wrong), to: &dumped)
      dumped += "\(store) \(String(reflecting: store.place))"
      #expect(!dumped.contains("kq7Vx2mWz9"))
    }
  }

  @Test(arguments: ["", "a b", "a\nb", "schlüssel", "a\u{0}"])
  func `a key no header can carry is none`(text: String) {
    #expect(StorageKey(text) == nil)
  }

  @Test func `a redirect is not followed with the key in hand`() async throws {
    try await TestBucket.with { foreign in
      try await TestBucket.with { bucket in
        let before = foreign.server.served.count
        bucket.server.inject(
          StorageFault(
            "GET", times: 2,
            .answer(
              ServerResponse(
                307, headers: ["Location": "\(foreign.server.address)/storage/v1/object/info/b/k"]))
          ))
        let store = try bucket.store()
        let failure = try await store.failure { store in
          _ = try await store.info(try ObjectKey("k"))
        }
        #expect(failure?.reason == .unexpectedAnswer)
        #expect(foreign.server.served.count == before)
      }
    }
  }

  @Test func `an answer that asks for a password is an answer`() async throws {
    try await TestBucket.with { bucket in
      bucket.server.inject(
        StorageFault(
          "GET", "/",
          .answer(ServerResponse(401, headers: ["WWW-Authenticate": "Basic realm=\"x\""]))))
      let failure = try await bucket.store().failure { store in
        _ = try await store.info(try ObjectKey("k"))
      }
      #expect(failure?.reason == .accessDenied)
    }
  }
}
