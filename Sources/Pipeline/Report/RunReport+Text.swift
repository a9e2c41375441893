/// The summary a run prints on stdout.
extension RunReport {
  private static let findingLines = 5
  private static let imbalanceLines = 2
  private static let changeLineLimit = 2
  private static let messageWidth = 100

  /// The summary: verdict, counts, stages, findings, where the rest is, throughput; 25 lines at most.
  /// - Parameters:
  ///   - directory: where report and rejects were written; nil when they were not.
  ///   - colour: whether to colour verdict and severities, as only a terminal wants.
  /// - Returns: whole lines; control characters from the data are escaped.
  public func text(directory: ReportDirectory?, colour: Bool) -> String {
    let paint = Paint(isOn: colour)
    var lines = [paint(verdict.printable, verdictColour), ""]
    lines += countLines + imbalanceLines(paint) + [""]
    lines.append("stages   " + stageText)
    lines += findingLines(paint) + changeLines
    if let estimate {
      lines.append(
        "load     \(Quantity.duration(estimate.seconds)) for \(Quantity.counted(estimate.rows, "row")), "
          + estimate.basisText)
    }
    if let files { lines += fileLines(files) }
    if let directory { lines += placeLines(directory) }
    if let plan { lines += planLines(plan, paint) }
    lines.append("rate     " + rateText)
    return lines.joined(separator: "\n") + "\n"
  }

  private var verdictColour: Paint.Colour {
    switch outcome {
    case .done: .green
    case .rejects, .interrupted: .yellow
    case .failed, .overBudget: .red
    }
  }

  private var countLines: [String] {
    let kinds = shownKinds
    let header = [""] + Counts().columns.map(\.name)
    let rows = kinds.map { kind, counts in [kind] + counts.columns.map { String($0.value) } }
    return Self.aligned([header] + rows, leftColumns: 1)
  }

  private func imbalanceLines(_ paint: Paint) -> [String] {
    let imbalances = self.imbalances
    var lines = imbalances.prefix(Self.imbalanceLines).map {
      paint("counts do not balance: ", .red) + $0.description.printable
    }
    let rest = imbalances.count - lines.count
    if rest > 0 { lines.append("and \(rest) more") }
    return lines
  }

  private var stageText: String {
    let times = Stage.allCases.map {
      "\($0.rawValue) \(Quantity.duration(stages[$0].seconds))"
    }
    let sum = workers > 1 ? " (summed over \(workers) workers)" : ""
    return times.joined(separator: ", ") + sum
  }

  private func findingLines(_ paint: Paint) -> [String] {
    let ranked = rankedFindings
    let shown = ranked.prefix(Self.findingLines)
    let columns = Self.aligned(
      shown.map { [rules.severity(of: $0.rule).rawValue, $0.rule.rawValue, String($0.total)] },
      leftColumns: 2)
    var lines = zip(shown, columns).map { finding, columns in
      let severity = rules.severity(of: finding.rule)
      let name = paint(severity.rawValue, severity.colour)
      return name + columns.dropFirst(severity.rawValue.count) + sampleText(finding.samples.first)
        + capText(finding.total, kept: finding.samples.count)
    }
    if ranked.count > shown.count {
      lines.append("and \(Quantity.counted(ranked.count - shown.count, "rule")) more")
    }
    return lines
  }

  /// What the pipeline could be told so that many of the rejects load.
  private var changeLines: [String] {
    let helped = clusters.ranked.compactMap { cluster in
      cluster.change?.setting.map { (setting: $0, total: cluster.total) }
    }
    return helped.prefix(Self.changeLineLimit).map { setting, total in
      "change   \(setting.printable.cut(to: Self.messageWidth)) for "
        + Quantity.counted(total, "reject")
    }
  }

  private func sampleText(_ sample: Finding?) -> String {
    guard let sample else { return "" }
    let message = sample.message.printable.cut(to: Self.messageWidth)
    guard let path = inputPath(of: sample.place) else { return "  \(message)" }
    // Of a file as a whole the message names the path.
    guard sample.place.line > 0 else { return "  \(message)" }
    return "  \(message) (\(path.printable):\(sample.place.line))"
  }

  /// A capped list says so beside its true total.
  private func capText(_ total: Int, kept: Int) -> String {
    total > kept ? "; \(kept) of \(total) kept as samples" : ""
  }

  private func fileLines(_ files: FileFigures) -> [String] {
    var lines = [
      "files    " + files.text(isDryRun: mode == .dryRun), "store    " + files.store.printable,
    ]
    if let estimate = files.estimate {
      lines.append("uploads  \(Quantity.duration(estimate.seconds)), \(estimate.basisText)")
    }
    return lines
  }

  private func placeLines(_ directory: ReportDirectory) -> [String] {
    var lines = [
      "page     " + directory.pagePath.printable, "report   " + directory.reportPath.printable,
    ]
    if rejectLines > 0 {
      let count = Quantity.counted(rejectLines, "line")
      lines.append("rejects  \(directory.rejectsPath.printable) (\(count))")
    }
    return lines
  }

  private func planLines(_ plan: Plan, _ paint: Paint) -> [String] {
    let file = plan.file.printable
    guard let differences = plan.differences else { return ["plan     \(file)"] }
    guard let first = differences.first else { return ["plan     as predicted by \(file)"] }
    let rest = differences.count > 1 ? " (and \(differences.count - 1) more)" : ""
    return [
      "plan     " + paint("not as predicted by \(file): \(first.printable)\(rest)", .red)
    ]
  }

  private var rateText: String {
    let rows = Quantity.short(rowsPerSecond) + " rows/s"
    let bytes = Quantity.bytes(bytesPerSecond) + "/s"
    return "\(rows), \(bytes), peak memory \(Quantity.memory(peakMemoryBytes))"
  }

  /// Columns two blanks apart, numbers to the right.
  static func aligned(_ rows: [[String]], leftColumns: Int) -> [String] {
    guard let first = rows.first else { return [] }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column < leftColumns ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }
  }
}

/// Terminal colours, or none.
private struct Paint {
  enum Colour: Int {
    case red = 31
    case green, yellow
  }

  var isOn: Bool

  func callAsFunction(_ text: String, _ colour: Colour?) -> String {
    guard isOn, let colour else { return text }
    return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }
}

extension Severity {
  fileprivate var colour: Paint.Colour? {
    switch self {
    case .error: .red
    case .warning: .yellow
    case .info: nil
    }
  }
}
