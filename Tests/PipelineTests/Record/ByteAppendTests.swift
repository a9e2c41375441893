import Testing

@testable import Pipeline

struct ByteAppendTests {
  @Test(arguments: [0, 9, 10, 99, 100, 12_345, -1, -10, .max, .min] as [Int])
  func `a whole number is written in all its digits`(value: Int) {
    var bytes = Array("<".utf8)
    bytes.append(decimal: value)
    #expect(String(decoding: bytes, as: UTF8.self) == "<\(value)")
  }

  @Test(arguments: [
    (0, 1, "0"), (0, 4, "0000"), (7, 2, "07"), (123, 2, "123"), (1999, 4, "1999"),
    (5, 20, "00000000000000000005"),
  ])
  func `a whole number has zeros before it up to the digits asked for`(
    value: Int, digits: Int, expected: String
  ) {
    var bytes: [UInt8] = []
    bytes.append(decimal: value, digits: digits)
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }
}
