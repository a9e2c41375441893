import Testing

@testable import Pipeline

struct TimestampTests {
  @Test(arguments: [
    (1_759_659_153_000_000, "2025-10-05T10:12:33Z"),
    (1_759_659_153_500_000, "2025-10-05T10:12:33.5Z"),
    (1_759_659_153_120_000, "2025-10-05T10:12:33.12Z"),
    (1_759_659_153_000_001, "2025-10-05T10:12:33.000001Z"),
    (1_759_659_153_012_300, "2025-10-05T10:12:33.0123Z"),
    (0, "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"),
    (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
    (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"),
    (253_402_300_800_000_000, "+10000-01-01T00:00:00Z"),
    (Int64.max, "+294247-01-10T04:00:54.775807Z"),
    (Int64.min, "-290308-12-21T19:59:05.224192Z"),
  ])
  func `a time is written in UTC with the fraction digits it needs`(
    microseconds: Int64, text: String
  ) {
    #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
  }

  @Test func `writing appends to bytes that are there`() {
    var bytes = Array("at ".utf8)
    Timestamp(microseconds: 1_000_000).appendRFC3339(to: &bytes)
    #expect(bytes == Array("at 1970-01-01T00:00:01Z".utf8))
  }

  @Test(
    arguments: [
      (1_999, 1), (1_000, 1), (999, 0), (0, 0), (-1, -1), (-1_000, -1), (-1_001, -2),
    ] as [(Int64, Int64)])
  func `milliseconds are rounded towards the past`(microseconds: Int64, milliseconds: Int64) {
    #expect(Timestamp(microseconds: microseconds).milliseconds == milliseconds)
  }

  @Test func `the time of Postgres begins in 2000`() {
    #expect(Timestamp(microseconds: 946_684_800_000_000).postgresMicroseconds == 0)
    #expect(Timestamp(microseconds: 0).postgresMicroseconds == -946_684_800_000_000)
  }

  @Test func `times are in order of their microseconds`() {
    let times = [5, -7, 0].map { Timestamp(microseconds: $0) }
    #expect(times.sorted().map(\.microseconds) == [-7, 0, 5])
  }
}
