internal import Foundation
internal import ObjectStore
internal import StorageServer
internal import TestSupport

/// Rows and objects of one test, and `convoy files` beside them.
struct StoredFilesScene: Sendable {
  let scene: RunScene
  /// Nil where the store is the directory `objects`.
  let server: StorageServer?

  /// Lends a scene with a directory of objects, or with a server.
  static func with(
    server isServer: Bool = false, _ body: (StoredFilesScene) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      let server =
        isServer ? try StorageServer(directory: "\(scene.directory.path)/server") : nil
      defer { server?.stop() }
      let stored = StoredFilesScene(scene: scene, server: server)
      _ = try await stored.store().prepare()
      try await body(stored)
    }
  }

  func store() throws -> any ObjectStore {
    guard let server else { return LocalObjectStore(path: "\(scene.directory.path)/objects") }
    guard let key = StorageKey(server.key) else { throw TestFailure("the key cannot be sent") }
    return try SupabaseStorage(
      SupabaseSettings(address: server.address, bucket: "mcp-files", key: key))
  }

  /// Stores an object and the row that tells of it.
  func add(_ path: String, _ content: String, row: Bool = true, object: Bool = true) async throws {
    let bytes = Array(content.utf8)
    let digest = ContentDigest(of: bytes)
    if object {
      let file = try scene.directory.write("source/\(path)", bytes)
      _ = try await store().put(
        ObjectUpload(
          key: ObjectKey(path), path: file, identity: FileIdentity(path: file), digest: digest),
        resumption: .none)
    }
    guard row else { return }
    _ = try scene.database.query(
      "INSERT INTO files (filename, storage_path, file_size, file_hash) VALUES ($1, $2, $3::bigint, $4)",
      [path.split(separator: "/").last.map(String.init), path, "\(bytes.count)", "\(digest)"])
  }

  /// Runs `convoy files` on rows and objects of the scene.
  func files(_ arguments: [String], input: String = "") async throws -> ConvoyProcess.Outcome {
    let store = server?.address ?? "objects"
    return try await ConvoyProcess.run(
      ["files"] + arguments + ["--target", scene.database.url, "--store", store],
      environment: scene.environment.merging(
        ["SUPABASE_SERVICE_ROLE_KEY": server?.key ?? ""]) { _, own in own },
      input: input, directory: scene.directory.path)
  }
}
