internal import Postgres

/// The workers of a run that has a target, and what stands off while they load.
extension Runner {
  func load(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget, _ run: String,
    _ keyIndex: MessageKeyIndex?
  ) async throws {
    for worker in worker.phases {
      try await withThrowingTaskGroup { group in
        for number in 0..<plan.workers {
          group.addTask(executorPreference: WorkerThread(number: number)) {
            var sink = try TableSink(
              target, applicationName: "convoy worker \(number)", stop: worker.stop, run: run,
              sessions: setup.assembly.sessionLayout, messages: setup.assembly.messageLayout,
              merge: setup.merge, scope: setup.scope, keyCheck: setup.keyCheck,
              keyIndex: keyIndex)
            try await worker.run(&sink)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  func judge(
    _ worker: Worker, _ setup: Preparation, _ target: ConnectionTarget
  ) async throws {
    let connection = try PostgresConnection(target, applicationName: "convoy dry run")
    stop.add(try connection.canceller())
    let judge = try DryRunJudge(
      connection, judging: setup.merge, in: setup.scope, keepingRows: worker.sources.count > 1)
    defer { note(judge.unasked, worker.totals) }
    // Rejects that are tried again lead to sessions the target has.
    let isNeeded =
      plan.retry == nil && worker.sources.count == 1 && judge.merge.judged?.areSimple == true
    for worker in worker.phases {
      try await withThrowingTaskGroup { group in
        for number in 0..<plan.workers {
          group.addTask(executorPreference: WorkerThread(number: number)) {
            let probe = try Self.probe(number, isNeeded, judge, setup.scope, target, worker.stop)
            var sink = DryRunSink(judge, probe)
            try await worker.run(&sink)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  private static func probe(
    _ number: Int, _ isNeeded: Bool, _ judge: DryRunJudge, _ scope: TransactionScope,
    _ target: ConnectionTarget, _ stop: StopSignal
  ) throws -> RowProbe? {
    guard isNeeded else { return nil }
    let connection = try PostgresConnection(target, applicationName: "convoy dry run \(number)")
    stop.add(try connection.canceller())
    return try RowProbe(connection, judge.merge, in: scope)
  }

  private func note(_ unasked: [String], _ totals: RunTotals) {
    for what in unasked {
      totals.note(
        .targetUnasked, at: Place(input: -1, line: 0, byteOffset: 0, byteLength: 0), what)
    }
  }

  func makeSource(
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
      lookup: SessionLookup(connection, setup.assembly), spillingTo: spillPlace,
      zone: plan.transform.zones[.messagesDump])
  }

  func beginBulk(
    _ control: borrowing PostgresConnection, _ setup: Preparation, _ run: String, _ locking: Int
  ) throws -> BulkLoad {
    // A later source's messages are compared with those of the sessions that are there, by the indexes.
    let isOneSource = SourceFormat.phases(of: plan.inputs.map(\.dialect)).count < 2
    let strategy =
      plan.spec.load.strategy == .auto && !isOneSource ? .online : plan.spec.load.strategy
    return try BulkLoad.begin(
      plan.retry == nil ? strategy : .online, run: run, pipeline: plan.spec.name,
      inputBytes: plan.inputBytes, sessions: setup.assembly.sessionLayout.table,
      messages: setup.assembly.messageLayout.table, keyCheck: setup.keyCheck,
      own: [control.backendProcess, locking], on: control)
  }
}
