internal import Archive
public import ObjectStore
internal import Postgres
internal import Synchronization

/// Brings rows of `files` and objects into step again.
///
/// What a row tells of and the store lacks is sent again, from a file with the same SHA-256; an object without a
/// row is removed. A row is never removed: it is what is left to tell what was lost.
public struct FilesRepair: Sendable {
  private let store: any ObjectStore
  private let bucket: String
  private let target: TargetChoice
  private let sources: [String]
  private let workers: Int
  private let cache: HashCache?
  private let stop: StopSignal

  /// Prepares to repair.
  ///
  /// - Parameters:
  ///   - store: holds the objects.
  ///   - bucket: which rows are about them.
  ///   - target: holds the rows.
  ///   - sources: directories and files in which contents are looked for; links in them are not followed.
  ///   - workers: files hashed at a time.
  ///   - cache: digests of unchanged files.
  ///   - stop: ends it between two objects.
  public init(
    _ store: any ObjectStore, bucket: String, target: TargetChoice, sources: [String],
    workers: Int, cache: HashCache?, stop: StopSignal
  ) {
    self.store = store
    self.bucket = bucket
    self.target = target
    self.sources = sources
    self.workers = workers
    self.cache = cache
    self.stop = stop
  }

  /// Repairs what can be.
  ///
  /// - Parameters:
  ///   - problems: what a verification found; each gets what became of it.
  ///   - mayRemove: asked once, with how many objects have no row and how many bytes they are.
  /// - Throws: ``RunError``; ``RunError/Kind/locked`` while a run is under way, whose objects may be about to
  ///   get their rows. Each step that was done stays.
  public func run(
    _ problems: inout [StoredFileProblem], mayRemove: (Int, Int) async throws -> Bool
  ) async throws {
    do {
      try await upload(&problems)
      try await remove(&problems, mayRemove)
    } catch let error as ObjectStoreError {
      throw RunError(store: error)
    }
  }

  /// A file with a content that is wanted.
  private struct Source: Sendable {
    let path: String
    let byteCount: Int
  }

  private func upload(_ problems: inout [StoredFileProblem]) async throws {
    let wanted = Set(problems.filter { $0.kind.wantsContent }.compactMap(\.sha256))
    let found = try await files(with: wanted)
    for index in problems.indices where problems[index].kind.wantsContent {
      try stop.check()
      let problem = problems[index]
      guard let digest = problem.digest, let source = found[digest.description] else {
        problems[index].repair = .noSource
        continue
      }
      do throws(ObjectStoreError) {
        try await store.put(
          ObjectUpload(
            key: ObjectKey(problem.path), path: source.path,
            identity: FileIdentity(path: source.path), digest: digest,
            mediaType: problem.mediaType ?? "application/octet-stream", replaces: true),
          resumption: .none)
        problems[index].repair = .uploaded
      } catch {
        // Changed since it was hashed: no longer the content that is wanted.
        guard error.reason == .sourceChanged else { throw error }
        problems[index].repair = .noSource
      }
    }
  }

  /// Where files are with these digests.
  private func files(with wanted: Set<String>) async throws -> [String: Source] {
    guard !wanted.isEmpty, !sources.isEmpty else { return [:] }
    let found = Found()
    _ = try await HashRun(
      .paths(sources.map { RawPath($0) }), workers: workers, withChunks: false, cache: cache,
      stop: stop
    ).run { results throws(RunError) in
      for result in results {
        guard case .hashed(let content) = result.outcome, let path = result.path.validText else {
          continue
        }
        let digest = content.digest.hexadecimal
        guard wanted.contains(digest) else { continue }
        found.add(Source(path: path, byteCount: content.byteCount), digest)
      }
    }
    return found.sources
  }

  /// What the workers found; the lock guards it.
  private final class Found: Sendable {
    private let found = Mutex<[String: Source]>([:])

    func add(_ source: Source, _ digest: String) { found.withLock { $0[digest] = source } }

    var sources: [String: Source] { found.withLock { $0 } }
  }

  private func remove(
    _ problems: inout [StoredFileProblem], _ mayRemove: (Int, Int) async throws -> Bool
  ) async throws {
    let alone = problems.indices.filter { problems[$0].kind == .rowMissing }
    guard !alone.isEmpty else { return }
    let bytes = alone.reduce(0) { $0 + (problems[$1].objectBytes ?? 0) }
    guard try await mayRemove(alone.count, bytes) else {
      for index in alone { problems[index].repair = .declined }
      return
    }
    let target = try await target.connectionTarget(startingLocal: true)
    let connection = try PostgresConnection(target, applicationName: "convoy files repair")
    // Between an object and its row there is a moment, in which a run must not lose what it has just sent.
    if let holder = try RunLock.holders(connection).first {
      throw RunError(
        .locked, "a run is under way, and nothing was removed: \(holder)",
        hint: "what has no row may be about to get one; wait for the run, then repair")
    }
    for start in stride(from: 0, to: alone.count, by: 1_000) {
      try stop.check()
      let indices = alone[start..<min(start + 1_000, alone.count)]
      let named = try FileStatements.named(indices.map { problems[$0].path }, connection)
      let gone = try indices.filter { !named.contains(problems[$0].path) }
        .map { try ObjectKey(problems[$0].path) }
      _ = try await store.remove(gone)
      for index in indices {
        problems[index].repair = named.contains(problems[index].path) ? .settled : .removed
      }
    }
  }
}

extension StoredFileProblem.Kind {
  /// Whether sending the row's content would settle it.
  fileprivate var wantsContent: Bool {
    switch self {
    case .objectMissing, .sizeDiffers, .contentDiffers: true
    case .rowMissing, .pathInvalid: false
    }
  }
}
