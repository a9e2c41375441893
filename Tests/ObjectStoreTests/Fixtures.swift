import Foundation
import ObjectStore
import Synchronization
import TestSupport

/// Bytes that compress badly and repeat nowhere, the same for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> Data {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  var words = [UInt64](repeating: 0, count: (count + 7) / 8)
  for index in words.indices {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    words[index] = state
  }
  return unsafe words.withUnsafeBytes { unsafe Data($0.prefix(count)) }
}

extension TemporaryDirectory {
  /// Writes a file and says what to store of it.
  func upload(
    _ key: String, _ bytes: Data, mediaType: String = "image/png", replaces: Bool = false,
    isSummed: Bool = false
  ) throws -> ObjectUpload {
    let name = "source-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    let path = try write(name, Array(bytes))
    var sum = ContentSum()
    sum.update(bytes.span)
    return ObjectUpload(
      key: try ObjectKey(key), path: path, identity: try FileIdentity(path: path),
      digest: ContentDigest(of: Array(bytes)), sum: isSummed ? sum.value : nil,
      mediaType: mediaType, replaces: replaces)
  }
}

extension ObjectStore {
  /// All of an object, verified.
  func content(_ key: String, expecting digest: ContentDigest? = nil) async throws -> Data {
    var bytes = Data()
    _ = try await read(try ObjectKey(key), expecting: digest) { piece in
      unsafe piece.withUnsafeBufferPointer { unsafe bytes.append($0) }
    }
    return bytes
  }

  /// What a call failed with; nil if it did not.
  func failure(_ call: (Self) async throws -> Void) async throws -> ObjectStoreError? {
    do {
      try await call(self)
      return nil
    } catch let error as ObjectStoreError {
      return error
    }
  }
}

/// What was waited for instead of waiting.
final class Waits: Sendable {
  private let seconds = Mutex<[Double]>([])
  var all: [Double] { seconds.withLock { $0 } }
  func add(_ value: Double) { seconds.withLock { $0.append(value) } }
}

/// States of uploads, as a caller keeps them.
final class Kept: Sendable {
  private let states = Mutex<[UploadState?]>([])
  var all: [UploadState?] { states.withLock { $0 } }
  /// The one a later run would be given.
  var last: UploadState? { all.last ?? nil }
  func resumption(from state: UploadState? = nil) -> UploadResumption {
    UploadResumption(state) { state in self.states.withLock { $0.append(state) } }
  }
}
