/// How much may be wrong with the data before a load stops.
struct ErrorBudget: Sendable {
  private let maxRejects: Int?
  private let maxRejectRatio: Double?
  private let ratioAfter: Int
  private let maxFindings: [(rule: Rule, limit: Int)]

  init(_ spec: LoadSpec) {
    maxRejects = spec.maxRejects
    maxRejectRatio = spec.maxRejectRatio
    ratioAfter = spec.maxRejectRatioAfter
    maxFindings = spec.maxFindings.sorted { $0.key < $1.key }.compactMap { id, limit in
      Rule(rawValue: id).map { ($0, limit) }
    }
  }

  /// What is exceeded, in words for a person; nil while all is within the limits.
  func excess(_ sums: borrowing RunTotals.Sums) -> String? {
    if let maxRejects, sums.rejectLines > maxRejects {
      return "\(sums.rejectLines) rejects, load.maxRejects allows \(maxRejects)"
    }
    if let maxRejectRatio, sums.records >= ratioAfter {
      let ratio = Double(sums.rejectLines) / Double(sums.records)
      if ratio > maxRejectRatio {
        return "\(sums.rejectLines) rejects of \(sums.records) records, load.maxRejectRatio allows "
          + "\(maxRejectRatio)"
      }
    }
    for (rule, limit) in maxFindings where sums.findings.total(rule) > limit {
      return "\(sums.findings.total(rule)) findings of \(rule.rawValue), load.maxFindings allows "
        + "\(limit)"
    }
    return nil
  }
}
