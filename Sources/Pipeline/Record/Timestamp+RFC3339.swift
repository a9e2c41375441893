extension Timestamp {
  /// The time in UTC, such as `2025-10-05T10:12:33.5Z`; see ``appendRFC3339(to:)``.
  public var rfc3339: String {
    var bytes: [UInt8] = []
    appendRFC3339(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the time in UTC with `T`, `Z` and as many fraction digits as it needs, at most six.
  ///
  /// Whole seconds get no fraction. Years outside 0000 to 9999 are written with a sign, as ISO 8601 does.
  public func appendRFC3339(to bytes: inout [UInt8]) {
    let (days, dayMicroseconds) = floorDivide(microseconds, by: Timestamp.microsecondsPerDay)
    let date = CivilDate(daysSince1970: Int(days))
    let second = Int(dayMicroseconds / Timestamp.microsecondsPerSecond)
    appendYear(date.year, to: &bytes)
    appendTwoDigits(date.month, after: UInt8(ascii: "-"), to: &bytes)
    appendTwoDigits(date.day, after: UInt8(ascii: "-"), to: &bytes)
    appendTwoDigits(second / 3600, after: UInt8(ascii: "T"), to: &bytes)
    appendTwoDigits(second / 60 % 60, after: UInt8(ascii: ":"), to: &bytes)
    appendTwoDigits(second % 60, after: UInt8(ascii: ":"), to: &bytes)
    appendFraction(Int(dayMicroseconds % Timestamp.microsecondsPerSecond), to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
  }

  private func appendYear(_ year: Int, to bytes: inout [UInt8]) {
    if year < 0 || year > 9999 {
      bytes.append(year < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    }
    let magnitude = abs(year)
    if magnitude > 9999 { bytes.append(contentsOf: String(magnitude / 10_000).utf8) }
    bytes.append(UInt8(ascii: "0") + UInt8(magnitude / 1000 % 10))
    bytes.append(UInt8(ascii: "0") + UInt8(magnitude / 100 % 10))
    bytes.append(UInt8(ascii: "0") + UInt8(magnitude / 10 % 10))
    bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
  }

  private func appendTwoDigits(
    _ value: Int, after separator: UInt8, to bytes: inout [UInt8]
  ) {
    bytes.append(separator)
    bytes.append(UInt8(ascii: "0") + UInt8(value / 10))
    bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
  }

  private func appendFraction(_ microsecond: Int, to bytes: inout [UInt8]) {
    guard microsecond > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var (rest, unit) = (microsecond, 100_000)
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
      rest %= unit
      unit /= 10
    }
  }
}
