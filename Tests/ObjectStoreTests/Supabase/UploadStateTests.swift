import Foundation
import ObjectStore
import StorageServer
import TestSupport
import Testing

/// Going on in a later run.
struct UploadStateTests {
  private static let chunk = 6 << 20
  private static let size = 2 * chunk + 12_345

  /// A run that breaks off for good after its first chunk.
  private func breakOff(_ upload: ObjectUpload, _ bucket: TestBucket) async throws -> UploadState {
    let kept = Kept()
    bucket.server.inject(StorageFault("PATCH", after: 1, times: 8, .html(503)))
    let failure = try await bucket.store().failure { store in
      _ = try await store.put(upload, resumption: kept.resumption())
    }
    #expect(failure?.reason == .busy && failure?.isRetryable == true)
    #expect(bucket.waits.all == [0.5, 1, 2, 4, 8, 16, 30])
    let state = try #require(kept.last)
    #expect(kept.all.compactMap { $0?.offset } == [0, Self.chunk])
    let written = try JSONEncoder().encode(state)
    #expect(!String(decoding: written, as: UTF8.self).contains(bucket.server.key))
    return try JSONDecoder().decode(UploadState.self, from: written)
  }

  @Test func `a later run sends only what the server does not have`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let state = try await breakOff(upload, bucket)
      let before = bucket.requests("PATCH").count
      let kept = Kept()
      let outcome = try await bucket.store().put(upload, resumption: kept.resumption(from: state))
      #expect(outcome == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      #expect(bucket.requests("PATCH")[before...].map(\.bodyBytes) == [Self.chunk, 12_345])
      #expect(bucket.requests("POST", "/upload/resumable").count == 1)
      #expect(kept.all.count == 3 && kept.last == nil)
    }
  }

  @Test func `a server that was restarted goes on as well`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let kept = Kept()
      bucket.server.inject(StorageFault("PATCH", after: 1, times: 8, .html(503)))
      _ = try await bucket.store().failure { store in
        _ = try await store.put(upload, resumption: kept.resumption())
      }
      bucket.server.stop()
      let next = TestBucket(
        server: try StorageServer(directory: "\(bucket.directory.path)/server"),
        directory: bucket.directory)
      defer { next.server.stop() }
      // At another address it is another server: its upload is not taken for this one's.
      let state = try #require(kept.last)
      #expect(
        try await next.store().put(upload, resumption: kept.resumption(from: state)) == .stored)
      #expect(next.requests("POST", "/upload/resumable").count == 1)
      #expect(try next.content("k") == noise(Self.size))
      #expect(next.server.unfinishedUploads == 1)
    }
  }

  @Test func `a state of another key, content or kind is left alone`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let state = try await breakOff(upload, bucket)
      let others = [
        try bucket.directory.upload("other", noise(Self.size)),
        try bucket.directory.upload("k2", noise(Self.size, seed: 2)),
        try bucket.directory.upload("k", noise(Self.size), replaces: true),
      ]
      for other in others {
        let heads = bucket.requests("HEAD").count
        let outcome = try await bucket.store().put(
          other, resumption: Kept().resumption(from: state))
        #expect(outcome == .stored)
        #expect(bucket.requests("HEAD").count == heads)
      }
    }
  }

  @Test func `an upload that is gone meanwhile starts over`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size))
      let state = try await breakOff(upload, bucket)
      bucket.server.inject(StorageFault("HEAD", "/", .expireUpload))
      let outcome = try await bucket.store().put(
        upload, resumption: Kept().resumption(from: state))
      #expect(outcome == .stored)
      #expect(try bucket.content("k") == noise(Self.size))
      #expect(bucket.requests("POST", "/upload/resumable").count == 2)
    }
  }

  @Test func `an upload that ended unseen is found by its object`() async throws {
    try await TestBucket.with { bucket in
      let upload = try bucket.directory.upload("k", noise(Self.size), replaces: true)
      let state = try await breakOff(upload, bucket)
      let store = try bucket.store()
      try await store.put(upload, resumption: Kept().resumption(from: state))
      let before = bucket.requests("PATCH").count
      #expect(try await store.put(upload, resumption: Kept().resumption(from: state)) == .stored)
      #expect(bucket.requests("PATCH").count == before)
    }
  }

  @Test(arguments: [false, true])
  func `a file that changed between two runs is not finished`(isSummed: Bool) async throws {
    try await TestBucket.with { bucket in
      let bytes = noise(Self.size)
      let upload = try bucket.directory.upload("k", bytes, isSummed: isSummed)
      let state = try await breakOff(upload, bucket)
      // As long as before and with the same times: only digest or sum can tell.
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: upload.path))
      try file.write(contentsOf: Data([bytes[0] ^ 1]))
      try file.close()
      let time = timespec(
        tv_sec: Int(upload.identity.modificationTimeNanoseconds / 1_000_000_000),
        tv_nsec: Int(upload.identity.modificationTimeNanoseconds % 1_000_000_000))
      var times = (time, time)
      let isSet = unsafe withUnsafePointer(to: &times) { pointer in
        unsafe pointer.withMemoryRebound(to: timespec.self, capacity: 2) {
          unsafe utimensat(AT_FDCWD, upload.path, $0, 0) == 0
        }
      }
      #expect(isSet)
      let failure = try await bucket.store().failure { store in
        _ = try await store.put(upload, resumption: Kept().resumption(from: state))
      }
      #expect(failure?.reason == .sourceChanged)
      #expect(try bucket.content("k") == nil)
    }
  }
}
