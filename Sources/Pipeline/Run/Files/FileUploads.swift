internal import ObjectStore
internal import Postgres

/// Sends the objects of groups, some at a time, and hands each to the rows once the store has it.
struct FileUploads: Sendable {
  /// A group, and where its object goes.
  struct Job: Sendable {
    let group: FileGroup
    let storagePath: String
    /// What became of its row, where the target has one and only the object is missing.
    let row: KnownRow?
    /// A row without a session that becomes the group's.
    var unlinkedRow: UnlinkedRow?
  }

  /// What became of a row that the target has.
  enum KnownRow: Sendable {
    case unchanged, updated

    /// Where it is counted.
    var outcome: WritableKeyPath<Counts, Int> {
      switch self {
      case .unchanged: \.unchanged
      case .updated: \.updated
      }
    }
  }

  let store: any ObjectStore
  let journal: UploadJournal
  let claims: FileClaims
  /// Contents by index of the file.
  let contents: [HashedContent?]
  let rows: FileRows
  let totals: RunTotals
  let rejects: RejectFile
  let budget: ErrorBudget
  let progress: Progress
  let stop: StopSignal

  /// Sends everything.
  ///
  /// - Throws: ``RunError`` when the store or the target gives up, and for a signal; what was sent until
  ///   then has its rows, unless it is the target that failed.
  func run(_ jobs: [Job], uploads: Int) async throws {
    let queue = JobQueue(handfuls(jobs, uploads: uploads))
    let start = ContinuousClock.now
    defer {
      let seconds = Double(StageClock.nanoseconds(since: start)) / 1e9
      totals.update { $0.files.uploadSeconds += seconds }
    }
    var failure: (any Error)?
    do {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<min(uploads, jobs.count) {
          // Not on the thread of a worker that waits for them.
          group.addTask(executorPreference: globalConcurrentExecutor) {
            while let handful = queue.next() {
              try stop.check()
              try await send(handful)
            }
            return true
          }
        }
        // A long upload is not waited for when a signal comes.
        group.addTask {
          while stop.received == nil {
            guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return false }
          }
          try stop.check()
          return false
        }
        var left = min(uploads, jobs.count)
        while left > 0, let isUpload = try await group.next() {
          if isUpload { left -= 1 }
        }
        group.cancelAll()
      }
    } catch { failure = error }
    if !(failure is PostgresError) { try await remove(rows.commit()) }
    if let failure { throw failure }
  }

  /// Largest file that is sent together with others, and bytes of these.
  private static let smallBytes = 1 << 20
  private static let handfulBytes = 8 << 20

  /// Puts together what is sent at a time, in the order of the jobs: small files, as many as the store likes, or one.
  private func handfuls(_ jobs: [Job], uploads: Int) -> [[Job]] {
    let limit = max(
      1, min(store.objectsAtATime / uploads, (jobs.count + uploads - 1) / uploads))
    var handfuls: [[Job]] = []
    var bytes = 0
    for job in jobs {
      let size = job.group.size
      if let last = handfuls.indices.last, handfuls[last].count < limit,
        size <= Self.smallBytes, bytes + size <= Self.handfulBytes
      {
        handfuls[last].append(job)
        bytes += size
      } else {
        handfuls.append([job])
        bytes = size > Self.smallBytes ? Self.handfulBytes : size
      }
    }
    return handfuls
  }

  private func remove(_ objects: [String]) async throws(RunError) {
    guard !objects.isEmpty else { return }
    do throws(ObjectStoreError) {
      var keys: [ObjectKey] = []
      for object in objects { keys.append(try ObjectKey(object)) }
      _ = try await store.remove(keys)
    } catch {
      throw RunError(store: error)
    }
  }

  /// Sends some jobs together; what is wrong with one of them is found out when it is sent by itself.
  private func send(_ jobs: [Job]) async throws {
    guard jobs.count > 1 else {
      for job in jobs { try await send(job) }
      return
    }
    var ready: [(job: Job, upload: ObjectUpload)] = []
    var rest: [Job] = []
    for job in jobs {
      if let claim = job.group.claims.first,
        case .success(let upload) = upload(claims.claims[claim].file, job)
      {
        ready.append((job, upload))
      } else {
        rest.append(job)
      }
    }
    for (sent, outcome) in zip(ready, await store.put(ready.map(\.upload))) {
      switch outcome {
      case .success(let outcome):
        try await finish(
          sent.job, sent.job.group, Sent(outcome: outcome, mediaType: sent.upload.mediaType))
      case .failure: rest.append(sent.job)
      }
    }
    for job in rest {
      try stop.check()
      try await send(job)
    }
  }

  private func send(_ job: Job) async throws {
    var group = job.group
    while let claim = group.claims.first {
      let file = claims.claims[claim].file
      let problem: ObjectStoreError
      switch await put(file, job) {
      case .success(let sent): return try await finish(job, group, sent)
      case .failure(let error): problem = error
      }
      switch FileFault(problem) {
      case .store:
        try stop.check()
        throw RunError(store: problem)
      case .file(let rule):
        // Another file of the same content may be as it was.
        try reject(group.claims.filter { claims.claims[$0].file == file }, rule, problem)
        group.claims.removeAll { claims.claims[$0].file == file }
      case .content(let rule): return try reject(group.claims, rule, problem)
      }
      if let excess = totals.excess(over: budget) { throw RunError(overBudget: excess) }
    }
  }

  /// What is in the store then, and what kind of content it is.
  private struct Sent {
    let outcome: PutOutcome
    let mediaType: String
  }

  /// What is to be sent, as far as the file is as it was.
  private func upload(_ file: Int, _ job: Job) -> Result<ObjectUpload, ObjectStoreError> {
    guard let content = contents[file] else { return .failure(changed(file)) }
    do throws(ObjectStoreError) {
      let key = try ObjectKey(job.storagePath)
      if let bytes = claims.files[file].bytes {
        guard let digest = content.digest.ofObject else { return .failure(changed(file)) }
        return .success(
          ObjectUpload(
            key: key, content: bytes, digest: digest,
            mediaType: UploadSource.mediaType(bytes, claims.files[file].path)))
      }
      let (source, errno) = UploadSource.read(claims.files[file].path, content)
      guard let source, let digest = content.digest.ofObject else {
        return .failure(errno == 0 ? changed(file) : changed(file, .file(errno: errno)))
      }
      return .success(
        ObjectUpload(
          key: key, path: source.path,
          identity: FileIdentity(
            device: source.device, inode: source.inode, size: source.size,
            modificationTimeNanoseconds: source.modificationTimeNanoseconds),
          digest: digest, sum: source.sum, mediaType: source.mediaType))
    } catch {
      return .failure(error)
    }
  }

  private func put(_ file: Int, _ job: Job) async -> Result<Sent, ObjectStoreError> {
    do throws(ObjectStoreError) {
      let upload = try upload(file, job).get()
      let outcome = try await store.put(
        upload, resumption: journal.resumption(upload.key, place: store.place))
      return .success(Sent(outcome: outcome, mediaType: upload.mediaType))
    } catch {
      return .failure(error)
    }
  }

  private func changed(
    _ file: Int, _ reason: ObjectStoreError.Reason = .sourceChanged
  ) -> ObjectStoreError {
    ObjectStoreError(reason, file: claims.files[file].text)
  }

  private func finish(_ job: Job, _ group: FileGroup, _ sent: Sent) async throws {
    let inputs = group.claims.map { Int(claims.claims[$0].place.input) }
    totals.update { $0.files.note(sent.outcome, group.size, hasRow: job.row != nil) }
    progress.add(bytes: group.size, rows: 1, rejects: 0)
    if let row = job.row {
      totals.update { $0.count(inputs, as: row.outcome) }
      return
    }
    let times = group.claims.compactMap {
      contents[claims.claims[$0].file]?.modificationTimeNanoseconds
    }
    let facts = FileFacts(
      group.claims.map { claims.claims[$0] }, isUnlinked: group.session == nil)
    let file = StoredFile(
      group: group, facts: facts, storagePath: job.storagePath,
      mediaType: group.claims.lazy.compactMap { claims.claims[$0].mediaType }.first
        ?? sent.mediaType,
      createdAt: facts.time ?? Timestamp(microseconds: (times.min() ?? 0) / 1000),
      isNewObject: sent.outcome == .stored, unlinkedRow: job.unlinkedRow, inputs: inputs)
    try await remove(rows.add(file))
  }

  private func reject(_ refused: [Int], _ rule: Rule, _ error: ObjectStoreError) throws(RunError) {
    for index in refused {
      let claim = claims.claims[index]
      try totals.refuseFile(
        Reject(
          kind: .file, input: claim.path, place: claim.place, stage: .load, rule: rule,
          message: error.description, bytes: []), in: rejects)
    }
    progress.add(bytes: 0, rows: 0, rejects: refused.count)
  }
}

extension FileDigest {
  /// The same as a store has it.
  fileprivate var ofObject: ContentDigest? {
    var bytes: [UInt8] = []
    appendBytes(to: &bytes)
    return ContentDigest(bytes: bytes)
  }
}

/// What a failed upload is the fault of.
private enum FileFault {
  /// This file, by this rule; another one of its content may do.
  case file(Rule)
  /// The content or its key.
  case content(Rule)
  /// The store, or whoever stops the run: others would fail as well.
  case store

  init(_ error: ObjectStoreError) {
    self =
      switch error.reason {
      case .sourceChanged: .file(.fileChanged)
      // A file is of no store; a failure of the store's own directory is.
      case .file: error.place.isEmpty ? .file(.fileUnreadable) : .store
      case .tooLarge: .content(.fileTooLarge)
      case .differs, .mediaTypeRefused, .refused, .invalidKey: .content(.fileRefused)
      default: .store
      }
  }
}
