internal import Archive
internal import Foundation
internal import ObjectStore
internal import StorageServer
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// A database, a storage server, and the built program that exports from one to the other.
struct BucketScene: Sendable {
  static let root = "store:convoy-archives/nightly"

  let scene: RunScene
  let server: StorageServer

  /// Lends a scene.
  static func with(_ body: (BucketScene) async throws -> Void) async throws {
    try await RunScene.with { scene in
      try await TemporaryDirectory.with { storage in
        let server = try StorageServer(directory: storage.path)
        defer { server.stop() }
        try await body(BucketScene(scene: scene, server: server))
      }
    }
  }

  /// Writes a pipeline that exports some tables to the bucket.
  func write(_ tables: [String], yaml: String = "") throws {
    try scene.writeExport(tables, yaml: yaml)
    let text = String(decoding: try scene.directory.read("export.yaml"), as: UTF8.self)
    try scene.directory.write(
      "export.yaml", text.replacing("root: archives", with: "root: \(Self.root)"))
  }

  /// Runs the program with address and key of the server, and a place of its own for scratch files.
  func convoy(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> ConvoyProcess.Outcome {
    try FileManager.default.createDirectory(
      atPath: scratch, withIntermediateDirectories: true)
    let variables = [
      "SUPABASE_URL": server.address, "SUPABASE_SERVICE_ROLE_KEY": server.key, "TMPDIR": scratch,
    ].merging(environment) { $1 }
    return try await ConvoyProcess.run(
      arguments, environment: scene.environment.merging(variables) { $1 },
      directory: scene.directory.path)
  }

  /// Where scratch files of the program are.
  var scratch: String { "\(scene.directory.path)/scratch" }

  func export(_ options: String...) async throws -> ConvoyProcess.Outcome {
    try await convoy(["run", "export.yaml", "--target", scene.database.url] + options)
  }

  /// Exports, expects that to work, and opens the new archive.
  func exported(
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ArchiveDirectory {
    let before = try await names()
    let ended = try await export()
    #expect(ended.status == 0, "\(ended.errors)\(ended.output)", sourceLocation: sourceLocation)
    let added = try await names().filter { !before.contains($0) }
    try #require(added.count == 1, sourceLocation: sourceLocation)
    return try await bucket().open(added[0])
  }

  /// Names of the archives, the oldest first.
  func names() async throws -> [String] {
    let nights = try await bucket().nights()
    return nights.filter { $0.value[ArchiveManifest.fileName] != nil }.keys.sorted()
  }

  func store() throws -> any ObjectStore {
    guard let key = StorageKey(server.key) else { throw TestFailure("the key cannot be sent") }
    return try SupabaseStorage(
      SupabaseSettings(address: server.address, bucket: "convoy-archives", key: key))
  }

  func bucket() throws -> ArchiveBucket {
    guard let root = try BucketRoot(Self.root) else { throw TestFailure("no bucket") }
    return ArchiveBucket(root, try store(), uploads: 2)
  }

  /// Keys in the bucket, below the root.
  func keys() -> Set<String> {
    Set(server.keys("convoy-archives").map { String($0.dropFirst("nightly/".count)) })
  }

  /// Copies everything in the bucket to a directory.
  func mirror(to directory: String) throws {
    for key in server.keys("convoy-archives") {
      let bytes = try #require(try server.content("convoy-archives", key))
      try scene.directory.write("\(directory)/\(key)", [UInt8](bytes))
    }
  }
}
