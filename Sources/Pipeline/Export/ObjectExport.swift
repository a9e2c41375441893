internal import Archive
internal import ObjectStore
internal import Postgres

/// Copies the objects that rows of `files` name into the root of archives, each content once; of a root in a bucket,
/// into the directory they are sent from.
struct ObjectExport: Sendable {
  let store: StorePlan
  let intake: VaultIntake
  /// Of an archive for a bucket, what its objects are called there.
  let night: BucketNight?
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

    /// What the row says the object holds; nil where it does not say.
    var content: StoredForm? {
      guard let digest, let bytes else { return nil }
      return StoredForm(bytes: bytes, sha256: digest)
    }

    func object(_ entry: VaultIntake.Entry, of night: BucketNight?) -> ArchivedObject {
      ArchivedObject(
        bucket: bucket, path: path, content: entry.content, mediaType: mediaType,
        encrypted: entry.encrypted,
        reference: night?.reference(to: entry.encrypted ?? entry.content))
    }

    func object(sameAs former: ArchivedObject) -> ArchivedObject {
      ArchivedObject(
        bucket: bucket, path: path, content: former.content, mediaType: mediaType,
        encrypted: former.encrypted, reference: former.reference)
    }
  }

  /// Copies what is not there yet.
  ///
  /// - Parameter connection: sees the snapshot.
  /// - Returns: the objects, in the order of their keys. An object the store does not have as its row says is
  ///   counted and told, and keeps nothing else from being exported.
  /// - Throws: ``RunError`` when the store cannot be used or the root not be written; `PostgresError`.
  func run(_ connection: borrowing PostgresConnection) async throws -> Outcome {
    let rows = try Self.rows(connection)
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
    if let content = row.content, let former = night?.former(content) {
      return row.object(sameAs: former)
    }
    if let content = row.content,
      let entry = try RunError.onFiles({ () throws(FileError) in
        try intake.entry(of: content)
      })
    {
      return row.object(entry, of: night)
    }
    let entry: VaultIntake.Entry
    do {
      entry = try await intake.take(try ObjectKey(row.path), expecting: row.digest, from: objects)
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
    // Of a row that does not say what it holds, only now is it known.
    if let former = night?.former(entry.content) { return row.object(sameAs: former) }
    if entry.isNew {
      outcome.update { outcome in
        outcome.copied += 1
        outcome.copiedBytes += entry.content.bytes
      }
    }
    return row.object(entry, of: night)
  }

  /// Says what a run would do, as far as the rows tell; the store is not asked.
  ///
  /// - Parameter connection: sees the snapshot.
  /// - Returns: counts in which a row without a digest stands for an object of its own that is new; missing are
  ///   those of other buckets.
  /// - Throws: `PostgresError`; ``RunError`` when the root cannot be read.
  func forecast(_ connection: borrowing PostgresConnection) throws -> ExportReport.Objects {
    var objects = ExportReport.Objects(rows: 0, bytes: 0, missing: 0, copied: 0, copiedBytes: 0)
    var seen: Set<StoredForm> = []
    for row in try Self.rows(connection) {
      guard row.bucket == store.bucket else {
        objects.missing += 1
        continue
      }
      objects.rows += 1
      if let content = row.content, !seen.insert(content).inserted { continue }
      let bytes = row.bytes ?? 0
      objects.bytes += bytes
      let isThere = try row.content.map { content in
        try night?.former(content) != nil
          || RunError.onFiles { () throws(FileError) in try intake.entry(of: content) != nil }
      }
      guard isThere != true else { continue }
      objects.copied += 1
      objects.copiedBytes += bytes
    }
    return objects
  }

  private static func rows(_ connection: borrowing PostgresConnection) throws -> [Row] {
    try connection.query(
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
  }
}
