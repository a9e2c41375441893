public import Archive

/// Hashes what some paths name, or what a list of checksums lists.
public struct HashRun: Sendable {
  /// What is to be hashed.
  public enum Subject: Sendable {
    /// Files, and all files below directories; `-` is standard input.
    case paths([RawPath])
    /// The files of a list of checksums, as far as they are one of the paths or below one; all if there
    /// are no paths.
    case list(RawPath, below: [RawPath])
    /// Regular files that a scan has found; a link in their place is not followed.
    case found([RawPath])
  }

  private let subject: Subject
  private let workers: Int
  private let withChunks: Bool
  private let withSums: Bool
  private let cache: HashCache?
  private let stop: StopSignal

  /// Plans a run.
  ///
  /// - Parameters:
  ///   - subject: what is to be hashed.
  ///   - workers: files worked on at a time.
  ///   - withChunks: whether chunks of 8 MiB are hashed too.
  ///   - withSums: whether contents that are read get a ``ObjectStore/ContentSum`` too, for their upload.
  ///   - cache: where digests of unchanged files are looked up and kept; nil reads everything.
  ///   - stop: ends the run where it stands.
  public init(
    _ subject: Subject, workers: Int, withChunks: Bool, withSums: Bool = false, cache: HashCache?,
    stop: StopSignal
  ) {
    self.subject = subject
    self.workers = workers
    self.withChunks = withChunks
    self.withSums = withSums
    self.cache = cache
    self.stop = stop
  }

  /// How a run ended.
  public struct Summary: Sendable {
    /// Bytes taken from files; digests that were known took none.
    public internal(set) var bytesRead = 0
    /// Why what was learnt could not be kept, which spoils no result.
    public internal(set) var cacheFailure: RunError?
  }

  /// Hashes everything.
  ///
  /// Each worker holds 2.75 MiB; results that wait for their turn are at most 20 MiB, and new records for the
  /// cache 16 MB. The names in one directory are in memory at a time, for each level of a tree.
  /// - Parameter deliver: gets the results in order, some at a time and never two at once.
  /// - Returns: what the results do not say.
  /// - Throws: ``RunError`` from `deliver`, when the list cannot be read, and of kind `interrupted`.
  public func run(
    _ deliver: @escaping @Sendable ([HashResult]) throws(RunError) -> Void
  ) async throws -> Summary {
    switch subject {
    case .paths(let paths):
      return try await run(FileScan(paths, rules: .everything), deliver)
    case .list(let list, let roots):
      return try await run(ChecksumList(list, below: roots), deliver)
    case .found(let paths): return try await run(FoundFiles(rest: paths[...]), deliver)
    }
  }

  private func run(
    _ source: consuming some HashSource & ~Copyable,
    _ deliver: @escaping @Sendable ([HashResult]) throws(RunError) -> Void
  ) async throws -> Summary {
    let queue = HashQueue(source, deliver: deliver)
    var summary = try await withThrowingTaskGroup(of: Summary.self) { group in
      for number in 0..<workers {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          try await work(number, queue)
        }
      }
      var summary = Summary()
      for try await part in group {
        summary.bytesRead += part.bytesRead
        summary.cacheFailure = summary.cacheFailure ?? part.cacheFailure
      }
      return summary
    }
    summary.cacheFailure = await keep { try await $0.write() } ?? summary.cacheFailure
    if let signal = stop.received { throw RunError(.interrupted(signal), "interrupted") }
    return summary
  }

  private func work(_ number: Int, _ queue: HashQueue<some HashSource & ~Copyable>) async throws
    -> Summary
  {
    var hasher = FileHasher(
      number: number, withChunks: withChunks, withSum: withSums, cache: cache?.reader(),
      stop: stop)
    var summary = Summary()
    // One worker has a core for itself, and another for a reader.
    let readers = max(2, workers)
    while let batch = try queue.next() {
      var tasks = batch.tasks
      var next = batch.first
      var results: [HashResult] = []
      results.reserveCapacity(tasks.count)
      while let task = tasks.popFirst() {
        next += 1
        let outcome = hasher.outcome(of: task) {
          queue.giveBack(HashBatch(first: next, tasks: tasks))
          tasks = []
          return queue.hasIdle(of: readers)
        }
        guard let outcome else {
          queue.stop()
          break
        }
        results.append(HashResult(path: task.path, outcome: outcome, expected: task.expected))
      }
      guard stop.received == nil else {
        queue.stop()
        break
      }
      try queue.end(batch.first, results)
      let records = hasher.takeRecords()
      summary.cacheFailure = await keep { try await $0.add(records) } ?? summary.cacheFailure
    }
    let records = hasher.takeRecords()
    summary.cacheFailure = await keep { try await $0.add(records) } ?? summary.cacheFailure
    summary.bytesRead = hasher.bytesRead
    return summary
  }

  /// Does something with the cache, whose failure must not end the run.
  private func keep(_ body: (HashCache) async throws -> Void) async -> RunError? {
    guard let cache else { return nil }
    do {
      try await body(cache)
      return nil
    } catch {
      return error as? RunError ?? RunError(.fileAccess, "\(error)")
    }
  }
}
