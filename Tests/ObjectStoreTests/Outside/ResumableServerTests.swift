import Foundation
import StorageServer
import Synchronization
import TestSupport
import Testing

@testable import ObjectStore

/// Resumable uploads to a server of the protocol that was written by others and knows nothing of Storage.
struct ResumableServerTests {
  private static let chunk = 6 << 20

  /// Runs tuspyserver until its input ends.
  private func withServer(
    _ body: (_ address: String, TemporaryDirectory) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try StoragePeer.python())
      process.arguments = ["\(StoragePeer.directory)/tus_server.py", directory.path]
      let input = Pipe()
      let output = Pipe()
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      defer {
        // Its end is what the server waits for.
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
      }
      var line = Data()
      while line.last != UInt8(ascii: "\n") {
        let piece = output.fileHandleForReading.availableData
        guard !piece.isEmpty else { throw TestFailure("tuspyserver did not start") }
        line.append(piece)
      }
      let port = String(decoding: line.dropLast(), as: UTF8.self)
      try await body("http://127.0.0.1:\(port)", directory)
    }
  }

  private func transfer(_ upload: ObjectUpload, to address: String, _ kept: Kept) throws
    -> ResumableUpload
  {
    guard let key = StorageKey("eyJ.key") else { throw TestFailure("the key cannot be sent") }
    var settings = SupabaseSettings(address: address, bucket: "b", key: key)
    settings.retry.firstSeconds = 0.05
    return ResumableUpload(
      client: try StorageClient(settings), upload: upload, file: try SourceFile(upload),
      keep: kept.resumption().keep)
  }

  @Test func `a file arrives whole, and one that broke off is finished by another run`()
    async throws
  {
    try await withServer { address, directory in
      let bytes = noise(2 * Self.chunk + 12_345)
      let upload = try directory.upload("s/whole", bytes)
      let kept = Kept()
      #expect(try await transfer(upload, to: address, kept).run(from: nil) == .sent(inOneGo: true))
      #expect(kept.all.compactMap { $0?.offset } == [0, Self.chunk, 2 * Self.chunk, bytes.count])
      #expect(try directory.read("whole.done") == Array(bytes))

      let broken = try directory.upload("s/broken", bytes)
      let first = Kept()
      let task = Task {
        let transfer = try transfer(broken, to: address, first)
        return try await transfer.run(from: nil)
      }
      while first.all.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
      task.cancel()
      // Through or not, its state is what a killed run leaves.
      _ = await task.result
      let state = try #require(first.all.compactMap { $0 }.first { $0.offset == Self.chunk })
      let second = Kept()
      #expect(
        try await transfer(broken, to: address, second).run(from: state) == .sent(inOneGo: false))
      #expect(try directory.read("broken.done") == Array(bytes))
    }
  }

  @Test func `an upload the server does not know is told apart`() async throws {
    try await withServer { address, directory in
      let upload = try directory.upload("s/k", noise(Self.chunk + 1))
      let transfer = try transfer(upload, to: address, Kept())
      let state = UploadState(
        url: "\(address)/storage/v1/upload/resumable/0123456789abcdef0123456789abcdef", offset: 5,
        of: upload, place: transfer.client.address.place)
      #expect(try await transfer.run(from: state) == .forgotten)
    }
  }
}
