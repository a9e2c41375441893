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

  let plan: RunPlan
  private let progress: Progress
  private let stop: StopSignal

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - progress: told once a batch how far the run is.
  ///   - stop: asked between batches.
  public init(_ plan: RunPlan, progress: Progress, stop: StopSignal) {
    self.plan = plan
    self.progress = progress
    self.stop = stop
  }

  /// Runs to the end, or to the first failure or signal.
  ///
  /// - Returns: the report, and the error that ended the run early, if one did.
  /// - Throws: ``RunError`` or `PostgresError` when nothing could be begun.
  public func run() async throws -> RunResult {
    guard !plan.options.isOffline else { return try await runOffline() }
    let target = try await plan.target.connectionTarget(startingLocal: true)
    guard !plan.options.isDryRun else { return try await run(on: target) }
    let lock = try RunLock(target, pipeline: plan.spec.name)
    let result = try await run(on: target)
    // A lock whose connection broke is gone already.
    try? lock.release()
    return result
  }

  private func run(on target: ConnectionTarget) async throws -> RunResult {
    let startedAt = RunReport.timestamp()
    let clock = ContinuousClock.now
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    let setup = try Preparation(plan, control)
    let totals = makeTotals()
    // Before the ledger knows of the run: a directory that cannot be written must not leave one behind.
    let rejects = try makeRejectFile()
    let run = plan.options.isDryRun ? "" : try begin(control)
    let worker = makeWorker(
      setup.assembly, plan.batchRule + (plan.options.isRestart ? Array(run.utf8) : []), totals,
      rejects)
    let ending = try await failure(of: {
      if plan.options.isDryRun {
        try await judge(worker, setup, target)
      } else {
        try await load(worker, setup, target, run)
      }
    })
    let result = conclude(totals, ending, startedAt, clock)
    if !plan.options.isDryRun { try finish(target, run, result.report) }
    try write(result.report)
    return result
  }

  func makeTotals() -> RunTotals {
    let totals = RunTotals(inputCount: plan.inputs.count, sampleLimit: plan.spec.report.samples)
    for problem in plan.unreadable {
      totals.note(
        .inputUnreadable, at: Place(input: -1, line: 0, byteOffset: 0, byteLength: 0), problem)
    }
    return totals
  }

  func makeRejectFile() throws -> RejectFile {
    try RunError.onFiles { () throws(FileError) in
      try plan.reportDirectory.create()
      try plan.reportDirectory.removeReport()
      return try RejectFile(in: plan.reportDirectory)
    }
  }

  func makeWorker(
    _ setup: AssemblySetup, _ batchRule: [UInt8], _ totals: RunTotals, _ rejects: RejectFile
  ) -> Worker {
    Worker(
      setup: setup,
      source: BatchSource(
        inputs: plan.inputs, format: plan.spec.source.format,
        batchBytes: plan.spec.load.batchBytes),
      batchRule: batchRule, totals: totals, rejects: rejects, progress: progress, stop: stop)
  }

  /// Does the work, and says what ended it early, if anything did.
  func failure(of work: () async throws -> Void) async throws -> RunError? {
    do {
      try await work()
      return nil
    } catch let error as RunError {
      return error
    } catch let error as PostgresError {
      return RunError(error.reason == .connect ? .unreachable : .failed, error.description)
    } catch let error as FileError {
      return RunError(.fileAccess, error.description)
    }
  }

  /// Makes the report; counts that do not balance fail the run.
  func conclude(
    _ totals: RunTotals, _ ending: RunError?, _ startedAt: String,
    _ clock: ContinuousClock.Instant
  ) -> RunResult {
    var failure = ending
    var report = makeReport(
      totals.current, failure, startedAt, StageClock.nanoseconds(since: clock))
    if failure == nil, !report.isBalanced {
      failure = RunError(
        .failed,
        "the counts do not balance: "
          + report.imbalances.map(\.description).joined(separator: "; "))
      report.outcome = .failed
      report.failure = failure?.message
    }
    return RunResult(report: report, failure: failure)
  }

  func write(_ report: RunReport) throws {
    try RunError.onFiles { () throws(FileError) in try report.write(to: plan.reportDirectory) }
  }

  /// Begins the run in the ledger; refuses to mix two mappings or two states of an input in one load.
  private func begin(_ control: borrowing PostgresConnection) throws -> String {
    try Ledger.prepare(control)
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
    let run = try Ledger.begin(control, pipeline: plan.spec.name, version: Self.version)
    try known.record(control, run: run)
    return run
  }

  private func finish(
    _ target: ConnectionTarget, _ run: String, _ report: RunReport
  ) throws {
    // A connection of its own: the first one may not have lived through hours of idling.
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    let counts = String(decoding: try JSONEncoder().encode(report.total), as: UTF8.self)
    try Ledger.finish(control, run: run, outcome: report.outcome.rawValue, counts: counts)
  }

  private func load(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget, _ run: String
  ) async throws {
    try await withThrowingTaskGroup { group in
      for number in 0..<plan.workers {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          var sink = try TableSink(
            target, applicationName: "convoy worker \(number)", stop: worker.stop, run: run,
            sessions: setup.assembly.sessionLayout, messages: setup.assembly.messageLayout,
            merge: setup.merge)
          try worker.run(&sink)
        }
      }
      try await group.waitForAll()
    }
  }

  private func judge(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget
  ) async throws {
    let connection = try PostgresConnection(target, applicationName: "convoy dry run")
    stop.add(try connection.canceller())
    let judge = try DryRunJudge(
      connection, sessions: setup.assembly.sessionLayout,
      messages: setup.assembly.messageLayout)
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
        path: input.path, dialect: plan.spec.source.format.rawValue,
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
      if case .interrupted = failure.kind {
        report.outcome = .interrupted
      } else {
        report.outcome = .failed
      }
    } else if sums.rejectLines > 0 || sums.findings.total(.inputUnreadable) > 0
      || sums.findings.total(.sessionRejected) > 0
    {
      report.outcome = .rejects
    }
    return report
  }
}
