import Testing

@testable import Pipeline

struct DecimalNumberTests {
  /// Expected bytes are what PostgreSQL 15 answers to `select numeric_send('…'::numeric)`.
  @Test(arguments: [
    ("0", "0000000000000000"),
    ("0.00", "0000000000000002"),
    ("1", "00010000000000000001"),
    ("-1", "00010000400000000001"),
    ("9999", "0001000000000000270f"),
    ("10000", "00010001000000000001"),
    ("0.000001", "0001fffe000000060064"),
    ("1.50", "000200000000000200011388"),
    ("-123456789.0123", "0004000240000004000109291a85007b"),
    ("1e20", "00010005000000000001"),
    ("1.5e3", "000100000000000005dc"),
    ("1.5e-3", "0001ffff00000004000f"),
    (
      "12345678901234567890123456789012345678",
      "000a000900000000000c0d801ed204d2162e23340d801ed204d2162e"
    ),
    ("0.1", "0001ffff0000000103e8"),
    ("0.0001", "0001ffff000000040001"),
    ("0.00001", "0001fffe0000000503e8"),
    ("100000000", "00010002000000000001"),
    ("-0.5", "0001ffff400000011388"),
    ("1e-5", "0001fffe0000000503e8"),
    ("0e5", "0000000000000000"),
    ("1000000.000001", "00040001000000060064000000000064"),
    ("2.50e1", "00010000000000010019"),
  ])
  func `the binary form is PostgreSQL's own`(number: String, expected: String) throws {
    let decimal = try #require(DecimalNumber(text: number))
    var out: [UInt8] = []
    decimal.appendNumeric(to: &out)
    #expect(text(hexText(out)) == expected)
  }

  @Test(arguments: [
    "", "-", "a", "1a", "1.", ".5", "1.e5", "1e", "1e+", "1e1.5", " 1", "1 ", "0x1", "+1", "--1",
    "1,5",
    "1e10001", "1e-99999", "1e99999999999999999999", "123456789012345678901234567890123456789",
    "NaN",
  ])
  func `other text and what is too large is no number`(number: String) {
    #expect(DecimalNumber(text: number) == nil)
  }

  @Test(arguments: [
    ("0.0000005", 6, "0.000001"), ("0.0000004", 6, "0"), ("-0.0000005", 6, "-0.000001"),
    ("1.2345678", 6, "1.234568"), ("1.5", 0, "2"), ("2.5", 0, "3"), ("-2.5", 0, "-3"),
    ("1e-40", 6, "0"), ("99999999999999999999999999999999999999e-38", 0, "1"),
    ("49999999999999999999999999999999999999e-38", 0, "0"), ("12", 6, "12"), ("1e3", 2, "1e3"),
  ])
  func `rounding takes halves away from zero`(number: String, scale: Int, expected: String) throws {
    let rounded = try #require(DecimalNumber(text: number)?.rounded(scale: scale))
    let wanted = try #require(DecimalNumber(text: expected))
    // Equal values may keep different scales.
    #expect(rounded.doubleValue == wanted.doubleValue)
    #expect(-rounded.exponent <= scale)
  }

  @Test(
    arguments: [
      ("0", 0), ("12", 12), ("-12.5", -13), ("12.49", 12), ("1e3", 1000), ("0e30", 0),
      ("9223372036854775807", 9_223_372_036_854_775_807), ("9223372036854775808", nil),
      ("1e19", nil),
      ("1e400", nil), ("1e-400", 0),
    ] as [(String, Int64?)])
  func `the nearest whole number is found within 64 bits`(number: String, expected: Int64?) {
    #expect(DecimalNumber(text: number)?.nearestInteger == expected)
  }

  @Test(arguments: [
    ("0", 0), ("0.5", 0), ("9.99", 1), ("10", 2), ("1234.5", 4), ("1e5", 6), ("100e-2", 1),
    ("1e-9", 0),
  ])
  func `digits before the point are counted`(number: String, expected: Int) {
    #expect(DecimalNumber(text: number)?.integerDigitCount == expected)
  }

  @Test(
    arguments: [("0.1", 0.1), ("-1e300", -1e300), ("123.456", 123.456), ("1e400", nil)]
      as [(String, Double?)])
  func `the nearest double is found where it is finite`(number: String, expected: Double?) {
    #expect(DecimalNumber(text: number)?.doubleValue == expected)
  }
}

extension DecimalNumber {
  fileprivate init?(text: String) {
    let bytes = Array(text.utf8)
    self.init(bytes.span)
  }
}
