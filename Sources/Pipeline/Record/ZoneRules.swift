internal import Foundation

/// The changes of a zone's offset from UTC between 1970 and 2100, ready for wall clocks to be looked up.
///
/// Before the first change and after the last, the offset next to it holds. Rules come from Foundation's
/// own copy of the tz database, so they do not depend on the machine's /usr/share/zoneinfo.
struct ZoneRules: Sendable {
  /// Whether a wall clock's reading names one instant.
  enum Reading: Sendable, Hashable {
    /// One instant.
    case plain
    /// None: the clock was put forward past it.
    case gap
    /// Two: the clock was put back and showed it again.
    case overlap
  }

  /// A change of offset, in microseconds.
  ///
  /// The wall clock jumps between `instant + offsetBefore` and `instant + offsetAfter`. Readings between
  /// the two do not exist if it jumps forward, come twice if it jumps back.
  private struct Change {
    var instant: Int64
    var offsetBefore: Int64
    var offsetAfter: Int64

    var firstDoubtfulReading: Int64 { instant + min(offsetBefore, offsetAfter) }
    var firstReadingAfter: Int64 { instant + max(offsetBefore, offsetAfter) }
  }

  /// UTC, whose clock never jumps.
  static let utc = ZoneRules(firstOffset: 0, changes: [])

  private let firstOffset: Int64
  private let changes: [Change]

  /// Reads the rules of an IANA zone such as `Australia/Melbourne`; nil if the name is unknown.
  init?(identifier: String) {
    if ["UTC", "Etc/UTC", "GMT", "Etc/GMT"].contains(identifier) {
      self = .utc
      return
    }
    guard let zone = TimeZone(identifier: identifier) else { return nil }
    let end = Date(timeIntervalSince1970: 4_102_444_800)
    var date = Date(timeIntervalSince1970: 0)
    var offset = Int64(zone.secondsFromGMT(for: date)) * Timestamp.microsecondsPerSecond
    firstOffset = offset
    var changes: [Change] = []
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date, next < end {
      let offsetAfter = Int64(zone.secondsFromGMT(for: next)) * Timestamp.microsecondsPerSecond
      if offsetAfter != offset {
        let instant = Int64(next.timeIntervalSince1970) * Timestamp.microsecondsPerSecond
        changes.append(Change(instant: instant, offsetBefore: offset, offsetAfter: offsetAfter))
      }
      (date, offset) = (next, offsetAfter)
    }
    self.changes = changes
  }

  private init(firstOffset: Int64, changes: [Change]) {
    self.firstOffset = firstOffset
    self.changes = changes
  }

  /// The instant at which the zone's wall clock shows `naive`.
  ///
  /// In a gap the offset before the change counts, so the time moves forward by the gap's length; in an
  /// overlap the earlier instant is taken. Takes a binary search over about two changes a year.
  func resolve(naive: Timestamp) -> (instant: Timestamp, kind: Reading) {
    let reading = naive.microseconds
    // In a gap and in an overlap alike the offset before is wanted, so a change counts from its far end.
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle].firstReadingAfter <= reading {
        low = middle + 1
      } else {
        high = middle
      }
    }
    let offset = low == 0 ? firstOffset : changes[low - 1].offsetAfter
    let instant = Timestamp(microseconds: reading - offset)
    guard low < changes.count, changes[low].firstDoubtfulReading <= reading else {
      return (instant, .plain)
    }
    let jumpsForward = changes[low].offsetAfter > changes[low].offsetBefore
    return (instant, jumpsForward ? .gap : .overlap)
  }
}

/// What is told of a time that was written without a zone.
extension ZoneRules.Reading {
  /// The rule its time breaks.
  var rule: Rule {
    switch self {
    case .plain: .timeNaive
    case .gap, .overlap: .timeZoneChange
    }
  }

  var text: String {
    switch self {
    case .plain: "a time without a zone, read in the pipeline's"
    case .gap: "a time its zone skipped when clocks went forward; it is moved by as much"
    case .overlap: "a time its zone had twice; the first is taken"
    }
  }
}
