internal import Testing

@testable internal import Pipeline

@Suite struct TimeFutureTests {
  @Test(arguments: [(0, 0), (300, 0), (301, 1), (-5, 0)])
  func `a time is in the future from the limit on`(seconds: Int64, expected: Int) {
    let start = Timestamp(microseconds: 1_759_312_800_000_000)
    let settings = RuleSettings(ValidateSpec(), start: start)
    let time = Timestamp(microseconds: start.microseconds + seconds * 1_000_000)
    #expect(TimeFuture.isBroken(by: time, settings) == (expected == 1))
  }

  @Test func `the pipeline says how far ahead a clock may be`() async throws {
    let later = Timestamp(microseconds: Timestamp.now.microseconds + 7_200_000_000).rfc3339
    let turn = #"{"role":"user","content":"a","timestamp":"\#(later)"}"#
    #expect(try await RuleScene(turns: [turn]).found(.timeFuture) == 1)
    let lenient = RuleScene(turns: [turn], yaml: "validate: {futureSeconds: 86_400}")
    #expect(try await lenient.found(.timeFuture) == 0)
  }
}
