import Testing

@testable import Pipeline

struct ParsedTimeTests {
  @Test(arguments: [
    ("2025-10-05T10:12:33Z", "2025-10-05T10:12:33Z"),
    ("2025-10-05t10:12:33z", "2025-10-05T10:12:33Z"),
    ("2025-10-05T13:43:35.925398Z", "2025-10-05T13:43:35.925398Z"),
    ("2025-10-05T13:43:35.925Z", "2025-10-05T13:43:35.925Z"),
    ("2025-10-05T10:12:33+00:00", "2025-10-05T10:12:33Z"),
    ("2025-10-05T10:12:33-00:00", "2025-10-05T10:12:33Z"),
    ("2025-10-05T10:12:33.123456+00:00", "2025-10-05T10:12:33.123456Z"),
    ("2025-10-24 10:10:35.14452+00", "2025-10-24T10:10:35.14452Z"),
    ("2025-10-24 10:10:35+11", "2025-10-23T23:10:35Z"),
    ("2025-10-24 10:10:35+05:30", "2025-10-24T04:40:35Z"),
    ("2025-10-24T10:10:35-0330", "2025-10-24T13:40:35Z"),
    ("2025-11-16 00:46:07 +1100", "2025-11-15T13:46:07Z"),
    ("2025-11-16 00:46:07 Z", "2025-11-16T00:46:07Z"),
    ("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00Z"),
    (" \t2025-10-05T10:12:33Z\r\n", "2025-10-05T10:12:33Z"),
  ])
  func `a text with a zone is an instant`(text: String, expected: String) {
    #expect(instant(text)?.rfc3339 == expected)
  }

  @Test(arguments: [
    ("2025-11-15T20:57:50.789703", "2025-11-15T20:57:50.789703Z"),
    ("2025-10-29 20:07:27", "2025-10-29T20:07:27Z"),
    ("2025-10-16 13:55:07.413", "2025-10-16T13:55:07.413Z"),
    ("2025-10-29", "2025-10-29T00:00:00Z"),
    (" 2025-10-29 ", "2025-10-29T00:00:00Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"),
    ("0000-01-01", "0000-01-01T00:00:00Z"),
  ])
  func `a text without a zone is a naive time`(text: String, expected: String) {
    #expect(naive(text)?.rfc3339 == expected)
  }

  @Test(arguments: [
    ("33.1", "33.1"), ("33.000000", "33"), ("33.1234564", "33.123456"),
    ("33.1234565", "33.123457"), ("33.12345649999", "33.123456"), ("33.0000005", "33.000001"),
    ("33.123456789012345678901234567890", "33.123457"), ("33.9999995", "34"),
  ])
  func `a fraction is rounded half up to the microsecond`(written: String, read: String) {
    #expect(instant("2025-10-05T10:12:\(written)Z")?.rfc3339 == "2025-10-05T10:12:\(read)Z")
  }

  @Test func `rounding up carries into the next year`() {
    #expect(instant("2025-12-31T23:59:59.9999999Z")?.rfc3339 == "2026-01-01T00:00:00Z")
  }

  @Test func `a leap second is the next second`() {
    #expect(instant("2016-12-31T23:59:60Z")?.rfc3339 == "2017-01-01T00:00:00Z")
    #expect(instant("2016-12-31T23:59:60.25Z")?.rfc3339 == "2017-01-01T00:00:00.25Z")
  }

  @Test(arguments: [
    "", " ", "Infinity", "-infinity", "NaN", "null", "now", "2025", "2025-10", "2025-10-5",
    "2025-00-05", "2025-13-05", "2025-10-00", "2025-10-32", "2025-02-29", "2025-02-30",
    "1900-02-29", "2025/10/05", "05-10-2025", "20251005", "2025-1o-05", "2025-10-05T",
    "2025-10-05X10:12:33Z", "2025-10-05T10", "2025-10-05T10:12", "2025-10-05T10:12Z",
    "2025-10-05T10:12:3", "2025-10-05T24:00:00Z", "2025-10-05T25:00:00Z",
    "2025-10-05T10:60:00Z", "2025-10-05T10:12:61Z", "2025-10-05T10.12.33Z",
    "2025-10-05T10:12:33.", "2025-10-05T10:12:33.Z", "2025-10-05T10:12:33,5Z",
    "2025-10-05T10:12:33.5.5Z", "2025-10-05T10:12:33Zx", "2025-10-05T10:12:33Z x",
    "2025-10-05T10:12:33 UTC", "2025-10-05T10:12:33 | 2025", "2025-10-05Z",
    "2025-10-05T10:12:33+", "2025-10-05T10:12:33+1", "2025-10-05T10:12:33+110",
    "2025-10-05T10:12:33+11:", "2025-10-05T10:12:33+11:0", "2025-10-05T10:12:33+11:00:00",
    "2025-10-05T10:12:33+24:00", "2025-10-05T10:12:33+11:60", "2025-10-05T10:12:33+1 00",
    "2025-10-05T10:12:33+11-00", "2025-10-05T10:12:33é", "-025-10-05T10:12:33Z",
    "+2025-10-05T10:12:33Z", "2025-10-05T-1:12:33Z", "20250928T092330Z", "2025-09-09_11-50-41",
    "1759659153", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59.9999999", "2025-10-05T10:12:33Z\0",
  ])
  func `a text that is no time is refused`(text: String) {
    #expect(parsed(text) == .invalid)
  }

  @Test func `every cut of a text is read or refused within its bytes`() {
    let bytes = Array("2025-10-05T10:12:33.123456+11:00".utf8)
    let readable = Set([10, 19] + Array(21...26) + [29, 32])
    for count in 0...bytes.count {
      let isRead = ParsedTime(bytes.span.extracting(0..<count)) != .invalid
      #expect(isRead == readable.contains(count), "\(count) bytes")
    }
  }

  @Test func `random instants are read and written back`() {
    var random = SplitMix64(state: 20_251_005)
    for _ in 0..<500 {
      let year = Int.random(in: 0...9999, using: &random)
      let month = Int.random(in: 1...12, using: &random)
      let day = Int.random(in: 1...28, using: &random)
      let second = Int.random(in: 0..<86_400, using: &random)
      let microsecond = Int.random(in: 100_000...999_999, using: &random) / 10 * 10 + 1
      let days = julianDay(year: year, month: month, day: day) - 2_440_588
      let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      let hourMinute = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
      let text = "\(date)T\(hourMinute):\(padded(second % 60, 2)).\(microsecond)Z"
      let expected = Timestamp(
        microseconds: Int64((days * 86_400 + second) * 1_000_000 + microsecond))
      #expect(parsed(text) == .instant(expected))
      #expect(expected.rfc3339 == text)
    }
  }
}

private func parsed(_ text: String) -> ParsedTime { ParsedTime(Array(text.utf8).span) }

private func instant(_ text: String) -> Timestamp? {
  if case .instant(let time) = parsed(text) { time } else { nil }
}

private func naive(_ text: String) -> Timestamp? {
  if case .naive(let time) = parsed(text) { time } else { nil }
}

private func padded(_ value: Int, _ width: Int) -> String {
  String(repeating: "0", count: max(0, width - "\(value)".count)) + "\(value)"
}

/// Fliegel and Van Flandern's formula, which shares nothing with the parser's.
private func julianDay(year: Int, month: Int, day: Int) -> Int {
  let shift = (month - 14) / 12
  return 1461 * (year + 4800 + shift) / 4 + 367 * (month - 2 - 12 * shift) / 12
    - 3 * ((year + 4900 + shift) / 100) / 4 + day - 32_075
}

/// A generator with a fixed seed, so that a failure comes back.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
