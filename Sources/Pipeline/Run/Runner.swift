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
  let stop: StopSignal
  private let warn: @Sendable (Preflight.Check) -> Void
  /// The database whose tables are read; nil where files are.
  let database: SourceDatabase?

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - progress: told once a batch how far the run is.
  ///   - stop: asked between batches.
  ///   - warn: told what should be changed about the target, before the first row, and about the pipeline where
  ///     its inputs turned out to be something else.
  public init(
    _ plan: RunPlan, progress: Progress, stop: StopSignal,
    warn: @escaping @Sendable (Preflight.Check) -> Void = { _ in }
  ) {
    self.plan = plan
    self.progress = progress
    self.stop = stop
    self.warn = warn
    database = nil
  }

  /// The same run with its source at hand.
  private init(_ runner: Runner, reading database: SourceDatabase) {
    plan = runner.plan.reading(database)
    (progress, stop, warn) = (runner.progress, runner.stop, runner.warn)
    self.database = database
  }

  /// Runs to the end, or to the first failure or signal.
  ///
  /// - Returns: the report, and the error that ended the run early, if one did.
  /// - Throws: ``RunError`` or `PostgresError` when nothing could be begun.
  public func run() async throws -> RunResult {
    guard let source = plan.source, database == nil else {
      let result = try await runRecords()
      if result.report.outcome == .rejects, plan.retry == nil {
        let tallies = result.report.inputs.map(\.tally)
        Preflight.formats(of: plan.inputs, loadedAs: tallies).map(warn)
      }
      return result
    }
    let database = try await SourceDatabase.open(source, stop: stop) { connection, target in
      try Preflight(source: source, connection, target).warnings().forEach(warn)
    }
    defer { database.end() }
    return try await Runner(self, reading: database).runRecords()
  }

  private func runRecords() async throws -> RunResult {
    guard !plan.options.isOffline else { return try await runOffline() }
    let target = try await plan.target.connectionTarget(startingLocal: true)
    guard !plan.options.isDryRun else { return try await run(on: target, lockedBy: nil) }
    return try await RunLock.whileHeld(target, pipeline: plan.spec.name) { process in
      try await run(on: target, lockedBy: process)
    }
  }

  private func run(
    on target: ConnectionTarget, lockedBy process: Int?
  ) async throws -> RunResult {
    let startedAt = RunReport.timestamp()
    let clock = ContinuousClock.now
    let control = try PostgresConnection(target, applicationName: "convoy \(plan.spec.name)")
    try Preflight(control, target: target, inputBytes: plan.inputBytes).warnings().forEach(warn)
    let held = try plan.options.heldPlan.map { try HeldPlan($0) }
    let setup = try Preparation(plan, control, defaults: held?.defaults ?? [:])
    let (facts, isResumed) = try await foretell(setup, held, control)
    if setup.merge.updatedTimes == .lost { warn(.timesLost) }
    let totals = makeTotals()
    // Before the ledger knows of the run: a directory that cannot be written must not leave one behind.
    let context = ReportContext(
      setup.assembly, previous: plan.reportDirectory.previousReport(of: plan.spec.name),
      earlier: plan.options.isDryRun ? earlierRate(control) : nil)
    let rejects = try plan.reportDirectory.begin()
    // A store that cannot be used is told of before anything is loaded.
    let attachment = try await makeAttachment()
    defer { attachment?.discard() }
    let run = plan.options.isDryRun ? "" : try begin(control, heldTo: held)
    var bulk: BulkLoad?
    if let process { bulk = try beginBulk(control, setup, run, process) }
    let keyIndex =
      bulk == .rebuild
      ? MessageKeyIndex(
        among: try DefinitionLedger.pending(control, holding: plan.spec.name)) : nil
    var worker = makeWorker(
      setup.assembly,
      plan.batchRule + (plan.options.isRestart || plan.retry != nil ? Array(run.utf8) : []),
      totals, rejects, fileTables: attachment?.tables)
    worker.isSummed = facts != nil
    worker.attachments = attachment?.log
    worker.embeddings = try attachment?.makeEmbeddingStoring(
      target, totals: totals, rejects: rejects, stop: stop)
    var digests: [String] = []
    let (digested, stop) = (makesPlan ? plan.inputs : [], stop)
    var ending = try await failure {
      if let index = plan.retry { worker.retry = try makeSource(index, setup, target, totals) }
      try await readTables(worker)
      if plan.options.isDryRun {
        async let reading = InputDigests.read(digested, threads: 1, stop: stop)
        try await judge(worker, setup, target)
        try noteRunFindings(worker, totals)
        try checkBudget(totals)
        digests = try await reading
      } else {
        try await load(worker, setup, target, run, keyIndex)
      }
    }
    if !plan.options.isDryRun {
      let loaded = endingOfLoad(ending, totals)
      // What only the whole input tells is found while the server makes its indexes again.
      let restoration = Restoration(target, connections: plan.workers, stop: self.stop)
      let (pipeline, isRebuilt) = (plan.spec.name, bulk == .rebuild)
      async let restored =
        isRebuilt ? restoration.run(holding: pipeline, after: loaded) : loaded
      if loaded == nil {
        ending = try await failure {
          try noteRunFindings(worker, totals)
          if worker.budget != nil { try checkBudget(totals) }
        }
      }
      ending = try await restored ?? endingOfLoad(ending, totals)
    }
    if ending == nil, let attachment {
      ending = try await failure {
        try await attachment.run(
          target, totals: totals, rejects: rejects, progress: progress, stop: stop)
      }
    }
    var result = conclude(totals, ending, startedAt, clock, context, bulk)
    if let counted = facts?.counting(totals.current, digests: digests) {
      try conclude(counted, held, isResumed: isResumed, &result)
    }
    if !plan.options.isDryRun { try finish(target, run, result.report) }
    try plan.reportDirectory.write(result.report, junitPath: plan.options.junitPath)
    return result
  }

  /// Reads the tables of the source, before the first worker asks for a row, and lets go of them.
  func readTables(_ worker: Worker) async throws {
    guard let database else { return }
    progress.expectRead(rows: database.rowCounts.reduce(0, +))
    // One dialect, one phase.
    for source in worker.sources { try await source.read(database, plan.spec, stop: stop) }
    database.end()
    FreedMemory.giveBack()
  }

  private func makeAttachment() async throws(RunError) -> AttachmentRun? {
    guard let attach = plan.attach else { return nil }
    return try await AttachmentRun(plan, attach)
  }

  func makeTotals() -> RunTotals {
    let totals = RunTotals(
      inputCount: plan.inputs.count,
      findings: plan.rules.log(sampleLimit: plan.spec.report.samples))
    for problem in plan.unreadable {
      totals.note(
        .inputUnreadable, at: Place(input: -1, line: 0, byteOffset: 0, byteLength: 0), problem)
    }
    for (table, reason) in plan.source?.passedOver ?? [] {
      totals.note(
        .tableSkipped, at: Place(input: -1, line: 0, byteOffset: 0, byteLength: 0),
        "table \(table.title): \(reason)")
    }
    return totals
  }

  func makeWorker(
    _ setup: AssemblySetup, _ batchRule: [UInt8], _ totals: RunTotals, _ rejects: RejectFile,
    fileTables: FileTables? = nil
  ) -> Worker {
    var setup = setup
    setup.fileTables = fileTables
    return Worker(
      setup: setup,
      sources: makeSources(fileTables),
      batchRule: batchRule, totals: totals, rejects: rejects, progress: progress,
      budget: plan.options.isDryRun || plan.retry != nil ? nil : ErrorBudget(plan.spec.load),
      stop: stop, runRules: plan.retry == nil ? RunRules(directory: plan.reportDirectory.path) : nil
    )
  }

  /// The inputs, those of each phase by themselves; of none where there are no inputs.
  private func makeSources(_ fileTables: FileTables?) -> [BatchSource] {
    let phases = SourceFormat.phases(of: plan.inputs.map(\.dialect))
    return (phases.isEmpty ? [[]] : phases).map { dialects in
      BatchSource(
        inputs: plan.inputs, of: dialects, batchBytes: plan.spec.load.batchBytes,
        spillingTo: spillPlace, fileTables: fileTables,
        dumpZone: plan.transform.zones[.messagesDump])
    }
  }

  /// Where rows wait for the rest of their sessions.
  var spillPlace: SpillPlace {
    SpillPlace(
      directory: plan.reportDirectory.path,
      check: { [stop] () throws(RunError) in try stop.check() },
      note: { [progress] bytes, rows in progress.read(bytes: bytes, rows: rows) })
  }

  /// Counts what is known now that everything has been read.
  func noteRunFindings(_ worker: Worker, _ totals: RunTotals) throws {
    guard let rules = worker.runRules, stop.received == nil else { return }
    var findings = plan.rules.log(sampleLimit: plan.spec.report.samples)
    try rules.findings(into: &findings, inputs: plan.inputs)
    if plan.options.isOffline {
      let merged = try rules.noteOtherSources(into: &findings, inputs: plan.inputs)
      totals.countRepeated(sessions: merged, messages: [:])
    }
    totals.add(findings)
  }

  /// Why a load ended: of one over its budget, with what other workers had under way, which is in by now.
  private func endingOfLoad(_ ending: RunError?, _ totals: RunTotals) -> RunError? {
    guard ending?.kind == .overBudget else { return ending }
    return totals.excess(over: ErrorBudget(plan.spec.load)).map(RunError.init(overBudget:))
  }

  /// Ends a dry run, which goes on to its end, as a load over its budget ends earlier.
  func checkBudget(_ totals: RunTotals) throws(RunError) {
    guard plan.retry == nil, let excess = totals.excess(over: ErrorBudget(plan.spec.load)) else {
      return
    }
    throw RunError(.overBudget, excess, hint: "a load would stop there")
  }

  /// Does the work, and says what ended it early, if anything did.
  func failure(of work: () async throws -> Void) async throws -> RunError? {
    try await RunError.ending(work)
  }
}

extension RunError {
  /// Does the work, and says what ended it early, if anything did.
  static func ending(_ work: () async throws -> Void) async throws -> RunError? {
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
}
