/// An instant, to the microsecond: the precision of Postgres's timestamptz.
///
/// The parsers of this module make only instants of the years 0000 to 9999; so bounded, no unit below
/// overflows.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar, without leap seconds.
  public var microseconds: Int64

  /// Makes an instant from its microseconds since 1970.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Whole milliseconds since 1970, rounded towards the past.
  public var milliseconds: Int64 { floorDivide(microseconds, by: 1000).quotient }

  /// Microseconds since 2000-01-01T00:00:00Z, as binary COPY wants a timestamptz.
  public var postgresMicroseconds: Int64 { microseconds - 946_684_800_000_000 }

  /// The instant so many microseconds before.
  func earlier(byMicroseconds count: Int) -> Timestamp {
    Timestamp(microseconds: microseconds - Int64(count))
  }

  /// Whether `left` is before `right`.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension Timestamp {
  static let microsecondsPerSecond: Int64 = 1_000_000
  static let microsecondsPerDay: Int64 = 86_400_000_000

  /// Whether this is in the years 0000 to 9999, which is all that RFC 3339 can write.
  var hasFourDigitYear: Bool {
    microseconds >= -62_167_219_200_000_000 && microseconds < 253_402_300_800_000_000
  }

  /// Joins parts that parsers have checked: a sum of any of them is far inside the range.
  init(days: Int, secondOfDay: Int, microsecond: Int) {
    microseconds = (Int64(days) * 86_400 + Int64(secondOfDay)) * 1_000_000 + Int64(microsecond)
  }
}

/// Division whose remainder is never negative, so that times before 1970 count forward too.
@inline(__always)
func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
