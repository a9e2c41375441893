internal import Archive
internal import ObjectStore
internal import Postgres

/// Copies the objects that rows of `files` name into the root of archives, each content once.
struct ObjectExport: Sendable {
  let store: StorePlan
  let vault: ObjectVault
  let stop: StopSignal
  let warn: @Sendable (String) -> Void

  /// Objects that could not be copied and are told one by one, at most.
  private static let told = 20

  /// What came of the rows.
  struct Outcome: Sendable {
    var objects: [ArchivedObject] = []
    var missing = 0
    var copied = 0
    var copiedBytes = 0
  }

  /// One row of the table.
  private struct Row: Sendable {
    let bucket: String
    let path: String
    let digest: ArchiveDigest?
    let bytes: Int?
    let mediaType: String?
  }

  /// Copies what is not there yet.
  ///
  /// - Parameter connection: sees the snapshot.
  /// - Returns: the objects, in the order of their keys. An object the store does not have as its row says is
  ///   counted and told, and keeps nothing else from being exported.
  /// - Throws: ``RunError`` when the store cannot be used or the root not be written; `PostgresError`.
  func run(_ connection: borrowing PostgresConnection) async throws -> Outcome {
    let rows = try connection.query(
      """
      SELECT bucket_name, storage_path, file_hash, file_size, mime_type FROM public.files
      ORDER BY bucket_name COLLATE "C", storage_path COLLATE "C"
      """
    ).rows.map { row in
      Row(
        bucket: row.text(0), path: row.text(1),
        digest: row[2].flatMap { ArchiveDigest(hex: $0) },
        bytes: row[3].flatMap { Int($0) },
        mediaType: row[4])
    }
    let objects = try await store.open()
    let queue = JobQueue(Array(rows.indices))
    let found = Guarded([ArchivedObject?](repeating: nil, count: rows.count))
    let outcome = Guarded(Outcome())
    try await withThrowingTaskGroup { group in
      for _ in 0..<min(store.uploads, max(1, rows.count)) {
        group.addTask {
          while let index = queue.next() {
            guard !Task.isCancelled else { return }
            try stop.check()
            if let object = try await copy(rows[index], from: objects, outcome) {
              found.update { $0[index] = object }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    var result = outcome.current
    result.objects = found.current.compactMap(\.self)
    if result.missing > Self.told {
      warn("\(result.missing) objects in all are not in the archive")
    }
    return result
  }

  private func copy(
    _ row: Row, from objects: any ObjectStore, _ outcome: Guarded<Outcome>
  ) async throws -> ArchivedObject? {
    func miss(_ reason: String) {
      let number = outcome.update { outcome in
        outcome.missing += 1
        return outcome.missing
      }
      if number <= Self.told { warn("object \(row.bucket)/\(row.path): \(reason)") }
    }
    guard row.bucket == store.bucket else {
      miss("is in another bucket than store.bucket, \(store.bucket)")
      return nil
    }
    if let digest = row.digest, let bytes = row.bytes,
      try RunError.onFiles({ () throws(FileError) in try vault.has(digest, bytes: bytes) })
    {
      return ArchivedObject(
        bucket: row.bucket, path: row.path, sha256: digest, bytes: bytes, mediaType: row.mediaType)
    }
    let stored: StoredForm
    do {
      stored = try await fetch(row, from: objects)
    } catch let error as ObjectStoreError {
      switch error.reason {
      case .objectMissing, .damaged, .invalidKey:
        miss("\(error)")
        return nil
      default: throw RunError(store: error)
      }
    } catch let error as FileError {
      throw RunError(.fileAccess, error.description)
    }
    outcome.update { outcome in
      outcome.copied += 1
      outcome.copiedBytes += stored.bytes
    }
    return ArchivedObject(
      bucket: row.bucket, path: row.path, sha256: stored.sha256, bytes: stored.bytes,
      mediaType: row.mediaType)
  }

  /// Reads an object into the vault; one whose row has no digest is read first to learn it.
  ///
  /// - Throws: `ObjectStoreError`, `FileError`.
  private func fetch(_ row: Row, from objects: any ObjectStore) async throws -> StoredForm {
    let key = try ObjectKey(row.path)
    guard let digest = row.digest else {
      var hash = ContentHash()
      _ = try await objects.read(key, expecting: nil) { hash.update($0) }
      let found = Row(
        bucket: row.bucket, path: row.path, digest: hash.digest, bytes: nil, mediaType: nil)
      return try await fetch(found, from: objects)
    }
    try vault.makeRoom(for: digest)
    var file = try OutputFile(path: vault.path(of: digest), permissions: 0o600)
    var failure: FileError?
    let info = try await objects.read(key, expecting: StoreDigest(hex: digest.hex)) { bytes in
      // The store would not know what to do with such an error.
      guard failure == nil else { return }
      do throws(FileError) { try file.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    try file.finish()
    return StoredForm(bytes: info.size, sha256: digest)
  }
}
