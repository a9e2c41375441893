/// A time as a record has it, made an instant.
struct WrittenTime {
  /// How the reading of a wall clock became an instant.
  struct Naive {
    /// IANA name of the zone it was read in.
    let zone: String
    let reading: ZoneRules.Reading

    /// The rule its time breaks.
    var rule: Rule {
      switch reading {
      case .plain: .timeNaive
      case .gap, .overlap: .timeZoneChange
      }
    }

    /// What is said of it, on one line.
    var text: String {
      switch reading {
      case .plain: "a time without a zone, read in \(zone)"
      case .gap: "a time that \(zone) skipped when clocks went forward; it is moved by as much"
      case .overlap: "a time that \(zone) had twice; the first is taken"
      }
    }
  }

  let instant: Timestamp
  /// Nil of a number, and of a text with its own zone.
  let naive: Naive?
}

extension WrittenTime {
  /// What a text means, in a zone that is looked up only for a text without one; nil if it is no time.
  init?(_ time: ParsedTime, in zone: @autoclosure () -> ZoneRules) {
    switch time {
    case .instant(let instant): self.init(instant: instant, naive: nil)
    case .naive(let wallClock):
      let zone = zone()
      let resolved = zone.resolve(naive: wallClock)
      self.init(
        instant: resolved.instant, naive: Naive(zone: zone.name, reading: resolved.kind))
    case .invalid: return nil
    }
  }
}

extension JSONTape {
  /// A time in any of the forms that stores write.
  ///
  /// - Parameters:
  ///   - value: a number of seconds since 1970 or their fractions, or a text.
  ///   - zone: of a text that has none; asked for no other.
  /// - Returns: nil if it is none of them.
  func time(_ value: JSONValue, in zone: @autoclosure () -> ZoneRules) -> WrittenTime? {
    let range = range(value)
    switch kind(value) {
    case .number:
      return Timestamp(epochNumber: bytes.span.extracting(range))
        .map { WrittenTime(instant: $0, naive: nil) }
    case .string:
      // Some writers escape the `+` of a zone.
      guard self[value].flags.contains(.escaped) else {
        return WrittenTime(ParsedTime(bytes.span.extracting(range)), in: zone())
      }
      let decoded = decoded(value)
      return WrittenTime(ParsedTime(decoded.span), in: zone())
    default: return nil
    }
  }
}
