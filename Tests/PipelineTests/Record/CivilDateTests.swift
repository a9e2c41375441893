import Testing

@testable import Pipeline

struct CivilDateTests {
  /// Walks the calendar by adding one day at a time: no formula in common with the type.
  @Test func `each day of the years 0 to 2400 follows the one before`() throws {
    var (year, month, day) = (0, 1, 1)
    var expected = -719_528
    while year <= 2400 {
      let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      let date = try #require(CivilDate(year: year, month: month, day: day))
      if date.daysSince1970 != expected || CivilDate(daysSince1970: expected) != date {
        Issue.record("\(year)-\(month)-\(day) is not day \(expected)")
        return
      }
      expected += 1
      day += 1
      if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(CivilDate(year: 1970, month: 1, day: 1)?.daysSince1970 == 0)
  }

  @Test(arguments: [
    (2025, 0, 1), (2025, 13, 1), (2025, 1, 0), (2025, 1, 32), (2025, 4, 31), (2025, 2, 29),
    (1900, 2, 29), (2000, 2, 30),
  ])
  func `a day the calendar lacks is no date`(year: Int, month: Int, day: Int) {
    #expect(CivilDate(year: year, month: month, day: day) == nil)
  }

  @Test(arguments: [(2024, 2, 29), (2000, 2, 29), (0, 2, 29), (2025, 12, 31), (2025, 4, 30)])
  func `the last day of a month is a date`(year: Int, month: Int, day: Int) {
    #expect(CivilDate(year: year, month: month, day: day) != nil)
  }
}
