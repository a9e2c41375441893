/// Messages of a batch by the day they were said on, as they come: a step for each change of day.
struct DayTally: Sendable {
  private(set) var steps: [(day: Int, count: Int)] = []
  private(set) var undated = 0
  private var day: Range<Int64> = 0..<0

  /// Counts a message; nil for one whose source has no time.
  mutating func count(_ time: Timestamp?) {
    guard let microseconds = time?.microseconds else {
      undated += 1
      return
    }
    // Messages of one conversation mostly share their day.
    if day.contains(microseconds), let last = steps.indices.last {
      steps[last].count += 1
      return
    }
    let number = floorDivide(microseconds, by: Timestamp.microsecondsPerDay).quotient
    let start = number * Timestamp.microsecondsPerDay
    day = start..<start + Timestamp.microsecondsPerDay
    steps.append((Int(number), 1))
  }

  mutating func clear() {
    steps.removeAll(keepingCapacity: true)
    undated = 0
    day = 0..<0
  }
}

/// Messages of a run by day, or by month or year where the days are many.
struct Timeline: Sendable {
  /// What one entry covers.
  enum Unit: String, Sendable { case day, month, year }

  /// Days told apart; beyond, whole months are counted, which are 120 000 at most.
  static let dayLimit = 20_000
  /// Entries a reader is shown at most.
  static let shownLimit = 120

  private(set) var undated = 0
  private var isMonthly = false
  /// By days since 1970; monthly, by that of the first of the month.
  private var counts: [Int: Int] = [:]

  mutating func add(_ tally: DayTally) {
    undated += tally.undated
    for step in tally.steps {
      counts[isMonthly ? Self.month(step.day) : step.day, default: 0] += step.count
    }
    guard !isMonthly, counts.count > Self.dayLimit else { return }
    isMonthly = true
    counts = Self.grouped(counts, Self.month)
  }

  /// Messages with a time.
  var dated: Int { counts.values.reduce(0, +) }

  /// Entries in order of time with messages, in the smallest unit of which there are few enough from the
  /// first to the last.
  var entries: (unit: Unit, entries: [(start: CivilDate, count: Int)]) {
    guard let first = counts.keys.min(), let last = counts.keys.max() else { return (.day, []) }
    let months = Self.months(first, last)
    let unit: Unit =
      !isMonthly && last - first < Self.shownLimit
      ? .day : months <= Self.shownLimit ? .month : .year
    let found =
      switch unit {
      case .day: counts
      case .month: Self.grouped(counts, Self.month)
      case .year: Self.grouped(counts, Self.year)
      }
    return (
      unit,
      found.sorted { $0.key < $1.key }.map { (CivilDate(daysSince1970: $0.key), $0.value) }
    )
  }

  private static func grouped(_ counts: [Int: Int], _ group: (Int) -> Int) -> [Int: Int] {
    counts.reduce(into: [:]) { $0[group($1.key), default: 0] += $1.value }
  }

  private static func month(_ day: Int) -> Int {
    let date = CivilDate(daysSince1970: day)
    return day - date.day + 1
  }

  private static func year(_ day: Int) -> Int {
    let date = CivilDate(daysSince1970: day)
    return CivilDate(year: date.year, month: 1, day: 1)?.daysSince1970 ?? day
  }

  private static func months(_ first: Int, _ last: Int) -> Int {
    let (from, to) = (CivilDate(daysSince1970: first), CivilDate(daysSince1970: last))
    return (to.year - from.year) * 12 + to.month - from.month + 1
  }
}
