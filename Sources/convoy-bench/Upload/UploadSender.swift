internal import ArgumentParser
internal import Foundation
internal import ObjectStore
internal import StorageServer

/// convoy's side of a comparison: uploads what a list names, 4 at a time, as a run does.
struct UploadSender: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sender", shouldDisplay: false)
  static let uploadsAtATime = 4

  @Argument(help: "Address of the server.")
  var address: String

  @Argument(help: "Lines of key, digest, sum and path, with tabs between.")
  var list: String

  func run() async throws {
    guard let key = StorageKey(StorageSettings().key) else { return }
    let store = try SupabaseStorage(
      SupabaseSettings(address: address, bucket: "mcp-files", key: key))
    _ = try await store.prepare()
    var uploads = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
      .compactMap { line -> ObjectUpload? in
        let fields = line.split(separator: "\t").map(String.init)
        guard fields.count == 4, let digest = ContentDigest(hex: fields[1]) else { return nil }
        return ObjectUpload(
          key: try ObjectKey(fields[0]), path: fields[3],
          identity: try FileIdentity(path: fields[3]), digest: digest, sum: UInt64(fields[2]))
      }[...]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Self.uploadsAtATime {
        guard let upload = uploads.popFirst() else { break }
        group.addTask { _ = try await store.put(upload) }
      }
      while try await group.next() != nil {
        guard let upload = uploads.popFirst() else { continue }
        group.addTask { _ = try await store.put(upload) }
      }
    }
  }
}
