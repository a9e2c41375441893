import Foundation
import ObjectStore
import StorageServer
import TestSupport

/// A storage server of one test, with a bucket in it.
struct TestBucket: Sendable {
  static let name = "mcp-files"
  let server: StorageServer
  let directory: TemporaryDirectory
  let waits = Waits()

  static func with(
    made: Bool = true, _ change: (inout StorageSettings) -> Void = { _ in },
    _ body: (TestBucket) async throws -> Void
  ) async throws {
    var settings = StorageSettings()
    change(&settings)
    try await TemporaryDirectory.with { directory in
      let server = try StorageServer(directory: "\(directory.path)/server", settings: settings)
      defer { server.stop() }
      let bucket = TestBucket(server: server, directory: directory)
      if made { _ = try await bucket.store().prepare() }
      try await body(bucket)
    }
  }

  /// A client that waits for nothing and has all of each wait's random part.
  func store(_ change: (inout SupabaseSettings) -> Void = { _ in }) throws -> SupabaseStorage {
    guard let key = StorageKey(server.key) else { throw TestFailure("the key cannot be sent") }
    var settings = SupabaseSettings(address: server.address, bucket: Self.name, key: key)
    settings.silenceSeconds = 20
    settings.retry.jitter = { 1 }
    settings.retry.sleep = { [waits] in waits.add($0) }
    change(&settings)
    return try SupabaseStorage(settings)
  }

  /// What the server was sent to a route and answered.
  ///
  /// The HTTP library repeats by itself what it sent over a kept connection that turns out to be closed,
  /// so how often a request was broken off is not the client's to say.
  func answered(_ method: String, _ path: String = "/") -> [StorageServer.Served] {
    requests(method, path).filter { $0.status != 0 }
  }

  /// What the server was sent to a route.
  func requests(_ method: String, _ path: String = "/") -> [StorageServer.Served] {
    server.served.filter { $0.request.method == method && $0.request.path.hasPrefix(path) }
  }

  func content(_ key: String) throws -> Data? {
    try server.content(Self.name, key)
  }
}
