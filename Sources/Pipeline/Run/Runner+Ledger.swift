internal import Foundation
internal import Postgres

/// What the ledger is asked and told of a run.
extension Runner {
  /// Begins the run in the ledger; refuses to mix two mappings or two states of an input in one load.
  ///
  /// `held` is the plan that the load is held to, if it is to one.
  func begin(
    _ control: borrowing PostgresConnection, heldTo held: HeldPlan?
  ) throws -> String {
    try Ledger.prepare(control)
    guard plan.retry == nil else {
      // Rejects are no part of what an unfinished run goes on with: it is neither asked nor told.
      return try record(control, nil)
    }
    let known = InputGuard(
      pipeline: plan.spec.name, rule: plan.ruleText, inputs: plan.inputs)
    var differences = plan.options.isRestart ? [] : try known.differences(control)
    if differences.isEmpty, !plan.options.isRestart {
      differences = try PieceCheck(pipeline: plan.spec.name, inputs: plan.inputs, stop: stop)
        .differences(control)
    }
    guard differences.isEmpty else {
      throw RunError(
        .failed,
        differences.joined(separator: "\n")
          + "\nnothing was loaded: the last run did not finish, and this is not what it was loading",
        hint: "--restart loads it all the same; rows that are there stay as they are")
    }
    let run = try record(control, held)
    try known.record(control, run: run)
    return run
  }

  private func record(
    _ control: borrowing PostgresConnection, _ held: HeldPlan?
  ) throws -> String {
    let details = RunRecord.Details(
      work: plan.retry == nil ? "load" : "retry",
      isRestart: plan.options.isRestart ? true : nil,
      inputs: plan.inputs.prefix(RunRecord.Details.inputLimit).map(\.path),
      inputCount: plan.inputs.count, plan: held?.sha256)
    return try Ledger.begin(
      control, pipeline: plan.spec.name, version: Self.version, details: details.json())
  }

  /// How fast earlier loads into this target were; nil where its ledger does not tell.
  func earlierRate(_ control: borrowing PostgresConnection) -> LoadEstimate.Rate? {
    // A role may check data without being let into the ledger; then there is another rate.
    guard let runs = try? RunRecord.latest(50, from: control) else { return nil }
    var rate = LoadEstimate.Rate()
    for run in runs where run.work == "load" && run.outcome == RunReport.Outcome.done.rawValue {
      guard let counts = run.counts, let seconds = run.seconds, seconds > 0 else { continue }
      let rows = counts.kinds.reduce(0) { $0 + $1.counts.inserted + $1.counts.updated }
      guard rows > 0 else { continue }
      rate.runs += 1
      rate.rows += rows
      rate.seconds += seconds
    }
    return rate
  }

  func finish(
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
}
