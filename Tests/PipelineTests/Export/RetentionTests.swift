import Testing

@testable import Pipeline

@Suite struct RetentionTests {
  private static func name(_ day: Int, hour: Int = 2) -> String {
    let date = CivilDate(daysSince1970: day)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2)
      + "T" + padded(hour, 2) + "1500Z"
  }

  private static func spec(
    last: Int = 0, daily: Int = 0, weekly: Int = 0, monthly: Int = 0, yearly: Int = 0
  ) -> RetentionSpec {
    var spec = RetentionSpec()
    (spec.last, spec.daily, spec.weekly) = (last, daily, weekly)
    (spec.monthly, spec.yearly) = (monthly, yearly)
    return spec
  }

  /// 2025-01-01.
  private static let start = 20_089

  /// Archives left when a policy is applied behind each of some nights.
  private static func left(after nights: Int, _ spec: RetentionSpec) -> [String] {
    var archives: [String] = []
    for night in 0..<nights {
      archives.append(name(start + night))
      let removable = Retention(spec).removable(archives, newestVerified: archives.last)
      archives.removeAll { removable.contains($0) }
    }
    return archives
  }

  @Test func `400 nights leave exactly what each rule keeps`() {
    let left = Self.left(
      after: 400, Self.spec(last: 3, daily: 7, weekly: 4, monthly: 6, yearly: 2))
    // The 400th night is Wednesday 2026-02-04.
    let days = (29...31).map { "202601\($0)" } + ["20260201", "20260202", "20260203", "20260204"]
    let weeks = ["20260118", "20260125"]
    let months = ["20250930", "20251031", "20251130", "20251231"]
    let expected = Set(days + weeks + months).sorted().map { "\($0)T021500Z" }
    #expect(left == expected)
  }

  @Test func `applying a policy every night leaves what applying it once to all would`() {
    let spec = Self.spec(last: 2, daily: 5, weekly: 3, monthly: 12, yearly: 3)
    let all = (0..<400).map { Self.name(Self.start + $0) }
    let removable = Set(Retention(spec).removable(all, newestVerified: nil))
    #expect(Self.left(after: 400, spec) == all.filter { !removable.contains($0) })
  }

  @Test func `of two archives of a day the later one stays`() {
    let names = [Self.name(Self.start), Self.name(Self.start, hour: 20)]
    #expect(Retention(Self.spec(daily: 3)).removable(names, newestVerified: nil) == [names[0]])
  }

  @Test func `the newest verified archive stays whatever the rules say`() {
    let names = (0..<10).map { Self.name(Self.start + $0) }
    let removable = Retention(Self.spec(last: 1)).removable(names, newestVerified: names[4])
    #expect(removable == names.filter { $0 != names[4] && $0 != names[9] })
  }

  @Test func `a policy of nothing removes nothing`() {
    let names = (0..<10).map { Self.name(Self.start + $0) }
    #expect(Retention(Self.spec()).removable(names, newestVerified: nil).isEmpty)
  }

  @Test func `weeks begin on Monday also across years`() {
    // Sunday 2025-12-28, Monday 2025-12-29, Sunday 2026-01-04, Monday 2026-01-05.
    let names = ["20251228", "20251229", "20260104", "20260105"].map { "\($0)T021500Z" }
    #expect(
      Retention(Self.spec(weekly: 5)).removable(names, newestVerified: nil) == [names[1]])
  }
}
