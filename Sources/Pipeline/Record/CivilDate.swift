/// A day of the proleptic Gregorian calendar.
///
/// Both conversions count years from 1 March, which puts the leap day last and makes month lengths a
/// straight line: 153 days in five months. An era is 400 years, 146 097 days.
struct CivilDate: Hashable {
  var year: Int
  var month: Int
  var day: Int

  /// A date that exists, or nil: no month 13, no 29 February in a common year.
  init?(year: Int, month: Int, day: Int) {
    guard month >= 1, month <= 12, day >= 1 else { return nil }
    guard day <= 28 || day <= CivilDate.dayCount(ofMonth: month, year: year) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The date that many days after 1970-01-01.
  init(daysSince1970 days: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSince1970: Int {
    // Twelve eras are added so that the divisions, which round towards zero, see no negative year.
    let yearFromMarch = (month <= 2 ? year - 1 : year) + 4800
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leapDays = yearFromMarch / 4 - yearFromMarch / 100 + yearFromMarch / 400
    return yearFromMarch * 365 + leapDays + dayOfYear - (12 * 146_097 + 719_468)
  }

  private static func dayCount(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
