/// Times as ISO 8601 writes them, from the server's counts since 2000-01-01 in UTC.
extension [UInt8] {
  private static let daysFrom1970To2000 = 10_957

  /// Appends a JSON string of a date and time of day.
  ///
  /// - Parameters:
  ///   - microseconds: since 2000-01-01T00:00:00; the least and the greatest are the infinities.
  ///   - suffix: the offset from UTC, if any.
  mutating func append(timestamp microseconds: Int64, suffix: StaticString) {
    guard !appendInfinity(microseconds) else { return }
    let (days, rest) = floorDivide(microseconds, by: Timestamp.microsecondsPerDay)
    let date = CivilDate(daysSince1970: Int(days) + Self.daysFrom1970To2000)
    append(UInt8(ascii: "\""))
    append(date)
    append(UInt8(ascii: "T"))
    append(timeOfDay: rest)
    append(staticText: suffix)
    appendEra(of: date)
  }

  /// Appends a JSON string of a date.
  ///
  /// - Parameter days: since 2000-01-01; the least and the greatest are the infinities.
  mutating func append(date days: Int32) {
    guard !appendInfinity(days) else { return }
    let date = CivilDate(daysSince1970: Int(days) + Self.daysFrom1970To2000)
    append(UInt8(ascii: "\""))
    append(date)
    appendEra(of: date)
  }

  /// Appends `HH:MM:SS` with as many fraction digits as are needed; a day's end is 24:00:00.
  mutating func append(timeOfDay microseconds: Int64) {
    let seconds = Int(microseconds / 1_000_000)
    append(decimal: seconds / 3600, digits: 2)
    append(UInt8(ascii: ":"))
    append(decimal: seconds / 60 % 60, digits: 2)
    append(UInt8(ascii: ":"))
    append(decimal: seconds % 60, digits: 2)
    var fraction = Int(microseconds % 1_000_000)
    guard fraction > 0 else { return }
    var digits = 6
    while fraction % 10 == 0 { (fraction, digits) = (fraction / 10, digits - 1) }
    append(UInt8(ascii: "."))
    append(decimal: fraction, digits: digits)
  }

  private mutating func appendInfinity<T: FixedWidthInteger>(_ value: T) -> Bool {
    switch value {
    case T.max: append(staticText: "\"infinity\"")
    case T.min: append(staticText: "\"-infinity\"")
    default: return false
    }
    return true
  }

  /// There is no year 0: the one before 1 is 1 BC.
  private mutating func append(_ date: CivilDate) {
    append(decimal: date.year > 0 ? date.year : 1 - date.year, digits: 4)
    append(UInt8(ascii: "-"))
    append(decimal: date.month, digits: 2)
    append(UInt8(ascii: "-"))
    append(decimal: date.day, digits: 2)
  }

  private mutating func appendEra(of date: CivilDate) {
    append(staticText: date.year > 0 ? "\"" : " BC\"")
  }
}
