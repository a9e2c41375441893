internal import Archive
internal import Foundation
internal import Postgres

/// How a run ended.
public struct RunResult: Sendable {
  /// What it did; written to the report directory as well.
  public var report: RunReport
  /// What ended it early, if anything did.
  public var failure: RunError?
}

/// Runs a plan: connects, starts the workers, and makes the report whatever the end is.
public struct Runner {
  /// Version of this program, in reports and the ledger.
  public static let version = "0.1.0"

  private let plan: RunPlan
  private let progress: Progress
  private let stop: StopSignal
  private let warn: @Sendable (Preflight.Check) -> Void

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - progress: told once a batch how far the run is.
  ///   - stop: asked between batches.
  ///   - warn: told what should be changed about the target, before the first row.
  public init(
    _ plan: RunPlan, progress: Progress, stop: StopSignal,
    warn: @escaping @Sendable (Preflight.Check) -> Void = { _ in }
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
  public func run() async throws -> RunResult {
    let target = try await plan.target.connectionTarget(startingLocal: true)
    guard !plan.options.isDryRun else { return try await run(on: target, lockedBy: nil) }
    let lock = try RunLock(target, pipeline: plan.spec.name)
    let result = try await run(on: target, lockedBy: lock.process)
    // A lock whose connection broke is gone already.
    try? lock.release()
    return result
  }

  private func run(
    on target: ConnectionTarget, lockedBy process: Int?
  ) async throws -> RunResult {
    let startedAt = RunReport.timestamp()
    let clock = ContinuousClock.now
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    try Preflight(control, target: target, inputBytes: plan.inputBytes).warnings().forEach(warn)
    let setup = try Preparation(plan, control)
    let totals = RunTotals(inputCount: plan.inputs.count, sampleLimit: plan.spec.report.samples)
    for problem in plan.unreadable {
      totals.note(
        .inputUnreadable, at: Place(input: -1, line: 0, byteOffset: 0, byteLength: 0), problem)
    }
    // Before the ledger knows of the run: a directory that cannot be written must not leave one behind.
    let rejects = try RunError.onFiles { () throws(FileError) in
      try plan.reportDirectory.create()
      try plan.reportDirectory.removeReport()
      return try RejectFile(in: plan.reportDirectory)
    }
    let run = plan.options.isDryRun ? "" : try begin(control)
    var bulk: BulkLoad?
    if let process { bulk = try beginBulk(control, setup, run, process) }
    let budget = ErrorBudget(plan.spec.load)
    var worker = Worker(
      setup: setup.assembly,
      source: BatchSource(
        inputs: plan.inputs, format: plan.spec.source.format,
        batchBytes: plan.spec.load.batchBytes),
      batchRule: plan.batchRule
        + (plan.options.isRestart || plan.retry != nil ? Array(run.utf8) : []),
      totals: totals, rejects: rejects, progress: progress,
      budget: plan.options.isDryRun || plan.retry != nil ? nil : budget, stop: stop)
    var failure: RunError?
    do {
      if let index = plan.retry { worker.retry = try makeSource(index, setup, target, totals) }
      if plan.options.isDryRun {
        try await judge(worker, setup, target)
        if plan.retry == nil, let excess = totals.excess(over: budget) {
          failure = RunError(.overBudget, excess, hint: "a load would stop there")
        }
      } else {
        try await load(worker, setup, target, run)
      }
    } catch { failure = try Self.failure(error) }
    if bulk == .rebuild { failure = try await restore(target, after: failure) }
    var report = makeReport(
      totals.current, failure, startedAt, StageClock.nanoseconds(since: clock))
    report.strategy = bulk
    if failure == nil, !report.isBalanced {
      failure = RunError(
        .failed,
        "the counts do not balance: "
          + report.imbalances.map(\.description).joined(separator: "; "))
      report.outcome = .failed
      report.failure = failure?.message
    }
    if !plan.options.isDryRun { try finish(target, run, report) }
    try RunError.onFiles { () throws(FileError) in try report.write(to: plan.reportDirectory) }
    return RunResult(report: report, failure: failure)
  }

  /// What ends a run early, as its report and the command tell it.
  private static func failure(_ error: any Error) throws -> RunError {
    switch error {
    case let error as RunError: return error
    case let error as PostgresError:
      return RunError(error.reason == .connect ? .unreachable : .failed, error.description)
    case let error as FileError: return RunError(.fileAccess, error.description)
    default: throw error
    }
  }

  /// Makes again what the load took off, whatever its end was.
  ///
  /// - Returns: what ends the run: `failure`, or else that something could not be made.
  private func restore(
    _ target: ConnectionTarget, after failure: RunError?
  ) async throws -> RunError? {
    if let failure, stop.received != nil {
      // After a signal the user waits, and an index takes its time.
      return RunError(
        failure.kind, failure.message,
        hint:
          "the same command goes on where this one stopped, and restores the indexes that are off; "
          + "convoy doctor --repair restores them at once")
    }
    do {
      _ = try await Restoration(target, connections: plan.workers, stop: stop)
        .run(holding: plan.spec.name)
      return failure
    } catch {
      let later = try Self.failure(error)
      return failure ?? later
    }
  }

  private func beginBulk(
    _ control: borrowing PostgresConnection, _ setup: Preparation, _ run: String, _ locking: Int
  ) throws -> BulkLoad {
    try BulkLoad.begin(
      plan.retry == nil ? plan.spec.load.strategy : .online, run: run, pipeline: plan.spec.name,
      inputBytes: plan.inputBytes,
      sessions: setup.assembly.sessionLayout.table, messages: setup.assembly.messageLayout.table,
      own: [control.backendProcess, locking], on: control)
  }

  /// Begins the run in the ledger; refuses to mix two mappings or two states of an input in one load.
  private func begin(_ control: borrowing PostgresConnection) throws -> String {
    try Ledger.prepare(control)
    guard plan.retry == nil else {
      // Rejects are no part of what an unfinished run goes on with: it is neither asked nor told.
      return try record(control)
    }
    let known = InputGuard(
      pipeline: plan.spec.name, rule: plan.ruleText, inputs: plan.inputs)
    let differences = plan.options.isRestart ? [] : try known.differences(control)
    guard differences.isEmpty else {
      throw RunError(
        .failed,
        differences.joined(separator: "\n")
          + "\nnothing was loaded: the last run did not finish, and this is not what it was loading",
        hint: "--restart loads it all the same; rows that are there stay as they are")
    }
    let run = try record(control)
    try known.record(control, run: run)
    return run
  }

  private func record(_ control: borrowing PostgresConnection) throws -> String {
    let details = RunRecord.Details(
      work: plan.retry == nil ? "load" : "retry",
      inputs: plan.inputs.prefix(RunRecord.Details.inputLimit).map(\.path),
      inputCount: plan.inputs.count)
    return try Ledger.begin(
      control, pipeline: plan.spec.name, version: Self.version, details: details.json())
  }

  private func makeSource(
    _ index: RetryIndex, _ setup: Preparation, _ target: ConnectionTarget, _ totals: RunTotals
  ) throws -> RetrySource {
    for damage in index.damages {
      totals.note(
        .rejectDamaged, at: Place(input: 0, line: damage.line, byteOffset: 0, byteLength: 0),
        damage.reason)
    }
    let connection = try PostgresConnection(target, applicationName: "convoy retry")
    return try RetrySource(
      index, batchBytes: plan.spec.load.batchBytes,
      lookup: SessionLookup(connection, setup.assembly))
  }

  private func finish(
    _ target: ConnectionTarget, _ run: String, _ report: RunReport
  ) throws {
    // A connection of its own: the first one may not have lived through hours of idling.
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    let counts = String(decoding: try JSONEncoder().encode(report.total), as: UTF8.self)
    let details = RunRecord.Details(
      batches: RunRecord.Batches(
        total: report.batches.total, committed: report.batches.committed,
        alreadyCommitted: report.batches.alreadyCommitted, merged: report.batches.merged))
    try Ledger.finish(
      control, run: run, outcome: report.outcome.rawValue, counts: counts, details: details.json())
    guard report.outcome == .done || report.outcome == .rejects else { return }
    // The run itself is through: what is not forgotten now is forgotten after the next one.
    try? Ledger.prune(
      control, pipeline: plan.spec.name, keepSeconds: plan.spec.ledger.keepSeconds)
  }

  private func load(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget, _ run: String
  ) async throws {
    for worker in worker.phases {
      try await withThrowingTaskGroup { group in
        for number in 0..<plan.workers {
          group.addTask(executorPreference: WorkerThread(number: number)) {
            var sink = try TableSink(
              target, applicationName: "convoy worker \(number)", stop: worker.stop, run: run,
              sessions: setup.assembly.sessionLayout, messages: setup.assembly.messageLayout,
              merge: setup.merge, scope: setup.scope)
            try worker.run(&sink)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  private func judge(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget
  ) async throws {
    let connection = try PostgresConnection(target, applicationName: "convoy dry run")
    stop.add(try connection.canceller())
    let judge = try DryRunJudge(connection, judging: setup.merge)
    for worker in worker.phases {
      try await withThrowingTaskGroup { group in
        for number in 0..<plan.workers {
          group.addTask(executorPreference: WorkerThread(number: number)) {
            var sink = DryRunSink(judge)
            try worker.run(&sink)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  private func makeReport(
    _ sums: RunTotals.Sums, _ failure: RunError?, _ startedAt: String, _ nanoseconds: Int64
  ) -> RunReport {
    var report = RunReport(
      version: Self.version, pipelineName: plan.spec.name, pipelineFile: plan.file,
      mode: plan.options.isDryRun ? .dryRun : .load, outcome: .done,
      target: plan.target.description, startedAt: startedAt,
      finishedAt: RunReport.timestamp())
    report.seconds = Double(nanoseconds) / 1e9
    report.inputs = plan.inputs.map { input in
      RunReport.Input(
        path: input.path,
        dialect: plan.retry != nil && input.index == 0 ? nil : plan.spec.source.format.rawValue,
        bytes: sums.bytes[Int(input.index)],
        compressedBytes: sums.isCompressed[Int(input.index)] ? input.size : nil,
        tally: sums.tallies[Int(input.index)])
    }
    report.findings = sums.findings
    report.stages = sums.stages
    report.batches = sums.batches
    report.rejectLines = sums.rejectLines
    report.bytesRead = sums.storedBytes
    report.peakMemoryBytes = PeakMemory.residentBytes()
    report.workers = plan.workers
    report.batchBytes = plan.spec.load.batchBytes
    report.batchRows = plan.spec.load.batchRows
    report.rowsWritten = [
      .init(table: "exai_sessions", rows: plan.options.isDryRun ? 0 : sums.sessionRows),
      .init(table: "exai_messages", rows: plan.options.isDryRun ? 0 : sums.messageRows),
    ]
    if let failure {
      report.failure = failure.message
      report.outcome =
        switch failure.kind {
        case .interrupted: .interrupted
        case .overBudget: .overBudget
        default: .failed
        }
    } else if sums.rejectLines > 0 || sums.findings.total(.inputUnreadable) > 0
      || sums.findings.total(.sessionRejected) > 0 || sums.findings.total(.rejectDamaged) > 0
    {
      report.outcome = .rejects
    }
    return report
  }
}
