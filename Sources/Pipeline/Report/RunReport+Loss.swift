/// Whether the data can be loaded, and what is lost if it is.
extension RunReport {
  /// The answer a person wants first.
  enum Answer: String, Sendable {
    /// Everything loads.
    case yes
    /// It loads but for what ``losses`` name.
    case yesWithLosses = "yes-with-losses"
    /// It does not.
    case no
    /// The run did not get far enough to tell.
    case unknown
  }

  /// Something that is not in the target afterwards as the source has it.
  struct Loss: Sendable {
    var count: Int
    /// What it is, after the number.
    var what: String
    var severity: Severity
  }

  var answer: Answer {
    switch outcome {
    case .failed, .overBudget: .no
    case .interrupted: .unknown
    case .done, .rejects: losses.contains { $0.severity == .error } ? .yesWithLosses : .yes
    }
  }

  /// What is left out, then what is changed, then what is left out on purpose.
  var losses: [Loss] {
    let total = self.total
    var found: [Loss] = []
    func add(_ count: Int, _ one: String, _ many: String, _ severity: Severity) {
      guard count > 0 else { return }
      found.append(Loss(count: count, what: count == 1 ? one : many, severity: severity))
    }
    add(total.sessions.rejected, "session rejected", "sessions rejected", .error)
    add(total.messages.rejected, "message rejected", "messages rejected", .error)
    add(total.files.rejected, "file rejected", "files rejected", .error)
    add(findings.total(.inputUnreadable), "input not read", "inputs not read", .error)
    add(findings.total(.statementUnread), "statement not read", "statements not read", .error)
    add(findings.total(.tableCase), "table not read", "tables not read", .error)
    for rule in [Rule.textReplaced, .textMarked, .valueRange, .fieldDropped] {
      let count = findings.total(rule)
      add(count, "finding of \(rule.title)", "findings of \(rule.title)", .warning)
    }
    let filtered = total.kinds.reduce(0) { $0 + $1.counts.filtered }
    add(
      filtered, "record left out as the pipeline says", "records left out as the pipeline says",
      .info)
    return found
  }

  /// The answer in a few words.
  var headline: String {
    switch (answer, mode) {
    case (.yes, .dryRun): "Yes, all of it can be loaded"
    case (.yesWithLosses, .dryRun): "It can be loaded, but not all of it"
    case (.no, .dryRun): outcome == .overBudget ? "No, a load would stop" : "No, the dry run failed"
    case (.unknown, .dryRun): "Not known, the dry run was interrupted"
    case (.yes, .load): "Loaded, and nothing was left out"
    case (.yesWithLosses, .load): "Loaded, but not all of it"
    case (.no, .load): outcome == .overBudget ? "Stopped, too much is wrong" : "The load failed"
    case (.unknown, .load): "Interrupted, the same command goes on"
    }
  }

  /// Findings of a severity.
  func findingCount(_ severity: Severity) -> Int {
    rankedFindings.reduce(0) { $0 + (rules.severity(of: $1.rule) == severity ? $1.total : 0) }
  }
}
