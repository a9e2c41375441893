/// A set of rules that can be asked for every finding.
struct RuleSet: Sendable, Hashable {
  private var bits: UInt128 = 0

  init(_ rules: some Sequence<Rule> = []) { for rule in rules { insert(rule) } }

  var isEmpty: Bool { bits == 0 }

  func contains(_ rule: Rule) -> Bool { bits >> UInt128(rule.index) & 1 != 0 }

  mutating func insert(_ rule: Rule) { bits |= 1 << UInt128(rule.index) }
}
