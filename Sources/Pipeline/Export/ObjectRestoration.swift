public import Archive
internal import Foundation
internal import ObjectStore

/// Puts the objects of an archive back into a store.
public struct ObjectRestoration: Sendable {
  /// What became of them.
  public struct Result: Sendable {
    /// Objects that were sent.
    public internal(set) var stored = 0
    /// Objects the store had already, with the same content.
    public internal(set) var unchanged = 0
  }

  private let archive: ArchiveDirectory
  private let store: StorePlan
  private let stop: StopSignal

  /// Prepares to restore.
  ///
  /// - Parameters:
  ///   - archive: names the objects.
  ///   - store: takes them.
  ///   - stop: asked before each.
  public init(_ archive: ArchiveDirectory, to store: StorePlan, stop: StopSignal) {
    self.archive = archive
    self.store = store
    self.stop = stop
  }

  /// Puts every object under the key its row names; the store reads it as it is sent, so that no damaged one
  /// becomes an object.
  ///
  /// - Throws: ``RunError``; of kind `overBudget` for damage. What is stored by then stays.
  public func run() async throws -> Result {
    guard archive.manifest.objects != nil else {
      throw RunError(
        .failed, "\(archive.path) has no objects", hint: "it was exported without files: objects")
    }
    let listed = try await archive.objects()
    if let other = listed.first(where: { $0.bucket != store.bucket }) {
      throw RunError(
        .failed,
        "the archive's objects are of bucket \(other.bucket), the store's is \(store.bucket)",
        hint: "the rows name the bucket: set store.bucket to it")
    }
    let objects = try await store.open()
    do throws(ObjectStoreError) {
      _ = try await objects.prepare()
    } catch { throw RunError(store: error) }
    let queue = JobQueue(listed)
    let result = Guarded(Result())
    try await withThrowingTaskGroup { group in
      for _ in 0..<min(store.uploads, max(1, listed.count)) {
        group.addTask {
          while let object = queue.next() {
            guard !Task.isCancelled else { return }
            try stop.check()
            let outcome = try await put(object, into: objects)
            result.update { result in
              switch outcome {
              case .stored: result.stored += 1
              case .unchanged: result.unchanged += 1
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    return result.current
  }

  private func put(
    _ object: ArchivedObject, into store: any ObjectStore
  ) async throws -> PutOutcome {
    guard object.encrypted != nil else {
      let file = try await archive.file(of: object)
      defer { withExtendedLifetime(file) {} }
      return try await put(object, at: file.path, into: store)
    }
    // The store reads a file; this one has no name but through this process.
    do {
      var file = try ScratchFile(in: URL.temporaryDirectory.path)
      try await ObjectReader(archive).read(object) { bytes throws(FileError) in
        try file.append(bytes)
      }
      let outcome = try await put(object, at: file.path, into: store)
      _ = consume file
      return outcome
    } catch let error as FileError { throw RunError(.fileAccess, error.description) }
  }

  private func put(
    _ object: ArchivedObject, at path: String, into store: any ObjectStore
  ) async throws(RunError) -> PutOutcome {
    guard let digest = StoreDigest(hex: object.sha256.hex) else {
      throw RunError(.overBudget, "\(object.path): no digest")
    }
    do throws(ObjectStoreError) {
      let upload = ObjectUpload(
        key: try ObjectKey(object.path), path: path, identity: try FileIdentity(path: path),
        digest: digest, mediaType: object.mediaType ?? "application/octet-stream")
      return try await store.put(upload, resumption: .none)
    } catch {
      switch error.reason {
      case .sourceChanged, .damaged:
        throw RunError(
          .overBudget,
          "\(archive.path(of: object)): damaged, it is not as it was written")
      default: throw RunError(store: error)
      }
    }
  }
}

extension RunError {
  /// Reads what describes an archive, and makes a failure of it one of the run.
  static func onArchive<Result>(
    _ body: () throws(ArchiveError) -> Result
  ) throws(RunError) -> Result {
    do throws(ArchiveError) {
      return try body()
    } catch {
      switch error.reason {
      case .damaged, .missing: throw RunError(.overBudget, error.description)
      case .unreadable: throw RunError(.fileAccess, error.description)
      case .unknownForm: throw RunError(.failed, error.description)
      }
    }
  }
}
