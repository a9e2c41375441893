internal import ObjectStore
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct ObjectIndexTests {
  private static func put(_ key: String, _ bytes: [UInt8], _ store: LocalObjectStore) async throws {
    let upload = ObjectUpload(
      key: try ObjectKey(key), content: bytes, digest: ContentDigest(of: bytes),
      mediaType: "text/plain")
    _ = try await store.put(upload)
  }

  @Test func `an object is known by key and size, from the listing and from this run`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let store = LocalObjectStore(path: "\(directory.path)/objects")
      _ = try await store.prepare()
      for number in 0..<1100 { try await Self.put("s/\(number)", [1, 2, 3], store) }
      let index = ObjectIndex(store, isThere: true)
      try await index.read(StopSignal())
      #expect((0..<1100).allSatisfy { index.has("s/\($0)", size: 3) })
      #expect(!index.has("s/1100", size: 3) && !index.has("s/7", size: 2))
      try await Self.put("s/late", [1], store)
      try await index.read(StopSignal())
      #expect(!index.has("s/late", size: 1))
      index.add("s/late", size: 1)
      #expect(index.has("s/late", size: 1))
    }
  }

  @Test func `a store that would have to be made has no objects`() async throws {
    let index = ObjectIndex(LocalObjectStore(path: "/nowhere"), isThere: false)
    try await index.read(StopSignal())
    #expect(!index.has("a", size: 0))
  }
}
