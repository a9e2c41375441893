import Postgres
import TestSupport
import Testing

@testable import Pipeline

@Suite struct FloatTextTests {
  private static func text(_ number: Float) -> String {
    var bytes: [UInt8] = []
    bytes.append(addingCapacity: OutputSpan<UInt8>.floatTextBytes) { $0.append(float: number) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (100_000, "100000"),
      (123_456, "123456"), (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (0.0001, "0.0001"),
      (0.00001, "1e-05"), (-0.000012, "-1.2e-05"), (12.5, "12.5"), (16_777_216, "1.6777216e+07"),
      (33_554_448, "3.3554448e+07"), (.greatestFiniteMagnitude, "3.4028235e+38"),
      (.leastNormalMagnitude, "1.1754944e-38"), (.leastNonzeroMagnitude, "1e-45"),
    ] as [(Float, String)])
  func `a number has the digits that tell it from others, and the form the server gives it`(
    number: Float, text: String
  ) {
    #expect(Self.text(number) == text)
  }

  @Test func `numbers of every size have the server's text`() async throws {
    var random = SeededNumbers(seed: 7)
    var patterns: [UInt32] = []
    for exponent in 0..<UInt32(255) {
      let fractions: [UInt32] = [0, 1, 2, 3, 0x40_0000, 0x7F_FFFE, 0x7F_FFFF]
      for fraction in fractions { patterns.append(exponent << 23 | fraction) }
      for _ in 0..<40 {
        patterns.append(exponent << 23 | UInt32.random(in: 0..<0x80_0000, using: &random))
      }
    }
    // What embeddings are made of, and whole numbers, whose bounds are decimals of few digits.
    for _ in 0..<10_000 {
      patterns.append(Float.random(in: -1...1, using: &random).bitPattern)
      patterns.append(Float(Int.random(in: 0..<1 << 34, using: &random)).bitPattern)
    }
    var rows = BinaryCopy.header
    for (number, pattern) in patterns.enumerated() {
      rows.append(bigEndian: Int16(2))
      rows.append(bigEndian: Int32(4))
      rows.append(bigEndian: Int32(number))
      rows.append(bigEndian: Int32(4))
      rows.append(bigEndian: Int32(bitPattern: pattern))
    }
    rows += BinaryCopy.trailer
    try await TestDatabase.with(.empty) { database in
      let connection = try database.connect()
      try connection.execute("CREATE TABLE numbers (n integer, number real)")
      try connection.copyIn("COPY numbers FROM STDIN (FORMAT binary)") { writer in
        try writer.write(rows.span)
      }
      let found = try database.query("SELECT number::text FROM numbers ORDER BY n").map { $0[0] }
      #expect(found == patterns.map { Self.text(Float(bitPattern: $0)) })
    }
  }
}
