/// `time.zone-shift`: a time that order forbids and that whole hours would put right.
///
/// A local time written with a `Z` is such a one. Times that are merely far apart prove nothing; so only
/// those count that are earlier than the message before or than their session's beginning, or later than
/// its end, by whole hours but for a little.
enum TimeZoneShift {
  /// No zone is farther from another.
  private static let mostHours: Int64 = 26
  private static let hour = 3_600 * Timestamp.microsecondsPerSecond

  /// What is wrong with the time of a session's next message.
  static func problem(
    _ time: Timestamp, _ session: SessionTurns, _ limits: ValidateSpec
  ) -> String? {
    if let last = session.lastTime, let hours = hours(from: time, to: last, limits) {
      return "\(hours) h, and little else, before the message before it"
    }
    guard session.lastTime == nil || session.lastTime.map({ $0 == time }) ?? false else {
      return later(time, session, limits)
    }
    if let created = session.created, let hours = hours(from: time, to: created, limits) {
      return "\(hours) h, and little else, before its session begins"
    }
    return later(time, session, limits)
  }

  private static func later(
    _ time: Timestamp, _ session: SessionTurns, _ limits: ValidateSpec
  ) -> String? {
    guard let updated = session.updated, let hours = hours(from: updated, to: time, limits) else {
      return nil
    }
    return "\(hours) h, and little else, after its session ends"
  }

  /// Whole hours from one time to a later one; nil where they are not whole, or none.
  private static func hours(
    from early: Timestamp, to late: Timestamp, _ limits: ValidateSpec
  ) -> Int64? {
    let difference = late.microseconds - early.microseconds
    guard difference > hour / 2 else { return nil }
    let hours = (difference + hour / 2) / hour
    let rest = abs(difference - hours * hour)
    guard hours <= mostHours,
      rest <= Int64(limits.zoneShiftSeconds) * Timestamp.microsecondsPerSecond
    else { return nil }
    return hours
  }
}
