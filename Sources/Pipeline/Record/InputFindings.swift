/// How often each rule was broken in each input; exact.
struct InputFindings: Sendable {
  private struct Step {
    var key: Int
    var count: Int
  }

  /// Latest counts, in which findings that follow each other look first.
  private var steps: [Step] = []
  private var totals: [Int: Int] = [:]

  private static let stepLimit = 4096
  private static let window = 6

  mutating func note(_ rule: Rule, _ input: Int32) {
    // A problem of the whole run is in no input.
    guard input >= 0 else { return }
    let key = Int(input) << 8 | rule.index
    var index = steps.count - 1
    let end = max(0, steps.count - Self.window)
    while index >= end {
      if steps[index].key == key {
        steps[index].count += 1
        return
      }
      index -= 1
    }
    steps.append(Step(key: key, count: 1))
    if steps.count > Self.stepLimit { fold() }
  }

  mutating func merge(_ other: InputFindings) {
    for step in other.steps { totals[step.key, default: 0] += step.count }
    for (key, count) in other.totals { totals[key, default: 0] += count }
  }

  private mutating func fold() {
    for step in steps { totals[step.key, default: 0] += step.count }
    steps.removeAll(keepingCapacity: true)
  }

  /// Rules broken in an input and how often, in the order of the rules.
  func counts(_ input: Int) -> [(rule: Rule, count: Int)] {
    guard input >= 0 else { return [] }
    var latest: [Int: Int] = [:]
    for step in steps where step.key >> 8 == input { latest[step.key, default: 0] += step.count }
    return Rule.allCases.compactMap { rule in
      let key = input << 8 | rule.index
      let count = totals[key, default: 0] + latest[key, default: 0]
      return count > 0 ? (rule, count) : nil
    }
  }
}
