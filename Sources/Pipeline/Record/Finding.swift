/// How bad a finding is.
public enum Severity: String, Sendable, Codable, CaseIterable {
  /// Worth knowing; nothing is lost or changed.
  case info
  /// The row loads, changed, incomplete or doubtful in the way the finding says.
  case warning
  /// A record is not loaded.
  case error
}

/// One problem in the data, with its place.
public struct Finding: Sendable, Hashable {
  /// The rule that was broken.
  public var rule: Rule
  /// Where it was.
  public var place: Place
  /// The source field it is about, when it is about one.
  public var field: String?
  /// What is wrong, in words for a person, without the record's private text.
  public var message: String

  /// Makes a finding.
  public init(rule: Rule, place: Place, field: String? = nil, message: String) {
    self.rule = rule
    self.place = place
    self.field = field
    self.message = message
  }
}

/// Exact totals per rule, and the first few findings of each as samples.
public struct FindingLog: Sendable {
  /// Findings of each rule; exact, never capped.
  public private(set) var totals: [Int]
  /// The first findings of each rule, at most `sampleLimit` of them.
  public private(set) var samples: [[Finding]]
  /// How often each rule was broken in each input.
  private(set) var inputs = InputFindings()
  /// How many samples of a rule are kept.
  public let sampleLimit: Int
  /// Rules that a pipeline has switched off: they are not counted.
  private var ignored = RuleSet()
  /// Rules that reject only because a pipeline says so.
  private var raising = RuleSet()
  /// The first finding of a raising rule since it was taken.
  private var raised: Refusal?

  /// Makes an empty log.
  public init(sampleLimit: Int = 5) {
    self.sampleLimit = sampleLimit
    totals = Array(repeating: 0, count: Rule.allCases.count)
    samples = Array(repeating: [], count: Rule.allCases.count)
  }

  /// Makes an empty log that leaves out the findings of some rules and keeps those of others to be taken.
  init(sampleLimit: Int, ignoring ignored: RuleSet, raising: RuleSet) {
    self.init(sampleLimit: sampleLimit)
    (self.ignored, self.raising) = (ignored, raising)
  }

  /// The same log without its findings.
  var emptied: FindingLog {
    FindingLog(sampleLimit: sampleLimit, ignoring: ignored, raising: raising)
  }

  /// What rejects the record that the findings since the last call are about, though its row could be made.
  mutating func takeRaised() -> Refusal? {
    // Asked three times for each message, and hardly ever there.
    raised == nil ? nil : raised.take()
  }

  /// Counts a finding; its message is made only if it is kept as a sample.
  public mutating func note(
    _ rule: Rule, at place: Place, field: String? = nil, _ message: @autoclosure () -> String
  ) {
    guard !ignored.contains(rule) else { return }
    if raised == nil, raising.contains(rule) {
      raised = Refusal(rule: rule, message: message(), isCounted: true)
    }
    totals[rule.index] += 1
    inputs.note(rule, place.input)
    guard samples[rule.index].count < sampleLimit else { return }
    samples[rule.index].append(
      Finding(rule: rule, place: place, field: field, message: message()))
  }

  /// Adds the totals of `other`, and its samples while there is room.
  public mutating func merge(_ other: FindingLog) {
    inputs.merge(other.inputs)
    for index in totals.indices where other.totals[index] > 0 {
      totals[index] += other.totals[index]
      let room = max(0, sampleLimit - samples[index].count)
      samples[index].append(contentsOf: other.samples[index].prefix(room))
    }
  }

  /// Findings of one rule.
  public func total(_ rule: Rule) -> Int { totals[rule.index] }
}
