/// Lengths of time as people write them: a whole number with s, m, h or d; 0 needs no unit.
enum SpecDuration {
  private static let units: [(name: String, seconds: Int)] = [
    ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// Seconds, or nil when `text` is not a duration or overflows.
  static func seconds(_ text: String) -> Int? {
    if text == "0" { return 0 }
    guard let unit = units.first(where: { text.hasSuffix($0.name) }),
      let number = WholeNumber.parse(String(text.dropLast(unit.name.count)))
    else { return nil }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: unit.seconds)
    return overflow ? nil : seconds
  }

  /// The shortest exact spelling.
  static func text(_ seconds: Int) -> String {
    let unit = seconds == 0 ? nil : units.first { seconds % $0.seconds == 0 }
    return unit.map { "\(seconds / $0.seconds)\($0.name)" } ?? "\(seconds)"
  }
}
