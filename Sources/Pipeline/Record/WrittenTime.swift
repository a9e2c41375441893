/// A time as a record has it, made an instant.
struct WrittenTime {
  /// How the reading of a wall clock became an instant.
  struct Naive {
    /// IANA name of the zone it was read in.
    let zone: String
    let reading: ZoneRules.Reading

    /// What is said of it, on one line.
    var text: String {
      switch reading {
      case .plain: "a time without a zone, read in \(zone)"
      case .gap: "a time that \(zone) skipped when clocks went forward"
      case .overlap: "a time that \(zone) had twice; the first is taken"
      }
    }
  }

  let instant: Timestamp
  /// Nil of a number, and of a text with its own zone.
  var naive: Naive?
}

extension ZoneRules {
  /// What a text means; nil if it is no time.
  func read(_ time: ParsedTime) -> WrittenTime? {
    switch time {
    case .instant(let instant): return WrittenTime(instant: instant)
    case .naive(let wallClock):
      let resolved = resolve(naive: wallClock)
      return WrittenTime(
        instant: resolved.instant,
        naive: WrittenTime.Naive(zone: name, reading: resolved.kind))
    case .invalid: return nil
    }
  }
}

extension JSONTape {
  /// A time in any of the forms that stores write.
  ///
  /// - Parameters:
  ///   - value: a number of seconds since 1970 or their fractions, or a text.
  ///   - zone: of a text that has none.
  /// - Returns: nil if it is none of them.
  func time(_ value: JSONValue, in zone: ZoneRules) -> WrittenTime? {
    let range = range(value)
    switch kind(value) {
    case .number:
      return Timestamp(epochNumber: bytes.span.extracting(range))
        .map { WrittenTime(instant: $0) }
    case .string:
      // Some writers escape the `+` of a zone.
      guard self[value].flags.contains(.escaped) else {
        return zone.read(ParsedTime(bytes.span.extracting(range)))
      }
      let decoded = decoded(value)
      return zone.read(ParsedTime(decoded.span))
    default: return nil
    }
  }
}
