/// A date, or an RFC 3339 date and time, as microseconds since 1970-01-01T00:00:00Z.
enum SpecTime {
  /// Microseconds since the epoch; a date alone is its midnight in UTC, and nil is neither form.
  static func microseconds(_ text: String) -> Int64? {
    var scanner = Scanner(rest: Array(text.utf8)[...])
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2),
      scanner.take("-"), let day = scanner.number(2),
      (1...12).contains(month), (1...days(in: month, of: year)).contains(day)
    else { return nil }
    let date = Int64(daysSinceEpoch(year, month, day)) * 86_400_000_000
    if scanner.rest.isEmpty { return date }
    guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(2), hour < 24, scanner.take(":"),
      let minute = scanner.number(2), minute < 60, scanner.take(":"),
      let second = scanner.number(2), second < 60,
      let fraction = scanner.fraction(), let offset = scanner.offsetSeconds(), scanner.rest.isEmpty
    else { return nil }
    return date + Int64(hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
  }

  /// The time in UTC as RFC 3339, with a fraction only where there is one.
  static func text(_ microseconds: Int64) -> String {
    let (day, inDay) = microseconds.flooredQuotientAndRemainder(86_400_000_000)
    let (seconds, fraction) = (Int(inDay / 1_000_000), Int(inDay % 1_000_000))
    let (year, month, dayOfMonth) = civil(Int(day))
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
      .joined(separator: ":")
    return "\(date)T\(time)" + (fraction == 0 ? "" : ".\(padded(fraction, 6))") + "Z"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  // Both directions count from 0000-03-01, so that a leap day ends its year.
  private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = y.flooredQuotientAndRemainder(400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).flooredQuotientAndRemainder(146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ width: Int) -> Int? {
      let digits = rest.prefix(width)
      guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      rest.removeFirst(width)
      return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Microseconds; one to six digits, as Postgres keeps no more.
    mutating func fraction() -> Int64? {
      guard take(".") else { return 0 }
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      guard (1...6).contains(count), let value = number(count) else { return nil }
      return (count..<6).reduce(Int64(value)) { product, _ in product * 10 }
    }

    mutating func offsetSeconds() -> Int? {
      if take("Z") || take("z") { return 0 }
      let sign = take("+") ? 1 : take("-") ? -1 : 0
      guard sign != 0, let hours = number(2), hours < 24, take(":"), let minutes = number(2),
        minutes < 60
      else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}

extension FixedWidthInteger {
  /// Quotient rounded down, and the remainder that then is never negative for a positive divisor.
  fileprivate func flooredQuotientAndRemainder(_ divisor: Self) -> (Self, Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
