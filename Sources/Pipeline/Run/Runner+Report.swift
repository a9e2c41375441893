/// What a run says of itself at its end.
extension Runner {
  /// Makes the report; counts that do not balance fail the run.
  func conclude(
    _ totals: RunTotals, _ ending: RunError?, _ startedAt: String,
    _ clock: ContinuousClock.Instant, _ context: ReportContext, _ bulk: BulkLoad? = nil
  ) -> RunResult {
    var report = makeReport(totals.current, startedAt, StageClock.nanoseconds(since: clock))
    report.strategy = bulk
    report.mapping = context.mapping
    // A field that gives its value to the messages stays with its session as well, and is known all the same.
    for field in context.mapping { report.facts.unknownSessionFields.remove(field.source) }
    report.previous = context.previous
    report.estimate = LoadEstimate(of: report, earlier: context.earlier)
    return report.concluded(by: ending)
  }

  private func makeReport(
    _ sums: RunTotals.Sums, _ startedAt: String, _ nanoseconds: Int64
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
        dialect: plan.retry != nil && input.index == 0 ? nil : input.dialect.rawValue,
        bytes: sums.bytes[Int(input.index)],
        compressedBytes: sums.isCompressed[Int(input.index)] ? input.size : nil,
        tally: sums.tallies[Int(input.index)])
    }
    report.take(sums)
    report.rules = plan.rules
    report.facts = sums.facts
    report.workers = plan.workers
    report.batchBytes = plan.spec.load.batchBytes
    report.batchRows = plan.spec.load.batchRows
    report.rowsWritten = [
      .init(table: "exai_sessions", rows: plan.options.isDryRun ? 0 : sums.sessionRows),
      .init(table: "exai_messages", rows: plan.options.isDryRun ? 0 : sums.messageRows),
    ]
    if plan.attach != nil, !plan.options.isOffline {
      report.files = sums.files
      report.rowsWritten.append(.init(table: "files", rows: sums.fileRows))
    }
    return report
  }
}

/// What a report says beside what the run counted.
struct ReportContext {
  var mapping: [MappedField]
  var previous: PreviousReport?
  var earlier: LoadEstimate.Rate?

  init(_ setup: AssemblySetup, previous: PreviousReport?, earlier: LoadEstimate.Rate? = nil) {
    mapping = setup.mapping
    self.previous = previous
    self.earlier = earlier
  }
}
