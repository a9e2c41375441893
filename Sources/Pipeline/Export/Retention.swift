internal import Archive

/// Which archives stay; a function of their times alone.
public struct Retention: Sendable {
  private let keep: RetentionSpec

  /// Takes a policy.
  public init(_ keep: RetentionSpec) { self.keep = keep }

  /// The archives that no rule keeps.
  ///
  /// - Parameters:
  ///   - names: times of archives, as `YYYYMMDDTHHMMSSZ`, in any order.
  ///   - newestVerified: one of them, which stays whatever the rules say.
  /// - Returns: those to remove, the oldest first; none where the policy keeps all.
  public func removable(_ names: [String], newestVerified: String?) -> [String] {
    guard !keep.keepsAll else { return [] }
    let newestFirst = names.sorted(by: >)
    var kept = Set(newestFirst.prefix(keep.last))
    if let newestVerified { kept.insert(newestVerified) }
    for (count, period) in periods {
      var seen: Set<Int> = []
      for name in newestFirst {
        guard seen.count < count else { break }
        // The first one met of a period is its newest.
        if let period = Self.day(of: name).map(period), seen.insert(period).inserted {
          kept.insert(name)
        }
      }
    }
    return names.sorted().filter { !kept.contains($0) }
  }

  private var periods: [(count: Int, period: (CivilDate) -> Int)] {
    [
      (keep.daily, { $0.daysSince1970 }),
      // Weeks begin on Monday, as ISO 8601 has it; 1 January 1970 was a Thursday.
      (keep.weekly, { Int(floorDivide(Int64($0.daysSince1970) + 3, by: 7).quotient) }),
      (keep.monthly, { $0.year * 12 + $0.month }),
      (keep.yearly, { $0.year }),
    ]
  }

  private static func day(of name: String) -> CivilDate? {
    let digits = Array(name.utf8.prefix(8))
    guard ArchiveRoot.isName(name) else { return nil }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } }
    return CivilDate(year: number(0..<4), month: number(4..<6), day: number(6..<8))
  }
}
