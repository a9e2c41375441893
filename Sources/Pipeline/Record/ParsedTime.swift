/// What a text says about time.
enum ParsedTime: Sendable, Hashable {
  /// A time with a zone.
  case instant(Timestamp)
  /// A time without a zone: the wall clock's reading, counted as if it were UTC. ``ZoneRules`` makes it
  /// an instant.
  case naive(Timestamp)
  /// Not a time, or one that no calendar or clock shows.
  case invalid

  /// Reads `YYYY-MM-DD`, alone or followed by `T` or a space and `HH:MM:SS`, a fraction and a zone.
  ///
  /// A fraction of any length is rounded half up to the microsecond. Zones are `Z`, `±HH`, `±HHMM` and
  /// `±HH:MM`, with or without white space before them. Second 60 is the next second. A date alone is
  /// its naive midnight. White space around the text is skipped. Nothing is allocated.
  init(_ bytes: Span<UInt8>) {
    // A span of the text alone lets its indices be constants, which need no bounds checks.
    let text = bytes.extracting(rangeWithoutSpace(bytes))
    self = .invalid
    guard let days = civilDays(text) else { return }
    if text.count == 10 {
      self = .naive(Timestamp(days: days, secondOfDay: 0, microsecond: 0))
      return
    }
    guard let secondOfDay = clockSeconds(text) else { return }
    var position = 19
    guard let microsecond = fraction(text, at: &position) else { return }
    if position == text.count {
      let wallClock = Timestamp(days: days, secondOfDay: secondOfDay, microsecond: microsecond)
      self = wallClock.hasFourDigitYear ? .naive(wallClock) : .invalid
      return
    }
    guard let offset = offsetSeconds(text, from: position) else { return }
    let instant = Timestamp(
      days: days, secondOfDay: secondOfDay - offset, microsecond: microsecond)
    self = instant.hasFourDigitYear ? .instant(instant) : .invalid
  }
}

/// Days since 1970 of the `YYYY-MM-DD` the text begins with.
@inline(__always)
private func civilDays(_ text: Span<UInt8>) -> Int? {
  guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
    let century = number(text[0], text[1]), let yearOfCentury = number(text[2], text[3]),
    let month = number(text[5], text[6]), let day = number(text[8], text[9])
  else { return nil }
  return CivilDate(year: century * 100 + yearOfCentury, month: month, day: day)?.daysSince1970
}

/// Second of the day of the `HH:MM:SS` that follows a date and a separator.
@inline(__always)
private func clockSeconds(_ text: Span<UInt8>) -> Int? {
  guard text.count >= 19, text[10] | 0x20 == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
    text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
    let hour = number(text[11], text[12]), hour <= 23,
    let minute = number(text[14], text[15]), minute <= 59,
    let second = number(text[17], text[18]), second <= 60
  else { return nil }
  return hour * 3600 + minute * 60 + second
}

/// Microseconds, 0 to 1 000 000, of the `.digits` at `position`, if there is one.
@inline(__always)
private func fraction(_ text: Span<UInt8>, at position: inout Int) -> Int? {
  guard position < text.count, text[position] == UInt8(ascii: ".") else { return 0 }
  position += 1
  let first = position
  var microsecond: UInt32 = 0
  var missingDigits = 6
  while position < text.count, missingDigits > 0, isDigit(text[position]) {
    microsecond = microsecond &* 10 &+ UInt32(text[position] &- UInt8(ascii: "0"))
    missingDigits -= 1
    position += 1
  }
  guard position > first else { return nil }
  while missingDigits > 0 {
    microsecond &*= 10
    missingDigits -= 1
  }
  // The first digit left out decides: what follows cannot bring a 4 up to the half.
  if position == first + 6, position < text.count, isDigit(text[position]) {
    if text[position] >= UInt8(ascii: "5") { microsecond += 1 }
    repeat { position += 1 } while position < text.count && isDigit(text[position])
  }
  return Int(microsecond)
}

/// Seconds east of UTC of the zone that fills the rest of the text, white space before it skipped.
@inline(__always)
private func offsetSeconds(_ text: Span<UInt8>, from position: Int) -> Int? {
  var start = position
  while start < text.count, isSpace(text[start]) { start += 1 }
  let zone = text.extracting(start..<text.count)
  guard zone.count > 0 else { return nil }
  if zone[0] | 0x20 == UInt8(ascii: "z") { return zone.count == 1 ? 0 : nil }
  let isWest = zone[0] == UInt8(ascii: "-")
  guard isWest || zone[0] == UInt8(ascii: "+"), zone.count >= 3,
    let hour = number(zone[1], zone[2]), hour <= 23
  else { return nil }
  let minute: Int?
  switch zone.count {
  case 3: minute = 0
  case 5: minute = number(zone[3], zone[4])
  case 6 where zone[3] == UInt8(ascii: ":"): minute = number(zone[4], zone[5])
  default: minute = nil
  }
  guard let minute, minute <= 59 else { return nil }
  let seconds = hour * 3600 + minute * 60
  return isWest ? -seconds : seconds
}

@inline(__always)
private func number(_ tens: UInt8, _ ones: UInt8) -> Int? {
  guard isDigit(tens), isDigit(ones) else { return nil }
  return Int(tens &- UInt8(ascii: "0")) * 10 + Int(ones &- UInt8(ascii: "0"))
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

@inline(__always)
private func isSpace(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (byte >= UInt8(ascii: "\t") && byte <= UInt8(ascii: "\r"))
}

@inline(__always)
private func rangeWithoutSpace(_ bytes: Span<UInt8>) -> Range<Int> {
  var (start, end) = (0, bytes.count)
  while start < end, isSpace(bytes[start]) { start += 1 }
  while end > start, isSpace(bytes[end - 1]) { end -= 1 }
  return start..<end
}
