internal import Testing

@testable internal import Pipeline

@Suite struct TimeZoneShiftTests {
  private static func problem(
    _ seconds: Int64, after last: Int64? = nil, created: Int64? = nil, updated: Int64? = nil,
    _ limits: ValidateSpec = ValidateSpec()
  ) -> String? {
    var session = SessionTurns()
    session.lastTime = last.map { Timestamp(microseconds: $0 * 1_000_000) }
    session.created = created.map { Timestamp(microseconds: $0 * 1_000_000) }
    session.updated = updated.map { Timestamp(microseconds: $0 * 1_000_000) }
    return TimeZoneShift.problem(
      Timestamp(microseconds: seconds * 1_000_000), session, limits)
  }

  @Test(
    arguments: [(39_600, 20, true), (39_600, 0, true), (36_000, 110, true)]
      as [(Int64, Int64, Bool)])
  func `a step back by whole hours is another zone's`(last: Int64, next: Int64, expected: Bool) {
    #expect((Self.problem(next, after: last) != nil) == expected)
  }

  @Test(
    arguments: [(1_800, 0), (3_600, 1_200), (60, 0), (0, 36_000), (400_000, 0)] as [(Int64, Int64)])
  func `other steps prove nothing`(last: Int64, next: Int64) {
    #expect(Self.problem(next, after: last) == nil)
  }

  @Test func `a message cannot be hours before its session begins, nor after it ends`() {
    #expect(Self.problem(0, created: 39_600) == "11 h, and little else, before its session begins")
    #expect(
      Self.problem(39_610, created: 39_600, updated: 10)
        == "11 h, and little else, after its session ends")
    #expect(Self.problem(39_600, created: 0, updated: 80_000) == nil)
    #expect(Self.problem(500, created: 0, updated: 20) == nil)
  }

  @Test func `the pipeline says how near to whole hours`() {
    var limits = ValidateSpec()
    #expect(Self.problem(300, after: 36_000, limits) == nil)
    limits.zoneShiftSeconds = 300
    #expect(Self.problem(300, after: 36_000, limits) != nil)
  }
}
