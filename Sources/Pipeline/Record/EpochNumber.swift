extension Timestamp {
  /// Reads a JSON number's text as time since 1970, or nil if it is none or outside years 0000 to 9999.
  ///
  /// The magnitude decides the unit: from 1e14 microseconds, from 1e11 milliseconds, else seconds.
  /// Digits are taken as written, never through a Double, and rounded half up to the microsecond.
  /// Today's nanoseconds have no unit here: read as microseconds they fall outside the years.
  init?(epochNumber bytes: Span<UInt8>) {
    guard let layout = DecimalLayout(bytes) else { return nil }
    let microsecondShift =
      switch layout.pointPosition {
      case 15...: 0
      case 12...: 3
      default: 6
      }
    guard let microseconds = layout.rounded(bytes, shiftedBy: microsecondShift) else { return nil }
    self.init(microseconds: microseconds)
    guard hasFourDigitYear else { return nil }
  }
}

/// Where the digits of a JSON number stand: its value is ±0.d₁d₂… × 10^`pointPosition`, d₁ not zero.
private struct DecimalLayout {
  var isNegative = false
  /// From the first digit that is not zero to the last digit before the exponent; may hold the point.
  var digits = 0..<0
  var pointPosition = 0

  /// Nil unless the bytes are a number of the JSON grammar and nothing else.
  init?(_ bytes: Span<UInt8>) {
    var position = 0
    if bytes.count > 0, bytes[0] == UInt8(ascii: "-") {
      isNegative = true
      position = 1
    }
    let integerStart = position
    skipDigits(bytes, &position)
    let integerEnd = position
    guard integerEnd > integerStart else { return nil }
    let isIntegerZero = bytes[integerStart] == UInt8(ascii: "0")
    guard !isIntegerZero || integerEnd == integerStart + 1 else { return nil }
    var firstDigit = integerStart
    if !isIntegerZero { pointPosition = integerEnd - integerStart }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      let fractionStart = position
      skipDigits(bytes, &position)
      guard position > fractionStart else { return nil }
      if isIntegerZero {
        firstDigit = fractionStart
        while firstDigit < position, bytes[firstDigit] == UInt8(ascii: "0") { firstDigit += 1 }
        pointPosition = fractionStart - firstDigit
      }
    } else if isIntegerZero {
      firstDigit = integerEnd
    }
    digits = firstDigit..<position
    guard position < bytes.count else { return }
    guard let exponent = exponent(bytes, from: position) else { return nil }
    pointPosition += exponent
  }

  /// The value times 10^`shift`, rounded half up, or nil if it has more than 18 digits.
  func rounded(_ bytes: Span<UInt8>, shiftedBy shift: Int) -> Int64? {
    guard !digits.isEmpty else { return 0 }
    let wanted = pointPosition + shift
    guard wanted <= 18 else { return nil }
    guard wanted >= 0 else { return 0 }
    var magnitude: Int64 = 0
    var taken = 0
    var tenths: UInt8 = 0
    var hasMore = false
    for index in digits where bytes[index] != UInt8(ascii: ".") {
      let digit = bytes[index] - UInt8(ascii: "0")
      if taken < wanted {
        magnitude = magnitude * 10 + Int64(digit)
      } else if taken == wanted {
        tenths = digit
      } else if digit != 0 {
        hasMore = true
      }
      taken += 1
    }
    while taken < wanted {
      magnitude *= 10
      taken += 1
    }
    // Up is towards the future: an exact half before 1970 loses magnitude.
    if tenths > 5 || (tenths == 5 && (hasMore || !isNegative)) { magnitude += 1 }
    return isNegative ? -magnitude : magnitude
  }
}

private func skipDigits(_ bytes: Span<UInt8>, _ position: inout Int) {
  while position < bytes.count, bytes[position] >= UInt8(ascii: "0"),
    bytes[position] <= UInt8(ascii: "9")
  {
    position += 1
  }
}

/// The exponent that fills the bytes from `start`, held at ±2^40: far beyond any number of digits.
private func exponent(_ bytes: Span<UInt8>, from start: Int) -> Int? {
  guard bytes[start] | 0x20 == UInt8(ascii: "e") else { return nil }
  var position = start + 1
  var sign = 1
  if position < bytes.count {
    switch bytes[position] {
    case UInt8(ascii: "-"):
      sign = -1
      position += 1
    case UInt8(ascii: "+"): position += 1
    default: break
    }
  }
  let digitsStart = position
  skipDigits(bytes, &position)
  guard position > digitsStart, position == bytes.count else { return nil }
  var magnitude = 0
  for index in digitsStart..<position {
    magnitude = min(magnitude * 10 + Int(bytes[index] - UInt8(ascii: "0")), 1 << 40)
  }
  return sign * magnitude
}
