/// Inputs, the worst first, and what the run cost.
extension RunReport {
  private static let shownInputs = 50

  func writeInputs(_ page: inout HTMLWriter) {
    let all = inputs.indices.map { index in
      let findings = findings(of: index)
      return (
        input: inputs[index], findings: findings,
        rejected: inputs[index].tally.kinds.reduce(0) { $0 + $1.counts.rejected }
      )
    }
    func rank(_ findings: [(severity: Severity, count: Int)], _ severity: Severity) -> Int {
      findings.reduce(0) { $0 + ($1.severity == severity ? $1.count : 0) }
    }
    let worst = all.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      let ranks = [a.rejected, rank(a.findings, .error), rank(a.findings, .warning)]
      let others = [b.rejected, rank(b.findings, .error), rank(b.findings, .warning)]
      return ranks == others ? left.offset < right.offset : others.lexicographicallyPrecedes(ranks)
    }.map(\.element)
    let kinds = shownKinds.map(\.name)
    DataTable(
      id: "inputs-table", caption: "Inputs, those with most rejects and findings first",
      columns: [.text("Input")] + kinds.map { .number($0.capitalised) } + [
        .number("Rejected"),
        .number("Errors"), .number("Warnings"), .number("Infos"), .number("Bytes"),
      ],
      rows: worst.prefix(Self.shownInputs).map { one in
        [.code(one.input.path)]
          + one.input.tally.kinds.filter { kinds.contains($0.name) }.map { .number($0.counts.read) }
          + [.number(one.rejected)] + one.findings.map { .number($0.count) } + [
            .number(one.input.bytes)
          ]
      }
    ).write(to: &page)
    page.cap(min(Self.shownInputs, inputs.count), of: inputs.count, "inputs")
  }

  func writeMeasures(_ page: inout HTMLWriter) {
    if let estimate {
      page.element(
        .p,
        text: "A load of \(Quantity.counted(estimate.rows, "row")) would take about "
          + "\(Quantity.duration(estimate.seconds)), \(estimate.basisText) "
          + "(\(Quantity.short(estimate.rowsPerSecond)) rows/s).")
    }
    if let files { write(files, &page) }
    var rows: [(String, String)] = [
      ("Bytes read", Quantity.bytes(Double(bytesRead))),
      (
        "Rows of sessions as sent to a server",
        "\(Quantity.grouped(facts.sessionRows)), \(Quantity.bytes(Double(facts.sessionBytes)))"
      ),
      (
        "Rows of messages as sent to a server",
        "\(Quantity.grouped(facts.messageRows)), \(Quantity.bytes(Double(facts.messageBytes)))"
      ),
      ("Time", Quantity.duration(seconds)),
      ("Rate", "\(Quantity.short(rowsPerSecond)) rows/s, \(Quantity.bytes(bytesPerSecond))/s"),
      ("Peak memory", Quantity.memory(peakMemoryBytes)),
      ("Workers", "\(workers)"),
      ("Batches", "\(batches.total), up to \(Quantity.memory(batchBytes)) or \(batchRows) rows"),
    ]
    if mode == .load {
      rows.append(
        (
          "Batches committed",
          "\(batches.committed), and \(batches.alreadyCommitted) that were there before"
        ))
    }
    if let strategy { rows.append(("Strategy", strategy.rawValue)) }
    DataTable(
      id: "measures-table", caption: "What the run took",
      columns: [.text("Measure"), .text("Value")],
      rows: rows.map { [.text($0.0), .text($0.1)] }
    ).write(to: &page)
    DataTable(
      id: "stages-table", caption: "Stages, summed over the workers",
      columns: [.text("Stage"), .number("Records"), .number("Time")],
      rows: Stage.allCases.map { stage in
        [
          .code(stage.rawValue), .number(stages[stage].records),
          .seconds(stages[stage].seconds),
        ]
      }
    ).write(to: &page)
  }

  private func write(_ files: FileFigures, _ page: inout HTMLWriter) {
    let isDryRun = mode == .dryRun
    page.element(.p, text: "\(files.text(isDryRun: isDryRun)). Store: \(files.store.cut(to: 200)).")
    if let estimate = files.estimate {
      page.element(
        .p,
        text: "Uploads would take about \(Quantity.duration(estimate.seconds)), "
          + "\(estimate.basisText).")
    }
  }
}
