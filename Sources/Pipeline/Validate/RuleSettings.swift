/// Section `validate` of a pipeline made ready: how bad breaking each rule is, and the limits of some.
public struct RuleSettings: Sendable {
  /// By ``Rule/index``; nil for a rule that is off.
  private let severities: [Severity?]
  let limits: ValidateSpec
  /// The last time that is not in the future.
  let latest: Timestamp
  /// Rules that are off.
  let ignored: RuleSet
  /// Rules that reject only because the pipeline says so.
  let raising: RuleSet
  /// Where files that messages name are looked for; nil to look for none.
  let fileRoots: MentionRoots?
  /// Whether some of these are found out only while a message's row is made.
  let raisesWhileEncoding: Bool

  /// Settles the severities of a run that began at `start`.
  init(_ spec: ValidateSpec, start: Timestamp) {
    var severities: [Severity?] = Array(repeating: nil, count: Rule.allCases.count)
    for rule in Rule.allCases {
      severities[rule.index] = (spec.severity[rule.rawValue]).map(\.severity) ?? rule.severity
    }
    self.severities = severities
    limits = spec
    fileRoots = spec.fileRoots.isEmpty ? nil : MentionRoots(below: spec.fileRoots)
    latest = Timestamp(
      microseconds: start.microseconds + Int64(spec.futureSeconds)
        * Timestamp.microsecondsPerSecond)
    ignored = RuleSet(Rule.allCases.filter { severities[$0.index] == nil })
    let raising = RuleSet(
      Rule.allCases.filter { severities[$0.index] == .error && $0.severity != .error })
    self.raising = raising
    raisesWhileEncoding = [Rule.timeTie, .timeBackward, .valueRange, .fieldDropped]
      .contains { raising.contains($0) }
  }

  /// Every rule with its own severity and limit; no time is in the future.
  public static let defaults = RuleSettings(
    ValidateSpec(), start: Timestamp(microseconds: 1 << 60))

  /// How bad breaking a rule is in this run; its own severity for one that is off, which has no findings.
  public func severity(of rule: Rule) -> Severity { severities[rule.index] ?? rule.severity }

  /// Whether anything looks for a rule's findings.
  func isOn(_ rule: Rule) -> Bool { severities[rule.index] != nil }

  /// An empty log of a run's findings.
  func log(sampleLimit: Int) -> FindingLog {
    FindingLog(sampleLimit: sampleLimit, ignoring: ignored, raising: raising)
  }
}
