import Testing

@testable import Pipeline

@Suite struct SpecTimeTests {
  @Test(
    arguments: [
      ("1970-01-01", 0),
      ("1969-12-31", -86_400_000_000),
      ("2000-02-29T12:34:56Z", 951_827_696_000_000),
      ("2024-02-29t23:59:59.000001z", 1_709_251_199_000_001),
      ("2024-01-31 09:30:00.5+05:30", 1_706_673_600_500_000),
      ("2035-12-31T23:59:59-00:00", 2_082_758_399_000_000),
      ("1900-03-01", -2_203_891_200_000_000),
      ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ] as [(String, Int64)])
  func `dates and RFC 3339 times are microseconds in UTC`(text: String, microseconds: Int64) {
    #expect(SpecTime.microseconds(text) == microseconds)
    #expect(SpecTime.microseconds(SpecTime.text(microseconds)) == microseconds)
  }

  @Test(arguments: [
    "", "2024", "2024-1-01", "2024-13-01", "2024-00-10", "2023-02-29", "1900-02-29", "2024-04-31",
    "2024-01-01T", "2024-01-01T10:00Z", "2024-01-01T10:00:00", "2024-01-01T24:00:00Z",
    "2024-01-01T10:60:00Z", "2024-01-01T10:00:60Z", "2024-01-01T10:00:00.Z",
    "2024-01-01T10:00:00.1234567Z", "2024-01-01T10:00:00+1000", "2024-01-01T10:00:00+24:00",
    "2024-01-01T10:00:00ZZ", "-024-01-01", "２０２４-01-01",
  ])
  func `anything else is not a time`(text: String) {
    #expect(SpecTime.microseconds(text) == nil)
  }
}
