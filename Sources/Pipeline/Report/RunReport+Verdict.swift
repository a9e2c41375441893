/// The first line of the summary: what the run came to.
extension RunReport {
  /// One line without colour.
  var verdict: String {
    switch (outcome, mode) {
    case (.failed, _): failedVerdict
    case (.overBudget, .load):
      "stopped after \(duration): \(failure ?? "over budget"); "
        + (written(joiner: ", ").map { "\($0) loaded before that, and stays" } ?? "nothing loaded")
    case (.overBudget, .dryRun):
      "dry run: a load would stop: \(failure ?? "over budget")" + lossVerdict("would be rejected")
    case (.interrupted, .load):
      "interrupted after \(duration): \(written(joiner: ", ") ?? "nothing") loaded; "
        + "the same command goes on from there"
    case (.interrupted, .dryRun):
      "dry run interrupted after \(duration); counts are of what was read until then"
    case (.done, .load), (.rejects, .load): loadVerdict + lossVerdict("rejected")
    case (.done, .dryRun), (.rejects, .dryRun):
      "dry run: " + dryRunVerdict + lossVerdict("would be rejected")
    }
  }

  private var duration: String { Quantity.duration(seconds) }

  private var loadVerdict: String {
    if let written = written(joiner: ", ") {
      return "loaded \(written) into \(target) in \(duration)"
    }
    guard readRecords > 0 else { return "nothing to load: the inputs hold no records" }
    guard unchangedRows > 0 else { return "nothing loaded" }
    return lossVerdict("").isEmpty
      ? "unchanged: everything is in the target already" : "unchanged: nothing new for the target"
  }

  private var dryRunVerdict: String {
    if let written = written(joiner: " and ") { return "\(written) would be loaded" }
    guard readRecords > 0 else { return "the inputs hold no records" }
    guard unchangedRows > 0 else { return "nothing would be loaded" }
    return "nothing would change: the target has it already"
  }

  private var failedVerdict: String {
    let run = mode == .dryRun ? "dry run failed" : "failed"
    let reason = failure ?? (isBalanced ? "no reason given" : "counts do not balance")
    // What batches committed before the failure stays: the next run goes on from there.
    let kept = mode == .load ? written(joiner: ", ").map { "; \($0) loaded before that" } : nil
    return "\(run) after \(duration): \(reason)\(kept ?? "")"
  }

  /// `; 2 records rejected, 1 input not read`, or nothing.
  private func lossVerdict(_ word: String) -> String {
    var losses: [String] = []
    let rejected = total.kinds.reduce(0) { $0 + $1.counts.rejected }
    if rejected > 0 { losses.append("\(Quantity.counted(rejected, "record")) \(word)") }
    let unread = findings.total(.inputUnreadable)
    if unread > 0 { losses.append("\(Quantity.counted(unread, "input")) not read") }
    let statements = findings.total(.statementUnread)
    if statements > 0 { losses.append("\(Quantity.counted(statements, "statement")) not read") }
    let tables = findings.total(.tableCase)
    if tables > 0 { losses.append("\(Quantity.counted(tables, "table")) not read") }
    return losses.isEmpty ? "" : "; " + losses.joined(separator: ", ")
  }

  /// `12 sessions, 40 messages`; nil when nothing was inserted or updated.
  private func written(joiner: String) -> String? {
    let parts = total.kinds.compactMap { kind, counts -> String? in
      let rows = counts.inserted + counts.updated
      return rows > 0 ? Quantity.counted(rows, String(kind.dropLast())) : nil
    }
    guard let last = parts.last else { return nil }
    guard parts.count > 1 else { return last }
    return parts.dropLast().joined(separator: ", ") + joiner + last
  }

  private var readRecords: Int { total.kinds.reduce(0) { $0 + $1.counts.read } }

  private var unchangedRows: Int { total.kinds.reduce(0) { $0 + $1.counts.unchanged } }
}
