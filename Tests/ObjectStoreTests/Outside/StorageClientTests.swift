import Foundation
import StorageServer
import Subprocess
import TestSupport
import Testing

/// Whether the server these tests run against is like Storage, in the eyes of Storage's own client.
struct StorageClientTests {
  @Test func `the official Python client finds the server as it expects`() async throws {
    try await TemporaryDirectory.with { directory in
      let server = try StorageServer(directory: directory.path)
      defer { server.stop() }
      let result = try await Subprocess.run(
        .name("env"),
        arguments: [
          try StoragePeer.python(), "\(StoragePeer.directory)/storage3_check.py", server.address,
          server.key,
        ],
        output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
      #expect(result.standardError == "")
      #expect(result.standardOutput == "as the client expects\n")
      #expect(result.terminationStatus.isSuccess)
    }
  }
}
