/// `value.negative`: fewer than no tokens, or less than nothing in cost or time.
enum ValueNegative {
  static func isBroken(by value: JSONValue, of tape: borrowing JSONTape) -> Bool {
    let range = tape.range(value)
    guard !range.isEmpty, tape.bytes[range.lowerBound] == UInt8(ascii: "-"),
      let number = tape.decimal(value)
    else { return false }
    return number.isNegative && number.coefficient > 0
  }
}
