internal import Testing

@testable internal import Pipeline

@Suite struct StageClockTests {
  private struct Stop: Error {}

  @Test func `time goes to its stage, also when the work throws`() {
    var clock = StageClock()
    let sum = clock.measure(.load) { (1...1000).reduce(0, +) }
    #expect(sum == 500_500)
    #expect(throws: Stop.self) {
      try clock.measure(.validate) { () throws(Stop) in throw Stop() }
    }
    #expect(clock.totals[.load].nanoseconds > 0)
    #expect(clock.totals[.validate].nanoseconds > 0)
    #expect(clock.totals[.extract] == StageTotals.Entry())
  }

  @Test func `totals of two workers add up by stage`() {
    var first = StageClock()
    var second = StageClock()
    for (index, stage) in Stage.allCases.enumerated() {
      first.add(stage, nanoseconds: Int64(index + 1))
      first.count(stage, records: 10 * (index + 1))
      second.add(stage, nanoseconds: 1_500_000_000)
      second.count(stage, records: 1)
    }
    var totals = first.totals
    totals += second.totals
    #expect(Stage.allCases.map { totals[$0].records } == [11, 21, 31, 41])
    #expect(
      Stage.allCases.map { totals[$0].nanoseconds }
        == [1_500_000_001, 1_500_000_002, 1_500_000_003, 1_500_000_004])
    #expect(totals[.extract].seconds == 1.500000001)
  }
}
