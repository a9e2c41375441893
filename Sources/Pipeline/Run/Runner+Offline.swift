internal import Archive
/// A dry run without a target: everything up to encoded rows, and every rule that needs no server.
extension Runner {
  func runOffline() async throws -> RunResult {
    let startedAt = RunReport.timestamp()
    let clock = ContinuousClock.now
    let setup = try AssemblySetup(offline: plan, now: .now)
    // A former run's plan is not this one's.
    try RunError.onFiles { () throws(FileError) in try plan.reportDirectory.removePlan() }
    let totals = makeTotals()
    let context = ReportContext(
      setup, previous: plan.reportDirectory.previousReport(of: plan.spec.name))
    let worker = makeWorker(setup, plan.batchRule, totals, try plan.reportDirectory.begin())
    let judge = OfflineJudge(directory: plan.reportDirectory.path, setup)
    let ending = try await failure {
      try await readTables(worker)
      for worker in worker.phases {
        try await withThrowingTaskGroup { group in
          for number in 0..<plan.workers {
            group.addTask(executorPreference: WorkerThread(number: number)) {
              var sink = OfflineSink(judge)
              try await worker.run(&sink)
            }
          }
          try await group.waitForAll()
        }
      }
      try noteRunFindings(worker, totals)
      try checkBudget(totals)
    }
    let repeated = try RunError.onFiles { () throws(FileError) in try judge.repeated() }
    totals.countRepeated(sessions: repeated.sessions, messages: repeated.messages)
    let copies = try RunError.onFiles { () throws(FileError) in try judge.copies() }
    totals.countRepeated(sessions: [:], messages: copies)
    let result = conclude(
      totals,
      ending ?? conflict("session", plan.spec.load.conflict.sessions, repeated.sessions)
        ?? conflict("message", plan.spec.load.conflict.messages, repeated.messages), startedAt,
      clock, context)
    try plan.reportDirectory.write(result.report, junitPath: plan.options.junitPath)
    return result
  }

  /// What ends a load whose policy allows no row twice, if the inputs have one twice.
  private func conflict(
    _ kind: String, _ policy: ConflictPolicy, _ repeated: [Int32: Int]
  ) -> RunError? {
    guard policy == .fail, let first = repeated.min(by: { $0.key < $1.key }) else { return nil }
    return RunError(
      .failed,
      "\(plan.inputs[Int(first.key)].path): \(first.value) \(kind)s the inputs have before",
      hint: "load.conflict.\(kind)s is fail; skip leaves such rows, update takes the later state")
  }
}
