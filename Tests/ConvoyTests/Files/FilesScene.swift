internal import Crypto
internal import Foundation
internal import StorageServer
internal import TestSupport
internal import Testing

/// A directory `up` of files, a database, and a store between which the built program moves files.
struct FilesScene: Sendable {
  let scene: RunScene
  let server: StorageServer?

  /// Lends a scene with a directory as store.
  static func with(_ body: (FilesScene) async throws -> Void) async throws {
    try await RunScene.with { scene in try await body(FilesScene(scene: scene, server: nil)) }
  }

  /// Lends a scene with a storage server.
  static func withServer(
    _ settings: StorageSettings = StorageSettings(), _ body: (FilesScene) async throws -> Void
  ) async throws {
    try await RunScene.with { scene in
      // Beside the scene's directory, in which everything a run writes is searched for the password.
      try await TemporaryDirectory.with { storage in
        let server = try StorageServer(directory: storage.path, settings: settings)
        defer { server.stop() }
        try await body(FilesScene(scene: scene, server: server))
      }
    }
  }

  var directory: TemporaryDirectory { scene.directory }

  /// Variables that lead to the store.
  var environment: [String: String] {
    guard let server else { return scene.environment }
    return scene.environment.merging([
      "SUPABASE_URL": server.address, "SUPABASE_SERVICE_ROLE_KEY": server.key,
    ]) { $1 }
  }

  /// Runs a pipeline of `up`, with further YAML in its section `files`.
  func run(
    _ yaml: String = "", options: [String] = [],
    whileRunning: (Int32) async throws -> Void = { _ in }
  ) async throws -> RunOutcome {
    let store = server == nil ? "{kind: directory, directory: objects}" : "{bucket: b}"
    try directory.write(
      "pipeline.yaml",
      "name: up\nfiles:\n  roots: [up]\n  link: \"{continuation_id}/**\"\n\(yaml)\nstore: \(store)\n"
    )
    let ended = try await ConvoyProcess.run(
      ["run", "pipeline.yaml", "--target", scene.database.url, "--report", "report"] + options,
      environment: environment, directory: directory.path, whileRunning: whileRunning)
    return RunOutcome(ended, in: directory)
  }

  /// Asks doctor about the pipeline that was run last.
  func doctor() async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      ["doctor", "pipeline.yaml", "--target", scene.database.url], environment: environment,
      directory: directory.path)
  }

  /// Puts sessions into the target.
  func addSessions(_ names: String...) throws {
    for name in names {
      try scene.execute(
        """
        INSERT INTO exai_sessions (id, user_id, title, continuation_id)
        VALUES (md5('\(name)')::uuid, 'u', 't', '\(name)')
        """)
    }
  }

  /// Makes a database of SQLite below the scene's directory; commands of its shell run there.
  func database(_ name: String, _ script: String) async throws {
    try directory.write("make.sql", script)
    let made = try await CheckoutProgram.run(
      "/bin/sh", ["-c", "cd '\(directory.path)' && sqlite3 -batch -bail '\(name)' < make.sql"])
    try #require(made.status == 0, "\(made.output)")
  }

  /// Keys of the objects in the store.
  func keys() throws -> [String] {
    if let server { return server.keys("b") }
    let root = "\(directory.path)/objects"
    guard FileManager.default.fileExists(atPath: root) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: root)
      .filter { path in
        var isDirectory = ObjCBool(false)
        _ = unsafe FileManager.default.fileExists(
          atPath: "\(root)/\(path)", isDirectory: &isDirectory)
        return !isDirectory.boolValue && !path.hasPrefix(".convoy")
      }.sorted()
  }

  /// Bytes of an object.
  func object(_ key: String) throws -> [UInt8] {
    if let server { return try [UInt8](#require(try server.content("b", key))) }
    return try directory.read("objects/\(key)")
  }

  /// Rows, some columns of each, in the order of their paths in the store.
  func rows(_ columns: String) throws -> [[String?]] {
    try scene.rows("SELECT \(columns) FROM files ORDER BY storage_path")
  }

  /// Expects an object for each row and a row for each object, of the size and SHA-256 the row says.
  func expectInStep(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let rows = try rows("storage_path, file_size, file_hash")
    #expect(rows.map { $0[0] ?? "" } == (try keys()), sourceLocation: sourceLocation)
    for row in rows {
      let bytes = try object(row[0] ?? "")
      #expect("\(bytes.count)" == row[1], sourceLocation: sourceLocation)
      #expect(Self.hash(bytes) == row[2], sourceLocation: sourceLocation)
    }
  }

  static func hash(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
  }

  static func hash(_ text: String) -> String { hash(Array(text.utf8)) }
}
