internal import Testing

@testable internal import Pipeline

@Suite struct QuantityTests {
  @Test(arguments: [
    (0.0, "0 ms"), (0.0031, "3 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (6.24, "6.2 s"),
    (59.94, "59.9 s"), (59.96, "1 min 00 s"), (192, "3 min 12 s"), (3599.6, "1 h 00 min"),
    (3720, "1 h 02 min"), (-1, "0 ms"), (.nan, "0 ms"),
  ])
  func `durations take the unit they are rounded to`(seconds: Double, text: String) {
    #expect(Quantity.duration(seconds) == text)
  }

  @Test(arguments: [
    (0.0, "0 B"), (999, "999 B"), (999.6, "1.0 kB"), (9_940, "9.9 kB"), (9_960, "10 kB"),
    (999_499, "999 kB"), (999_500, "1.0 MB"), (2e21, "2000000 PB"), (.infinity, "0 PB"),
  ])
  func `bytes never read 1000 of a unit below the largest`(value: Double, text: String) {
    #expect(Quantity.bytes(value) == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1 000"), (-1_234_567, "-1 234 567"),
    (Int.min, "-9 223 372 036 854 775 808"),
  ])
  func `counts are grouped by three`(value: Int, text: String) {
    #expect(Quantity.grouped(value) == text)
  }

  @Test func `memory is in powers of two`() {
    #expect(Quantity.memory(96 * 1_048_576) == "96 MiB")
    #expect(Quantity.memory(1_600_000) == "1.5 MiB")
  }
}
