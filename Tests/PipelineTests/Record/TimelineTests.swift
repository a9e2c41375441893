internal import Testing

@testable internal import Pipeline

@Suite struct TimelineTests {
  private func timeline(_ times: [String?]) -> Timeline {
    var tally = DayTally()
    for time in times {
      guard let time else {
        tally.count(nil)
        continue
      }
      guard case .instant(let instant) = ParsedTime(Array(time.utf8).span) else { continue }
      tally.count(instant)
    }
    var timeline = Timeline()
    timeline.add(tally)
    return timeline
  }

  private func shown(_ timeline: Timeline) -> [String] {
    let (unit, entries) = timeline.entries
    return entries.map { "\($0.start.text(unit)) \($0.count)" }
  }

  @Test func `a day begins at midnight UTC`() {
    let timeline = timeline([
      "2025-06-11T23:59:59.999999Z", "2025-06-12T00:00:00Z", "2025-06-11T22:00:00-03:00",
      "2025-06-11T00:00:00Z", nil,
    ])
    #expect(shown(timeline) == ["2025-06-11 2", "2025-06-12 2"])
    #expect(timeline.dated == 4 && timeline.undated == 1)
  }

  @Test func `what spans more than 120 days is shown by month, and more than ten years by year`() {
    let months = timeline(["2025-01-31T00:00:00Z", "2025-06-01T00:00:00Z", "2025-06-30T00:00:00Z"])
    #expect(months.entries.unit == .month)
    #expect(shown(months) == ["2025-01 1", "2025-06 2"])
    let years = timeline(["1969-12-31T23:00:00Z", "2025-06-01T00:00:00Z", "2025-01-01T00:00:00Z"])
    #expect(shown(years) == ["1969 1", "2025 2"])
  }

  @Test func `very many days are counted by month, and none is lost`() {
    var tally = DayTally()
    let days = Timeline.dayLimit * 2
    for day in 0..<days {
      tally.count(Timestamp(days: day, secondOfDay: 0, microsecond: 0))
    }
    var timeline = Timeline()
    timeline.add(tally)
    timeline.add(tally)
    #expect(timeline.dated == 2 * days)
    #expect(timeline.entries.unit == .month || timeline.entries.unit == .year)
  }
}
