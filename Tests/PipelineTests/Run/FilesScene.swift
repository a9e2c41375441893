internal import Foundation
internal import ObjectStore
internal import StorageServer
internal import TestSupport

@testable internal import Pipeline

/// A database with rows of `files`, and a bucket of one of both kinds with objects, of one test.
struct FilesScene: Sendable {
  enum StoreKind: String, CaseIterable, Sendable { case directory, server }

  static let bucket = "mcp-files"
  let directory: TemporaryDirectory
  let database: TestDatabase
  let store: any ObjectStore
  let target: TargetChoice
  private let server: StorageServer?

  static func with(
    _ kind: StoreKind, _ body: (FilesScene) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try await TestDatabase.with { database in
        let scene = try FilesScene(directory, database, kind)
        defer { scene.server?.stop() }
        _ = try await scene.store.prepare()
        try await body(scene)
      }
    }
  }

  private init(
    _ directory: TemporaryDirectory, _ database: TestDatabase, _ kind: StoreKind
  ) throws {
    self.directory = directory
    self.database = database
    target = try TargetChoice.resolve(database.url, environment: [:])
    switch kind {
    case .directory:
      server = nil
      store = LocalObjectStore(path: "\(directory.path)/objects")
    case .server:
      let server = try StorageServer(directory: "\(directory.path)/server")
      guard let key = StorageKey(server.key) else { throw TestFailure("the key cannot be sent") }
      self.server = server
      store = try SupabaseStorage(
        SupabaseSettings(address: server.address, bucket: Self.bucket, key: key))
    }
  }

  /// Stores a row that tells of a content.
  func addRow(_ path: String, _ content: String, hash: String? = nil) throws {
    let digest = ContentDigest(of: Array(content.utf8)).description
    _ = try database.query(
      """
      INSERT INTO files (filename, storage_path, file_size, file_hash, mime_type)
      VALUES ('own name.txt', $1, $2::bigint, $3, 'text/plain')
      """, [path, "\(content.utf8.count)", hash ?? digest])
  }

  /// Stores an object.
  func addObject(_ path: String, _ content: String) async throws {
    let file = try directory.write("source/\(UInt64.random(in: 0 ... .max))", content)
    _ = try await store.put(
      ObjectUpload(
        key: ObjectKey(path), path: file, identity: FileIdentity(path: file),
        digest: ContentDigest(of: Array(content.utf8))), resumption: .none)
  }

  /// Changes an object behind the store's back.
  func damage(_ path: String, _ content: String) throws {
    guard let server else {
      try directory.write("objects/\(path)", content)
      return
    }
    try server.damage(Self.bucket, path, Data(content.utf8))
  }

  func verify(percent: Double = 0) async throws -> FilesVerification.Outcome {
    try await FilesVerification(
      store, bucket: Self.bucket, target: target, reading: ReadShare(percent: percent, day: 1),
      progress: Progress(bytesTotal: nil), stop: StopSignal()
    ).run()
  }

  /// What is wrong, a line each.
  func problems(percent: Double = 0) async throws -> [String] {
    try await verify(percent: percent).problems.map { "\($0.path): \($0.kind.rawValue)" }
  }

  /// Repairs, with what is below `source` and `more`; what became of each problem.
  func repair(
    percent: Double = 0, from sources: [String] = ["source"], removing: Bool = true
  ) async throws -> [String] {
    var problems = try await verify(percent: percent).problems
    try await FilesRepair(
      store, bucket: Self.bucket, target: target,
      sources: sources.map { "\(directory.path)/\($0)" }, workers: 2, cache: nil,
      stop: StopSignal()
    ).run(&problems) { _, _ in removing }
    return problems.map { "\($0.path): \($0.repair?.rawValue ?? "nothing")" }
  }
}
