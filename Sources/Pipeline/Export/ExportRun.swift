internal import Archive
internal import Foundation
internal import Postgres

/// Runs an export: snapshot, parts, manifest, verification, and the removal of what need not stay.
public struct ExportRun: Sendable {
  let plan: ExportPlan
  let progress: Progress
  let stop: StopSignal
  let warn: @Sendable (String) -> Void

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - progress: told behind each member how far the run is.
  ///   - stop: asked behind each member.
  ///   - warn: told what is wrong without keeping the export from being whole.
  public init(
    _ plan: ExportPlan, progress: Progress, stop: StopSignal,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.plan = plan
    self.progress = progress
    self.stop = stop
    self.warn = warn
  }

  /// Runs to the end, or to the first failure or signal.
  ///
  /// - Returns: the report, and the error that ended the run early, if one did.
  /// - Throws: ``RunError`` or `PostgresError` when nothing could be begun.
  public func run() async throws -> (report: ExportReport, failure: RunError?) {
    var report = ExportReport(plan, startedAt: RunReport.timestamp())
    let clock = ContinuousClock.now
    guard !plan.isDryRun else {
      try await forecast(&report)
      return (report, nil)
    }
    if plan.bucket != nil, let end = plan.root.path.lastIndex(of: "/") {
      // It is in the state directory, through which the user of a local server has to pass.
      try makeStateDirectory(String(plan.root.path[..<end]))
    }
    try RunError.onFiles { () throws(FileError) in try plan.root.create() }
    guard let lock = try RunError.onFiles({ () throws(FileError) in try ArchiveLock(plan.root) })
    else {
      throw RunError(
        .locked, "another run works in \(plan.root.path)",
        hint: "wait for it, or end it; then run the same command again")
    }
    let failure = try await failure(of: &report)
    report.seconds = Double(StageClock.nanoseconds(since: clock)) / 1e9
    report.finishedAt = RunReport.timestamp()
    report.peakMemoryBytes = PeakMemory.residentBytes()
    if let failure {
      report.failure = failure.message
      report.outcome = if case .interrupted = failure.kind { .interrupted } else { .failed }
    }
    try RunError.onFiles { () throws(FileError) in try report.write(to: plan.reportDirectory) }
    _ = consume lock
    await ExportSequel(plan: plan, warn: warn).run(report)
    return (report, failure)
  }

  private func failure(of report: inout ExportReport) async throws -> RunError? {
    do {
      try await export(&report)
      return nil
    } catch let error as RunError {
      return error
    } catch let error as PostgresError {
      return self.failure(error)
    } catch let error as FileError {
      return RunError(.fileAccess, error.description)
    } catch let error as GzipError {
      return RunError(.failed, error.description)
    }
  }

  private func failure(_ error: PostgresError) -> RunError {
    if let signal = stop.received, error.sqlState == .queryCanceled {
      return RunError(.interrupted(signal), "interrupted; no archive was made")
    }
    switch error.reason {
    case .connect, .connectionLost: return RunError(.unreachable, error.description)
    case .server, .client, .connectionString: return RunError(.failed, error.description)
    }
  }

  private func export(_ report: inout ExportReport) async throws {
    try OutputDirectory.removeUnfinished(in: plan.root.path)
    try await checkEncryption()
    let target = try await plan.target.connectionTarget(startingLocal: true)
    let lock = try RunLock(target, pipeline: plan.spec.name)
    let place = try await ExportPlace(plan, isWriting: true)
    let preparation = try ExportPreparation(plan, place, target, stop)
    for problem in place.history.problems { warn(problem.description) }
    report.former = preparation.former?.name
    report.freeBytes = try requireSpace(preparation)
    progress.expect(bytes: preparation.tables.reduce(0) { $0 + $1.bytes })
    let directory = try makeDirectory(place)
    var manifest = preparation.manifest(plan, createdAt: Self.time(of: directory.name))
    let outcomes = try await parts(preparation, target, into: directory.temporaryPath)
    for (index, table) in preparation.tables.enumerated() {
      manifest.tables.append(table.archived(with: outcomes[index]))
    }
    report.objects = try await objects(preparation, &manifest, directory)
    manifest.finishedAt = RunReport.timestamp()
    try preparation.snapshot.connection.execute("COMMIT")
    try ArchiveDirectory.write(manifest, to: directory.temporaryPath)
    report.verifiedParts = try await verify(place, in: directory.temporaryPath)
    if let bucket = place.bucket {
      let name = directory.name
      try await ArchiveUpload(
        bucket: bucket, sizeLimitBytes: place.sizeLimitBytes, stop: stop
      ).run(directory.temporaryPath, as: name, manifest)
      _ = try ObjectVault(plan.root).removeAll(but: [])
      report.archive = "\(bucket.root)/\(name)"
    } else {
      let path = directory.path
      try directory.finish()
      report.archive = path
    }
    report.note(manifest, preparation)
    // A lock whose connection broke is gone already.
    try? lock.release()
    report.pruned = try await prune(place)
  }

  /// Copies the objects that rows of the snapshot name, where the pipeline wants them.
  private func objects(
    _ preparation: borrowing ExportPreparation, _ manifest: inout ArchiveManifest,
    _ directory: borrowing OutputDirectory
  ) async throws -> ExportReport.Objects? {
    // What a run that was killed had taken and not sent.
    if plan.bucket != nil { _ = try ObjectVault(plan.root).removeAll(but: []) }
    guard let export = try await objectExport(preparation.place, for: directory.name) else {
      return nil
    }
    let outcome = try await export.run(preparation.snapshot.connection)
    let archived = ArchivedObjects(
      list: try ArchivedObject.write(outcome.objects, to: directory.temporaryPath),
      rows: outcome.objects.count,
      bytes: Set(outcome.objects.map(\.content)).reduce(0) { $0 + $1.bytes },
      missing: outcome.missing)
    manifest.objects = archived
    return ExportReport.Objects(
      rows: archived.rows, bytes: archived.bytes, missing: archived.missing,
      copied: outcome.copied, copiedBytes: outcome.copiedBytes)
  }

  /// What copies objects; nil where the pipeline wants none.
  func objectExport(_ place: ExportPlace, for name: String) async throws -> ObjectExport? {
    guard let store = plan.store else { return nil }
    var night: BucketNight?
    if place.bucket != nil {
      night = try await BucketNight(name, after: place.former(plan), in: place.nights)
    }
    let history = night == nil ? place.history : ArchiveHistory()
    return ObjectExport(
      store: store, intake: VaultIntake(plan.root, plan.encryption, history, warn), night: night,
      stop: stop, warn: warn)
  }

  /// Fails now rather than behind an hour of reading.
  func checkEncryption() async throws {
    guard let encryption = plan.encryption else { return }
    try await PartEncryption(encryption: encryption).check()
  }

  private func makeDirectory(_ place: ExportPlace) throws -> OutputDirectory {
    while true {
      guard place.nights[Self.name(of: Date.now)] == nil else {
        try stop.check()
        stop.wait(seconds: 0.1)
        continue
      }
      do throws(FileError) {
        return try OutputDirectory(Self.name(of: Date.now), in: plan.root.path)
      } catch {
        // Of an archive made in this very second.
        guard error.errno == EEXIST else { throw error }
        try stop.check()
        stop.wait(seconds: 0.1)
      }
    }
  }

  private func requireSpace(_ preparation: borrowing ExportPreparation) throws -> Int {
    let free = try plan.root.freeBytes()
    let stored = preparation.tables.reduce(0) { $0 + $1.bytes }
    // Text packs to a third or less; with an earlier archive, only what changed is written.
    let needed = preparation.former == nil ? stored / 4 : 0
    guard free > needed else {
      throw RunError(
        .fileAccess,
        "\(plan.root.path): \(Quantity.bytes(Double(free))) free, and an archive of "
          + "\(Quantity.bytes(Double(stored))) will not fit",
        hint: "make room, or give export.root another place")
    }
    return free
  }

  /// Reads parts back as the pipeline wants it, and marks an archive that is sound.
  private func verify(_ place: ExportPlace, in directory: String) async throws -> Int {
    guard plan.spec.export.verify != .none else { return 0 }
    var archive: ArchiveDirectory
    do throws(ArchiveError) {
      archive = try ArchiveDirectory(path: directory)
    } catch { throw RunError(.overBudget, "what was written is damaged: \(error)") }
    if let bucket = place.bucket { archive.access = bucket.access(before: directory) }
    let verification = ArchiveVerification(archive)
    let parts = verification.parts().filter { plan.spec.export.verify == .all || !$0.isLinked }
    let damages = try await verification.damages(parts) { _, _ in }
    guard damages.isEmpty else {
      throw RunError(
        .overBudget,
        "what was written cannot be read back; no archive was made\n"
          + damages.map(\.description).joined(separator: "\n"))
    }
    try VerifiedMark.write(to: directory, at: RunReport.timestamp())
    return parts.count
  }

  private func prune(_ place: ExportPlace) async throws -> [String] {
    let retention = Retention(plan.spec.export.keep)
    if let bucket = place.bucket {
      return try await BucketRemoval(bucket, retention)
        .run(pipeline: plan.spec.name, isDryRun: false, warn)
    }
    let list = try ArchiveHistory(plan.root)
    let removable = list.removable(retention, pipeline: plan.spec.name)
    for archive in removable { try OutputDirectory.removeFinished(archive.path) }
    if !removable.isEmpty { try ArchiveRemoval.sweep(plan.root, warn) }
    return removable.map(\.name)
  }

  /// `20261125T021500Z`.
  static func name(of date: Date) -> String {
    Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000).rfc3339
      .filter { $0 != "-" && $0 != ":" }
  }

  /// RFC 3339 of an archive's name.
  static func time(of name: String) -> String {
    let digits = Array(name)
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return
      "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
  }
}

extension ExportReport {
  fileprivate mutating func note(
    _ manifest: ArchiveManifest, _ preparation: borrowing ExportPreparation
  ) {
    tables = zip(manifest.tables, preparation.tables).map { table, found in
      Table(
        name: table.title, rows: table.rows, rawBytes: table.rawBytes,
        packedBytes: table.packedBytes, storedBytes: found.bytes, parts: table.parts.count,
        linkedParts: table.parts.count(where: \.isLinked), checksum: table.checksum)
    }
    writtenBytes = manifest.tables.flatMap(\.parts).filter { !$0.isLinked }
      .reduce(0) { $0 + $1.stored.bytes }
  }
}

extension ExportedTable {
  fileprivate func archived(with outcomes: [PartExport.Outcome]) -> ArchivedTable {
    var table = archived
    var checksum = UInt128(0)
    for outcome in outcomes {
      table.rows += outcome.part.rows
      table.rawBytes += outcome.part.rawBytes
      table.packedBytes += outcome.part.packedBytes
      checksum &+= outcome.checksum
      table.parts.append(outcome.part)
    }
    table.checksum = checksum.hex
    return table
  }
}
