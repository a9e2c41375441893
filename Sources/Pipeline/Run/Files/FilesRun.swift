internal import Archive
internal import Foundation
internal import ObjectStore
internal import Postgres

/// Runs a pipeline that stores files: scan, hash, objects, rows, report.
public struct FilesRun: Sendable {
  let plan: FilesPlan
  let progress: Progress
  let stop: StopSignal
  private let warn: @Sendable (Preflight.Check) -> Void

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - progress: told behind each object how far the run is.
  ///   - stop: asked between files; uploads under way are given up.
  ///   - warn: told what should be changed about the target, before the first file.
  public init(
    _ plan: FilesPlan, progress: Progress, stop: StopSignal,
    warn: @escaping @Sendable (Preflight.Check) -> Void = { _ in }
  ) {
    self.plan = plan
    self.progress = progress
    self.stop = stop
    self.warn = warn
  }

  /// Runs to the end, or to the first failure or signal.
  ///
  /// Memory is that of hashing, an upload's chunk or two each, and about 300 bytes a file.
  /// - Returns: the report, and the error that ended the run early, if one did.
  /// - Throws: ``RunError`` or `PostgresError` when nothing could be begun.
  public func run() async throws -> RunResult {
    let target = try await plan.target.connectionTarget(startingLocal: true)
    guard !plan.options.isDryRun else { return try await run(on: target) }
    return try await RunLock.whileHeld(target, pipeline: plan.spec.name) { _ in
      try await run(on: target)
    }
  }

  private func run(on target: ConnectionTarget) async throws -> RunResult {
    let (startedAt, clock) = (RunReport.timestamp(), ContinuousClock.now)
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    try Preflight(control, target: target, inputBytes: nil, forFiles: true).warnings().forEach(warn)
    let statements = FileStatements(layout: try FileField.layout(control))
    let store = try await plan.store.open()
    let facts = try await prepare(store)
    let totals = RunTotals(
      inputCount: plan.inputs.count, findings: plan.rules.log(sampleLimit: plan.spec.report.samples)
    )
    totals.update { sums in
      sums.files.store = plan.store.description
      sums.files.limitBytes = facts.sizeLimitBytes
    }
    let previous = plan.reportDirectory.previousReport(of: plan.spec.name)
    let rejects = try plan.reportDirectory.begin()
    let run = plan.options.isDryRun ? "" : try begin(control)
    let ending = try await RunError.ending {
      var collector = try FileCollector(
        plan, limitBytes: facts.sizeLimitBytes, totals: totals, rejects: rejects)
      try collector.collect(stop)
      var claims = collector.claims
      progress.expect(bytes: claims.byteCount)
      let storing = FileStoring(
        plan: plan, store: store,
        index: ObjectIndex(store, isThere: !facts.isNew || !plan.options.isDryRun),
        statements: statements, totals: totals, rejects: rejects, progress: progress, stop: stop)
      let contents = try await storing.hash(claims, workers: plan.workers)
      try RecordedContents(contents, totals, stop).compare(&claims)
      var join = ContentJoin(collector.index.contentEntries, contents, totals)
      join.join(&claims)
      try await storing.store(claims, contents, control, target)
    }
    var result = conclude(totals, ending, startedAt, clock)
    result.report.previous = previous
    if plan.options.isDryRun { estimate(&result.report, control) }
    if !plan.options.isDryRun { try finish(target, run, result.report) }
    try plan.reportDirectory.write(result.report, junitPath: plan.options.junitPath)
    return result
  }

  private func prepare(_ store: any ObjectStore) async throws(RunError) -> StoreFacts {
    do throws(ObjectStoreError) {
      return plan.options.isDryRun ? try await store.inspect() : try await store.prepare()
    } catch {
      throw RunError(store: error)
    }
  }

  private func conclude(
    _ totals: RunTotals, _ ending: RunError?, _ startedAt: String, _ clock: ContinuousClock.Instant
  ) -> RunResult {
    var failure = ending
    let sums = totals.current
    if failure == nil, let excess = totals.excess(over: ErrorBudget(plan.spec.load)) {
      failure = RunError(
        .overBudget, excess, hint: plan.options.isDryRun ? "a load would stop there" : nil)
    }
    var report = RunReport(
      version: Runner.version, pipelineName: plan.spec.name, pipelineFile: plan.file,
      mode: plan.options.isDryRun ? .dryRun : .load, outcome: .done,
      target: plan.target.description, startedAt: startedAt, finishedAt: RunReport.timestamp())
    report.seconds = Double(StageClock.nanoseconds(since: clock)) / 1e9
    report.inputs = plan.inputs.enumerated().map { index, path in
      RunReport.Input(
        path: path, dialect: nil, bytes: sums.bytes[index], tally: sums.tallies[index])
    }
    report.take(sums)
    report.files = sums.files
    report.rules = plan.rules
    report.workers = plan.workers
    report.batchRows = plan.spec.load.batchRows
    report.rowsWritten = [.init(table: "files", rows: sums.fileRows)]
    return report.concluded(by: failure)
  }
}

/// What the ledger is asked and told of a run.
extension FilesRun {
  private func begin(_ control: borrowing PostgresConnection) throws -> String {
    try Ledger.prepare(control)
    let details = RunRecord.Details(
      work: "files", inputs: plan.inputs.prefix(RunRecord.Details.inputLimit).map { $0 },
      inputCount: plan.inputs.count)
    return try Ledger.begin(
      control, pipeline: plan.spec.name, version: Runner.version, details: details.json())
  }

  private func finish(_ target: ConnectionTarget, _ run: String, _ report: RunReport) throws {
    // A connection of its own: the first one may not have lived through hours of uploads.
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    let counts = String(decoding: try JSONEncoder().encode(report.total), as: UTF8.self)
    let files = report.files ?? FileFigures()
    let details = RunRecord.Details(
      batches: RunRecord.Batches(
        total: report.batches.total, committed: report.batches.committed, alreadyCommitted: 0,
        merged: 0),
      uploads: RunRecord.Uploads(
        store: files.store, objects: files.sent, bytes: files.sentBytes,
        seconds: files.uploadSeconds))
    try Ledger.finish(
      control, run: run, outcome: report.outcome.rawValue, counts: counts, details: details.json())
  }

  /// Reckons how long uploads would take, from those of earlier runs into the store, else from reading.
  private func estimate(_ report: inout RunReport, _ control: borrowing PostgresConnection) {
    guard var files = report.files, files.sent > 0 else { return }
    // A role may check files without being let into the ledger; then there is another rate.
    let uploads = ((try? RunRecord.latest(50, from: control)) ?? []).compactMap(\.uploads)
      .filter { $0.store == files.store && $0.objects > 0 && $0.seconds > 0 }
    let seconds = uploads.reduce(0) { $0 + $1.seconds }
    if seconds > 0 {
      let objects = Double(uploads.reduce(0) { $0 + $1.objects })
      let bytes = Double(max(1, uploads.reduce(0) { $0 + $1.bytes }))
      // Small files cost by number, large ones by their bytes.
      files.estimate = FileFigures.Estimate(
        earlierRuns: uploads.count,
        seconds: max(Double(files.sent) / objects, Double(files.sentBytes) / bytes) * seconds)
    } else if report.bytesRead > 0, report.stages[.extract].seconds > 0 {
      let rate = Double(report.bytesRead) / report.stages[.extract].seconds
      files.estimate = FileFigures.Estimate(
        earlierRuns: 0, seconds: Double(files.sentBytes) / rate)
    }
    report.files = files
  }
}
