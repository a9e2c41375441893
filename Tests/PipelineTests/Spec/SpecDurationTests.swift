import Testing

@testable import Pipeline

struct SpecDurationTests {
  @Test(arguments: [
    ("0", 0), ("0d", 0), ("1s", 1), ("90m", 5400), ("36h", 129_600), ("90d", 7_776_000),
    ("1_000s", 1000),
  ])
  func `a duration is a number with its unit`(text: String, seconds: Int) {
    #expect(SpecDuration.seconds(text) == seconds)
  }

  @Test(arguments: ["", "d", "90", "1w", "1.5d", "1 d", "99999999999999999999d", "d1"])
  func `anything else is none`(text: String) {
    #expect(SpecDuration.seconds(text) == nil)
  }

  @Test(arguments: [
    (0, "0"), (1, "1s"), (60, "1m"), (5400, "90m"), (86_400, "1d"), (90_000, "25h"),
  ])
  func `the spelling is the shortest that is exact`(seconds: Int, text: String) {
    #expect(SpecDuration.text(seconds) == text)
    #expect(SpecDuration.seconds(text) == seconds)
  }
}
