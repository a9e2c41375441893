/// A decimal number exactly as written, up to 38 digits.
struct DecimalNumber: Equatable {
  var isNegative: Bool
  /// All digits without the point.
  var coefficient: UInt128
  /// Power of ten the coefficient is multiplied by.
  var exponent: Int

  /// Reads a JSON number; nil for other text, more than 38 digits or an exponent beyond ±10 000.
  init?(_ text: Span<UInt8>) {
    isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    coefficient = 0
    exponent = 0
    var digits = 0
    var hasPoint = false
    var at = isNegative ? 1 : 0
    while at < text.count {
      let byte = text[at]
      if byte == UInt8(ascii: "."), !hasPoint, digits > 0 {
        hasPoint = true
      } else if byte &- UInt8(ascii: "0") < 10 {
        let (shifted, overflow) = coefficient.multipliedReportingOverflow(by: 10)
        guard !overflow, digits < 60 else { return nil }
        coefficient = shifted + UInt128(byte - UInt8(ascii: "0"))
        guard coefficient < Self.limit else { return nil }
        digits += 1
        if hasPoint { exponent -= 1 }
      } else {
        break
      }
      at += 1
    }
    guard digits > 0, !hasPoint || exponent < 0 else { return nil }
    guard at < text.count else { return }
    guard text[at] | 0x20 == UInt8(ascii: "e"),
      let power = Self.exponent(text.extracting((at + 1)...))
    else { return nil }
    exponent += power
  }

  /// Makes a whole number.
  init(_ value: Int64) {
    isNegative = value < 0
    coefficient = UInt128(value.magnitude)
    exponent = 0
  }

  private static let limit = (0..<38).reduce(UInt128(1)) { power, _ in power * 10 }

  private static func exponent(_ text: Span<UInt8>) -> Int? {
    guard text.count > 0 else { return nil }
    let isNegative = text[0] == UInt8(ascii: "-")
    let start = isNegative || text[0] == UInt8(ascii: "+") ? 1 : 0
    guard start < text.count else { return nil }
    var value = 0
    for index in start..<text.count {
      let byte = text[index]
      guard byte &- UInt8(ascii: "0") < 10 else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      guard value <= 10_000 else { return nil }
    }
    return isNegative ? -value : value
  }

  /// The number with at most `scale` digits behind the point, the last rounded half away from zero.
  func rounded(scale: Int) -> DecimalNumber? {
    var result = self
    let excess = -scale - exponent
    guard excess > 0 else { return result }
    guard excess < 39 else { return DecimalNumber(zeroOf: self) }
    let divisor = (0..<excess).reduce(UInt128(1)) { power, _ in power * 10 }
    result.coefficient = coefficient / divisor
    if coefficient % divisor >= divisor - divisor / 2 { result.coefficient += 1 }
    result.exponent = -scale
    return result
  }

  private init(zeroOf number: DecimalNumber) {
    isNegative = false
    coefficient = 0
    exponent = 0
  }

  /// The whole number nearest to it, halves away from zero; nil beyond Int64.
  var nearestInteger: Int64? {
    guard let whole = rounded(scale: 0) else { return nil }
    if whole.coefficient == 0 { return 0 }
    guard whole.exponent < 20 else { return nil }
    var magnitude = whole.coefficient
    for _ in 0..<max(0, whole.exponent) {
      let (next, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      magnitude = next
    }
    guard let value = Int128(exactly: magnitude) else { return nil }
    return Int64(exactly: isNegative ? -value : value)
  }

  /// Appends the number in numeric's binary form: groups of four digits around the point.
  ///
  /// Format: `numeric_recv` in PostgreSQL's `src/backend/utils/adt/numeric.c`.
  func appendNumeric(to out: inout [UInt8]) {
    var digits: [UInt8] = []
    var rest = coefficient
    while rest > 0 {
      digits.append(UInt8(rest % 10))
      rest /= 10
    }
    var power = exponent
    // The lowest group must begin at a power of ten that four divides.
    while power % 4 != 0 {
      digits.insert(0, at: 0)
      power -= 1
    }
    var groups: [Int16] = []
    for start in stride(from: 0, to: digits.count, by: 4) {
      var group: Int16 = 0
      for place in (start..<min(start + 4, digits.count)).reversed() {
        group = group * 10 + Int16(digits[place])
      }
      groups.append(group)
    }
    var weight = power / 4 + groups.count - 1
    while groups.last == 0 {
      groups.removeLast()
      weight -= 1
    }
    while groups.first == 0 { groups.removeFirst() }
    appendField(Int16(groups.count), to: &out)
    appendField(Int16(groups.isEmpty ? 0 : weight), to: &out)
    appendField(isNegative && !groups.isEmpty ? 0x4000 : 0, to: &out)
    appendField(Int16(max(0, -exponent)), to: &out)
    for group in groups.reversed() { appendField(group, to: &out) }
  }

  private func appendField(_ value: Int16, to out: inout [UInt8]) {
    out.append(UInt8(truncatingIfNeeded: value >> 8))
    out.append(UInt8(truncatingIfNeeded: value))
  }
}

extension DecimalNumber {
  /// Digits before the point; 0 below one.
  var integerDigitCount: Int {
    var digits = 0
    var rest = coefficient
    while rest > 0 {
      digits += 1
      rest /= 10
    }
    return digits == 0 ? 0 : max(0, digits + exponent)
  }

  /// The nearest double; nil where it would be infinite.
  var doubleValue: Double? {
    guard let value = Double("\(isNegative ? "-" : "")\(coefficient)e\(exponent)"), value.isFinite
    else { return nil }
    return value
  }
}
