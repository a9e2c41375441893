import Foundation
import ObjectStore
import TestSupport
import Testing

/// Objects that are put together: each has an end of its own.
struct HandfulTests {
  private func memory(_ key: String, _ bytes: Data) throws -> ObjectUpload {
    ObjectUpload(
      key: try ObjectKey(key), content: Array(bytes), digest: ContentDigest(of: Array(bytes)),
      mediaType: "text/plain")
  }

  private func reason(_ outcome: Result<PutOutcome, ObjectStoreError>) -> ObjectStoreError.Reason? {
    if case .failure(let error) = outcome { error.reason } else { nil }
  }

  @Test func `new, known, differing and impossible objects of a handful end as they would alone`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let store = LocalObjectStore(path: "\(directory.path)/objects")
      _ = try await store.prepare()
      try await store.put(try directory.upload("a/known", noise(10)))
      try await store.put(try directory.upload("a/other", noise(10)))
      try await store.put(try directory.upload("a/old", noise(10)))
      let outcomes = await store.put([
        try directory.upload("a/new", noise((3 << 20) + 1)),
        try directory.upload("a/known", noise(10)),
        try memory("b/c/kept", noise(20)),
        try memory("a/other", noise(11)),
        try directory.upload(".convoy/own", noise(1)),
        try directory.upload("a/old", noise(12), replaces: true),
        try memory("b/empty", Data()),
        try memory("a/known/below", noise(1)),
      ])
      let ends = outcomes.map { outcome in
        switch outcome {
        case .success(.stored): "stored"
        case .success(.unchanged): "unchanged"
        case .failure: "failed"
        }
      }
      #expect(
        ends == [
          "stored", "unchanged", "stored", "failed", "failed", "stored", "stored", "failed",
        ])
      let known = ObjectInfo(
        key: "a/other", size: 10, digest: ContentDigest(of: Array(noise(10))),
        mediaType: "image/png")
      #expect(reason(outcomes[3]) == .differs(known))
      #expect(reason(outcomes[4]) == .invalidKey && reason(outcomes[7]) == .invalidKey)
      #expect(try await store.content("a/new") == noise((3 << 20) + 1))
      #expect(try await store.content("b/c/kept") == noise(20))
      #expect(try await store.info(try ObjectKey("b/c/kept"))?.mediaType == "text/plain")
      #expect(try await store.content("a/other") == noise(10))
      #expect(try await store.content("a/old") == noise(12))
      #expect(try await store.info(try ObjectKey("b/empty"))?.size == 0)
      let left = FileManager.default.enumerator(atPath: store.place)?.allObjects as? [String] ?? []
      #expect(left.filter { $0.hasSuffix(".tmp") } == [])
      #expect(left.filter { $0.hasSuffix(".json") }.count == 6)
    }
  }
}
