internal import Archive
internal import Postgres

/// A plan that a load is held to.
struct HeldPlan: Sendable {
  let path: String
  let plan: PlanFile
  /// Names it in the ledger.
  let sha256: String

  /// - Throws: ``RunError`` when there is no such plan.
  init(_ path: String) throws(RunError) {
    self.path = path
    (plan, sha256) = try PlanFile.read(path)
  }

  /// What stands for facts the source does not have, by table and column.
  var defaults: [String: [String: String]] {
    Dictionary(plan.tables.map { ($0.name, $0.defaults) }) { first, _ in first }
  }

  /// Whether a load has begun that was held to this plan.
  func hasBegun(_ connection: borrowing PostgresConnection) throws(PostgresError) -> Bool {
    let known = try connection.query(
      "SELECT to_regclass('convoy.runs') IS NOT NULL AND \(Ledger.hasDetails)")
    guard known.first?.isTrue(0) == true else { return false }
    return try connection.query(
      "SELECT EXISTS (SELECT FROM convoy.runs WHERE details ->> 'plan' = $1)", [sha256]
    ).first?.isTrue(0) == true
  }
}

/// Plans: made by dry runs, kept by loads.
extension Runner {
  /// Whether this run leaves a plan.
  ///
  /// What comes through a pipe cannot be there again, and rejects are no inputs of the pipeline.
  var makesPlan: Bool {
    plan.options.isDryRun && plan.retry == nil && plan.inputBytes != nil
  }

  /// What is so before the first row, where a plan is made or kept; without counts.
  ///
  /// - Throws: ``RunError`` when a load is held to a plan, and anything is not as that found it.
  func foretell(
    _ setup: Preparation, _ held: HeldPlan?, _ control: borrowing PostgresConnection
  ) async throws -> (facts: PlanFile?, isResumed: Bool) {
    guard makesPlan || held != nil else { return (nil, false) }
    var facts = try facts(setup, control)
    guard let held else {
      try RunError.onFiles { () throws(FileError) in try plan.reportDirectory.removePlan() }
      return (facts, false)
    }
    let digests = try await InputDigests.read(plan.inputs, threads: plan.workers, stop: stop)
    for index in facts.inputs.indices { facts.inputs[index].sha256 = digests[index] }
    let isResumed = try held.hasBegun(control)
    let changes = held.plan.changes(facts, isResumed: isResumed)
    guard changes.isEmpty else {
      throw RunError(
        .failed,
        changes.joined(separator: "\n")
          + "\nnothing was loaded: this is not what \(held.path) was made for",
        hint: "convoy run PIPELINE --dry-run makes a new plan")
    }
    return (facts, isResumed)
  }

  /// Writes the plan of a dry run, or compares a load with the one it is held to.
  func conclude(
    _ counted: PlanFile, _ held: HeldPlan?, isResumed: Bool, _ result: inout RunResult
  ) throws {
    guard let held else {
      guard result.failure == nil else { return }
      try counted.write(plan.reportDirectory.planPath)
      result.report.plan = RunReport.Plan(file: plan.reportDirectory.planPath)
      return
    }
    result.report.plan = RunReport.Plan(file: held.path)
    guard result.failure == nil else { return }
    let differences = held.plan.differences(counted, isResumed: isResumed)
    result.report.plan?.differences = differences
    guard !differences.isEmpty else { return }
    result.failure = RunError(
      .unforeseen,
      (["not as \(held.path) says:"] + differences).joined(separator: "\n"),
      hint: "what was loaded stays")
  }

  private func facts(
    _ setup: Preparation, _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> PlanFile {
    let rule = plan.ruleText.split(separator: "\n").map(String.init)
    return PlanFile(
      version: Self.version, madeAt: RunReport.timestamp(), target: plan.target.description,
      pipeline: PlanFile.Pipeline(
        name: plan.spec.name, file: plan.file,
        sha256: String(decoding: hexText(plan.batchRule), as: UTF8.self)),
      rule: rule,
      inputs: plan.inputs.map { input in
        // A file that is gone by now has no time; reading it says so.
        let state = input.isTable ? nil : try? InputFingerprint(path: input.path)
        return PlanFile.Input(
          path: input.path, bytes: input.size ?? 0,
          modifiedAtNanoseconds: state?.modificationTimeNanoseconds ?? 0,
          fingerprint: String(decoding: hexText(input.fingerprint ?? []), as: UTF8.self),
          sha256: "", tally: Tally())
      }, batches: 0, rejectLines: 0, total: Tally(),
      tables: [
        try table(setup.assembly.sessionLayout, "exai_sessions", except: .id, control),
        try table(setup.assembly.messageLayout, "exai_messages", except: .id, control),
      ])
  }

  private func table<Field>(
    _ layout: RowLayout<Field>, _ name: String, except id: Field,
    _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> PlanFile.Table {
    let definition = try TableDefinition(layout.table, control)
    var defaults: [String: String] = [:]
    for column in layout.columns where column.field != id {
      defaults[column.name] = column.absentText
    }
    return PlanFile.Table(
      name: name, rowsBefore: definition.rows, rowsWritten: 0, rowsEncoded: 0, checksum: "",
      defaults: defaults, definition: definition.lines)
  }
}

extension PlanFile {
  /// The same with what a run has counted.
  func counting(_ sums: RunTotals.Sums, digests: [String]) -> PlanFile {
    var plan = self
    for index in plan.inputs.indices {
      plan.inputs[index].tally = sums.tallies[index]
      plan.total += sums.tallies[index]
      if digests.indices.contains(index) { plan.inputs[index].sha256 = digests[index] }
    }
    plan.batches = sums.batches.total
    plan.rejectLines = sums.rejectLines
    let counted = [
      (sums.sessionRows, sums.sessionChecksum), (sums.messageRows, sums.messageChecksum),
    ]
    for (index, (rows, checksum)) in counted.enumerated() {
      plan.tables[index].rowsWritten = rows
      plan.tables[index].rowsEncoded = checksum.rows
      plan.tables[index].checksum = checksum.text
    }
    return plan
  }
}
