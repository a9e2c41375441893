/// How bad a finding is.
public enum Severity: String, Sendable, Codable, CaseIterable {
  /// Worth knowing; nothing is lost or changed.
  case info
  /// The row loads, changed or incomplete in the way the finding says.
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

  /// Makes an empty log.
  public init(sampleLimit: Int = 5) {
    self.sampleLimit = sampleLimit
    totals = Array(repeating: 0, count: Rule.allCases.count)
    samples = Array(repeating: [], count: Rule.allCases.count)
  }

  /// Counts a finding; its message is made only if it is kept as a sample.
  public mutating func note(
    _ rule: Rule, at place: Place, field: String? = nil, _ message: @autoclosure () -> String
  ) {
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
