/// How numbers are written for a person: the summary, the progress line.
enum Quantity {
  /// `171 234`: groups of three.
  static func grouped(_ value: Int) -> String {
    var text = ""
    let digits = String(value.magnitude)
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// `1 message`, `2 messages`.
  static func counted(_ value: Int, _ noun: String) -> String {
    value == 1 ? "1 \(noun)" : "\(value) \(noun)s"
  }

  /// `168 MB`: powers of a thousand, three digits or so.
  static func bytes(_ value: Double) -> String {
    scaled(value, units: ["B", "kB", "MB", "GB", "TB", "PB"])
  }

  /// `96 MiB`: memory is bought and limited in powers of two.
  static func memory(_ bytes: Int) -> String {
    fixed(Double(bytes) / 1_048_576, decimals: bytes < 10_485_760 ? 1 : 0) + " MiB"
  }

  /// `66 k`, to be followed by what is counted.
  static func short(_ value: Double) -> String {
    scaled(value, units: ["", "k", "M", "G"])
  }

  /// `3 ms`, `6.2 s`, `3 min 12 s`, `1 h 02 min`.
  static func duration(_ seconds: Double) -> String {
    // Rounded before the unit is chosen, or 59.96 s would read 60.0 s.
    guard seconds >= 0.9995 else { return "\(rounded(seconds * 1000)) ms" }
    guard seconds >= 59.95 else { return fixed(seconds, decimals: 1) + " s" }
    let whole = rounded(seconds)
    guard whole >= 3600 else { return "\(whole / 60) min \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole / 60 % 60)) min"
  }

  /// `0:03`, `12:07`, `1:02:07`.
  static func clock(_ seconds: Double) -> String {
    let whole = rounded(seconds)
    let tail = ":" + padded(whole % 60)
    guard whole >= 3600 else { return "\(whole / 60)" + tail }
    return "\(whole / 3600):\(padded(whole / 60 % 60))" + tail
  }

  /// A number with a fixed count of decimals, never in powers of ten.
  static func fixed(_ value: Double, decimals: Int) -> String {
    let unit = decimals == 0 ? 1 : decimals == 1 ? 10 : 100
    let scaled = rounded(value * Double(unit))
    guard decimals > 0 else { return String(scaled) }
    let fraction = String(scaled % unit)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(scaled / unit).\(zeros)\(fraction)"
  }

  private static func scaled(_ value: Double, units: [String]) -> String {
    var value = value
    var rank = 0
    // From 999.5 on it would be written 1000.
    while value >= 999.5 && rank + 1 < units.count {
      value /= 1000
      rank += 1
    }
    let decimals = rank > 0 && value < 9.95 ? 1 : 0
    let number = fixed(value, decimals: decimals)
    return units[rank].isEmpty ? number : "\(number) \(units[rank])"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

  /// Clamped: a rate measured over nothing may be infinite.
  private static func rounded(_ value: Double) -> Int {
    guard value.isFinite, value > 0 else { return 0 }
    return value < 9e18 ? Int(value.rounded()) : .max
  }
}
