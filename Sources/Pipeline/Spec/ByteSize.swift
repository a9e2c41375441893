/// Sizes as people write them: bytes, or a number with KiB, MiB or GiB.
enum ByteSize {
  private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

  /// Bytes, or nil when `text` is not a size or overflows.
  static func bytes(_ text: String) -> Int? {
    let unit = units.first { text.hasSuffix($0.0) } ?? ("", 1)
    guard let number = WholeNumber.parse(String(text.dropLast(unit.0.count))) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.1)
    return overflow ? nil : bytes
  }

  /// The shortest exact spelling.
  static func text(_ bytes: Int) -> String {
    let unit = bytes == 0 ? nil : units.first { bytes % $0.1 == 0 }
    return unit.map { "\(bytes / $0.1)\($0.0)" } ?? "\(bytes)"
  }
}

/// Whole numbers as YAML writes them.
enum WholeNumber {
  /// The number of decimal digits, which `_` may group; nil for anything else and on overflow.
  static func parse(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text[...]
    guard let first = digits.first, first != "_",
      digits.allSatisfy({ ("0"..."9").contains($0) || $0 == "_" })
    else { return nil }
    return Int((isNegative ? "-" : "") + digits.filter { $0 != "_" })
  }
}
