/// Microseconds since 1970 in UTC.
typealias EpochMicroseconds = Int

extension [UInt8] {
  /// Appends text that is JSON already, or needs no escape inside a JSON string.
  mutating func append(json: String) {
    append(contentsOf: json.utf8)
  }

  mutating func append(number: Int, digits: Int = 1) {
    var divisor = 1
    var width = 1
    while width < digits || number / divisor >= 10 {
      divisor *= 10
      width += 1
    }
    while divisor > 0 {
      append(UInt8(48 + number / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends `2025-10-16T05:25:49.700001+00:00`; like Python's isoformat, no fraction when it is zero.
  mutating func append(isoformat time: EpochMicroseconds) {
    append(seconds: time)
    if time % 1_000_000 != 0 {
      append(UInt8(ascii: "."))
      append(number: time % 1_000_000, digits: 6)
    }
    append(json: "+00:00")
  }

  /// Appends `2025-10-16T05:25:49` and leaves the zone to the caller.
  mutating func append(seconds time: EpochMicroseconds) {
    let seconds = time / 1_000_000
    // Civil date from days, after Howard Hinnant: years begin in March, so leap days come last.
    let days = seconds / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    append(number: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), digits: 4)
    append(UInt8(ascii: "-"))
    append(number: month, digits: 2)
    append(UInt8(ascii: "-"))
    append(number: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, digits: 2)
    append(UInt8(ascii: "T"))
    append(number: seconds / 3_600 % 24, digits: 2)
    append(UInt8(ascii: ":"))
    append(number: seconds / 60 % 60, digits: 2)
    append(UInt8(ascii: ":"))
    append(number: seconds % 60, digits: 2)
  }
}

extension SplitMix64 {
  /// 36 bytes that look like a random UUID: version 4, variant 10.
  mutating func uuid() -> [UInt8] {
    let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for nibble in 0..<32 {
      if [8, 12, 16, 20].contains(nibble) { text.append(UInt8(ascii: "-")) }
      let half = nibble < 16 ? high : low
      text.append(digits[Int(half >> UInt64(60 - nibble % 16 * 4) & 15)])
    }
    return text
  }

  /// A moment in the first eleven months of 2025.
  mutating func startOfConversation() -> EpochMicroseconds {
    1_735_689_600_000_000 + below(330 * 86_400) * 1_000_000 + below(1_000_000)
  }
}
