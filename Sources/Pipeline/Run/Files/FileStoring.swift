internal import ObjectStore
internal import Postgres

/// Brings hashed files into the store and their rows into the target; works for whoever claims them.
///
/// A dry run does the same but for sending and writing.
struct FileStoring {
  private static let chunkRows = 500

  let spec: PipelineSpec
  let storePlan: StorePlan
  let isDryRun: Bool
  let state: StateDirectory
  let store: any ObjectStore
  let index: ObjectIndex
  let statements: FileStatements
  let totals: RunTotals
  let rejects: RejectFile
  let progress: Progress
  let stop: StopSignal

  /// Stores everything that was hashed.
  ///
  /// - Parameters:
  ///   - claims: who wants which file.
  ///   - contents: of the files by their index; nil for those that were rejected.
  ///   - control: an open connection, outside a transaction.
  ///   - target: for the connection that writes.
  ///   - rows: writes the rows; nil for a connection of their own.
  /// - Throws: ``RunError``, `PostgresError`.
  func store(
    _ claims: FileClaims, _ contents: [HashedContent?], _ control: borrowing PostgresConnection,
    _ target: ConnectionTarget, rows: FileRows? = nil
  ) async throws {
    let start = ContinuousClock.now
    defer {
      let nanoseconds = StageClock.nanoseconds(since: start)
      totals.update { $0.stages[.load].nanoseconds += nanoseconds }
    }
    let groups = try group(claims, contents, control)
    var jobs: [FileUploads.Job] = []
    var known: [FileUploads.Job] = []
    var unlinked = UnlinkedRows(groups, claims, statements, bucket: storePlan.bucket)
    for start in stride(from: 0, to: groups.count, by: Self.chunkRows) {
      try stop.check()
      let chunk = groups[start..<min(start + Self.chunkRows, groups.count)].map { group in
        (group: group, facts: facts(group, claims))
      }
      let rows = try statements.existing(chunk, control)
      var changed: [(group: FileGroup, facts: FileFacts)] = []
      var fresh: [FileUploads.Job] = []
      for (entry, row) in zip(chunk, rows) {
        let (group, facts) = entry
        guard let row else {
          let path = group.storagePath(name: facts.names.first ?? "")
          fresh.append(FileUploads.Job(group: group, storagePath: path, row: nil))
          continue
        }
        if !row.isUnchanged { changed.append(entry) }
        known.append(
          FileUploads.Job(
            group: group, storagePath: row.storagePath,
            row: row.isUnchanged ? .unchanged : .updated))
      }
      for (index, row) in try unlinked.rows(for: fresh.map(\.group), control).enumerated() {
        fresh[index].unlinkedRow = row
      }
      jobs += fresh
      if !isDryRun { try statements.update(changed, control) }
    }
    countMerged(groups, claims)
    let stored = try await storedPaths(known + (isDryRun ? jobs : []))
    for job in known {
      guard stored.contains(job.storagePath) else {
        note(missing: job, claims)
        jobs.append(job)
        continue
      }
      count(job, claims)
    }
    guard !isDryRun else { return jobs.forEach { foretell($0, claims, stored) } }
    guard !jobs.isEmpty else { return }
    let rows = try rows ?? makeRows(target, control)
    let uploads = FileUploads(
      store: store, journal: try UploadJournal(in: state), claims: claims, contents: contents,
      rows: rows, totals: totals, rejects: rejects, budget: ErrorBudget(spec.load),
      progress: progress, stop: stop)
    try await uploads.run(jobs, uploads: storePlan.uploads)
    for job in jobs { index.add(job.storagePath, size: job.group.size) }
    try await remove(former: rows.takeFormerObjects(), target)
    totals.update { $0.stages[.load].records += jobs.count }
  }

  /// What writes rows over a connection of its own.
  func makeRows(
    _ target: ConnectionTarget, _ control: borrowing PostgresConnection
  ) throws -> FileRows {
    FileRows(
      target, statements, try TransactionScope(control), bucket: storePlan.bucket,
      batchRows: spec.load.batchRows, totals: totals, rejects: rejects)
  }

  private func facts(_ group: FileGroup, _ claims: FileClaims) -> FileFacts {
    FileFacts(group.claims.map { claims.claims[$0] }, isUnlinked: group.session == nil)
  }

  private struct GroupKey: Hashable {
    let session: RowId?
    let digest: FileDigest
  }

  /// Puts claims of one content and session together, in the order of their first.
  private func group(
    _ claims: FileClaims, _ contents: [HashedContent?], _ control: borrowing PostgresConnection
  ) throws -> [FileGroup] {
    let sessions = try sessions(of: claims, control)
    var places: [GroupKey: Int] = [:]
    var groups: [FileGroup] = []
    for (index, claim) in claims.claims.enumerated() {
      guard let content = contents[claim.file] else { continue }
      var session: RowId?
      switch claim.link {
      case .none: break
      case .session(let id): session = id
      case .continuation(let name):
        session = sessions[name]
        if session == nil {
          totals.update {
            $0.findings.note(
              .fileSessionMissing, at: claim.place, field: "continuation_id",
              "\(claim.path): the target has no session \(name)")
          }
        }
      }
      let key = GroupKey(session: session, digest: content.digest)
      if let place = places[key] {
        groups[place].claims.append(index)
      } else {
        places[key] = groups.count
        groups.append(
          FileGroup(
            session: session, digest: content.digest, size: content.byteCount, claims: [index]))
      }
    }
    return groups
  }

  private func sessions(
    of claims: FileClaims, _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> [String: RowId] {
    var names: Set<String> = []
    for claim in claims.claims {
      if case .continuation(let name) = claim.link { names.insert(name) }
    }
    let wanted = names.sorted()
    var found: [String: RowId] = [:]
    for start in stride(from: 0, to: wanted.count, by: 1000) {
      let chunk = Array(wanted[start..<min(start + 1000, wanted.count)])
      found.merge(try FileStatements.sessions(chunk, control)) { first, _ in first }
    }
    return found
  }

  /// Which of the objects are in the store.
  private func storedPaths(_ jobs: [FileUploads.Job]) async throws -> Set<String> {
    guard !jobs.isEmpty else { return [] }
    try await index.read(stop)
    return Set(
      jobs.lazy.filter { index.has($0.storagePath, size: $0.group.size) }.map(\.storagePath))
  }

  private func inputs(_ group: FileGroup, _ claims: FileClaims) -> [Int] {
    group.claims.map { Int(claims.claims[$0].place.input) }
  }

  private func count(_ job: FileUploads.Job, _ claims: FileClaims) {
    guard let row = job.row else { return }
    totals.update { sums in
      sums.count(inputs(job.group, claims), as: row.outcome)
      if row == .updated { sums.fileRows += isDryRun ? 0 : 1 }
    }
    progress.add(bytes: job.group.size, rows: 1, rejects: 0)
  }

  private func countMerged(_ groups: [FileGroup], _ claims: FileClaims) {
    totals.update { sums in
      for group in groups {
        sums.files.merged += group.claims.count - 1
        sums.files.mergedBytes += (group.claims.count - 1) * group.size
      }
    }
  }

  private func note(missing job: FileUploads.Job, _ claims: FileClaims) {
    guard let first = job.group.claims.first else { return }
    let claim = claims.claims[first]
    totals.update {
      $0.findings.note(
        .fileObjectMissing, at: claim.place,
        "\(claim.path): its row names \(job.storagePath), which the store does not have")
    }
  }

  /// Counts what a run would send.
  private func foretell(_ job: FileUploads.Job, _ claims: FileClaims, _ stored: Set<String>) {
    let isStored = stored.contains(job.storagePath)
    totals.update { sums in
      sums.files.note(isStored ? .unchanged : .stored, job.group.size, hasRow: job.row != nil)
      let own = job.unlinkedRow == nil ? \Counts.inserted : \.updated
      sums.count(inputs(job.group, claims), as: job.row?.outcome ?? own)
    }
  }
}

extension FileStoring {
  init(
    plan: FilesPlan, store: any ObjectStore, index: ObjectIndex, statements: FileStatements,
    totals: RunTotals, rejects: RejectFile, progress: Progress, stop: StopSignal
  ) {
    self.init(
      spec: plan.spec, storePlan: plan.store, isDryRun: plan.options.isDryRun, state: plan.state,
      store: store, index: index, statements: statements, totals: totals,
      rejects: rejects, progress: progress, stop: stop)
  }
}
