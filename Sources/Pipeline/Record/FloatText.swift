/// The shortest decimal number that is nearer to a number of four bytes than to any other.
///
/// It has the digits that PostgreSQL's output functions write, and pgvector's: those of Ryu (Adams, "Ryū: fast
/// float-to-string conversion", 2018) where the bounds between two numbers count as neither's, as in the server's f2s.c.
/// Swift takes the bounds in: of 33554448 it writes 3.355445e+07.
struct ShortestDecimal: Equatable {
  var digits: UInt32
  /// The power of ten that ``digits`` count.
  var exponent: Int

  private static let mantissaBits = 23
  private static let bias = 127
  /// Bits of the powers of five kept, and of their inverses.
  private static let powerBits = 61
  private static let inverseBits = 59

  /// The power of five `n` cut to ``powerBits`` bits.
  private static let powers: [UInt64] = (0..<48).map { power in
    let shift = bits(ofPower: power) - powerBits
    let whole = five(to: power)
    return UInt64(
      truncatingIfNeeded: shift < 0 ? whole << UInt128(-shift) : whole >> UInt128(shift))
  }

  /// 2 to the power of ``inverseBits`` and the bits of the power of five `n` but one, divided by that, rounded up.
  private static let inverses: [UInt64] = (0..<31).map { power in
    let exponent = bits(ofPower: power) - 1 + inverseBits
    return UInt64((UInt128.max >> UInt128(128 - exponent)) / five(to: power) + 1)
  }

  private static func five(to power: Int) -> UInt128 { (0..<power).reduce(1) { all, _ in all * 5 } }

  private static func bits(ofPower power: Int) -> Int { (power * 1_217_359) >> 19 + 1 }

  /// - Parameter number: finite, and not zero; its sign does not count.
  init(_ number: Float) {
    let fraction = number.significandBitPattern
    let isSubnormal = number.exponentBitPattern == 0
    let exponent =
      (isSubnormal ? 1 : Int(number.exponentBitPattern)) - Self.bias - Self.mantissaBits - 2
    let mantissa = isSubnormal ? fraction : 1 << UInt32(Self.mantissaBits) | fraction
    // The number and the bounds to its neighbours, in quarters of the last bit.
    let isNarrowBelow = fraction == 0 && number.exponentBitPattern > 1
    let (value, above, below) = (
      4 * mantissa, 4 * mantissa + 2, 4 * mantissa - (isNarrowBelow ? 1 : 2)
    )
    var bounds: (value: UInt32, above: UInt32, below: UInt32)
    var (isTail, last): (Bool, UInt32) = (false, 0)
    if exponent >= 0 {
      let tens = (exponent * 78_913) >> 18
      let shift = Self.inverseBits + Self.bits(ofPower: tens) - 1 + tens - exponent
      let factor = Self.inverses[tens]
      bounds = (
        Self.multiply(value, factor, shift), Self.multiply(above, factor, shift),
        Self.multiply(below, factor, shift)
      )
      if tens != 0, (bounds.above - 1) / 10 <= bounds.below / 10 {
        let shift = Self.inverseBits + Self.bits(ofPower: tens - 1) - 2 + tens - exponent
        last = Self.multiply(value, Self.inverses[tens - 1], shift) % 10
      }
      if tens <= 9 {
        if value.isMultiple(of: 5) {
          isTail = Self.isMultiple(value, ofFiveTo: tens)
        } else if Self.isMultiple(above, ofFiveTo: tens) {
          bounds.above -= 1
        }
      }
      self.exponent = tens
    } else {
      let tens = (-exponent * 732_923) >> 20
      let power = -exponent - tens
      let shift = tens - Self.bits(ofPower: power) + Self.powerBits
      let factor = Self.powers[power]
      bounds = (
        Self.multiply(value, factor, shift), Self.multiply(above, factor, shift),
        Self.multiply(below, factor, shift)
      )
      if tens != 0, (bounds.above - 1) / 10 <= bounds.below / 10 {
        let shift = tens - 1 - Self.bits(ofPower: power + 1) + Self.powerBits
        last = Self.multiply(value, Self.powers[power + 1], shift) % 10
      }
      if tens <= 1 {
        isTail = true
        bounds.above -= 1
      } else if tens < 31 {
        isTail = value & (1 << UInt32(tens - 1) - 1) == 0
      }
      self.exponent = tens + exponent
    }
    while bounds.above / 10 > bounds.below / 10 {
      isTail = isTail && last == 0
      last = bounds.value % 10
      bounds = (bounds.value / 10, bounds.above / 10, bounds.below / 10)
      self.exponent += 1
    }
    // Right in the middle: to the even one.
    if isTail, last == 5, bounds.value.isMultiple(of: 2) { last = 4 }
    digits = bounds.value + (bounds.value == bounds.below || last >= 5 ? 1 : 0)
  }

  @inline(__always)
  private static func multiply(_ number: UInt32, _ factor: UInt64, _ shift: Int) -> UInt32 {
    let low = UInt64(number) * (factor & 0xFFFF_FFFF)
    let high = UInt64(number) * (factor >> 32)
    return UInt32(truncatingIfNeeded: (low >> 32 + high) >> UInt64(shift - 32))
  }

  private static func isMultiple(_ number: UInt32, ofFiveTo power: Int) -> Bool {
    var rest = number
    for _ in 0..<power {
      guard rest.isMultiple(of: 5) else { return false }
      rest /= 5
    }
    return true
  }
}

extension OutputSpan<UInt8> {
  /// Bytes that a number of four bytes takes at most: `-1.17549435e-38`.
  static var floatTextBytes: Int { 15 }

  /// Appends a finite number as PostgreSQL writes it, `0.0001` and `1e-05`, `123456` and `1.234567e+06`; there must be
  /// room for it.
  mutating func append(float number: Float) {
    if number.sign == .minus { append(UInt8(ascii: "-")) }
    guard number != 0 else { return append(UInt8(ascii: "0")) }
    let decimal = ShortestDecimal(number)
    var text = InlineArray<10, UInt8>(repeating: 0)
    var start = text.count
    var rest = decimal.digits
    var trailing = decimal.exponent
    repeat {
      let digit = UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      // Zeros at the end count tens.
      if start == text.count, digit == 0, rest > 0 {
        trailing += 1
        continue
      }
      start -= 1
      text[start] = UInt8(ascii: "0") + digit
    } while rest > 0
    let count = text.count - start
    let power = trailing + count - 1
    if power >= -4, power < 6 {
      if power < 0 {
        append(UInt8(ascii: "0"))
        append(UInt8(ascii: "."))
        for _ in 0..<(-power - 1) { append(UInt8(ascii: "0")) }
      }
      for place in 0..<count {
        if place > 0, place == power + 1 { append(UInt8(ascii: ".")) }
        append(text[start + place])
      }
      for _ in 0..<max(0, trailing) { append(UInt8(ascii: "0")) }
      return
    }
    append(text[start])
    if count > 1 { append(UInt8(ascii: ".")) }
    for place in 1..<max(1, count) { append(text[start + place]) }
    append(UInt8(ascii: "e"))
    append(UInt8(ascii: power < 0 ? "-" : "+"))
    let size = UInt8(power.magnitude)
    append(UInt8(ascii: "0") + size / 10)
    append(UInt8(ascii: "0") + size % 10)
  }
}
