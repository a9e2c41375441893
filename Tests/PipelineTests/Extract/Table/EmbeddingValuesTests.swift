import Foundation
import Testing

@testable import Pipeline

@Suite struct EmbeddingValuesTests {
  private static func values(_ json: String) throws -> EmbeddingValues? {
    let tape = try parsed(json)
    return EmbeddingValues(tape.root, of: tape)
  }

  @Test func `a vector's bytes are turned, and numbers are doubles`() throws {
    let vector = try #require(try Self.values(#"{"float32":"P4AAAMAAAAA="}"#))
    #expect(vector.width == 4 && vector.dimensions == 2)
    #expect(vector.bytes == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let list = try #require(try Self.values("[1, -2.5]"))
    #expect(list.width == 8 && list.dimensions == 2)
    #expect(list.bytes == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0x04, 0xC0])
    #expect(try Self.values("[]")?.dimensions == 0)
  }

  @Test(arguments: [
    #"{"float32":"P4AA"}"#, #"{"float32":"*"}"#, #"{"float64":"P4AAAA=="}"#, "[1,\"2\"]", "[1e400]",
    "true", "\"[1]\"",
  ])
  func `anything else is no embedding`(json: String) throws {
    #expect(try Self.values(json) == nil)
  }

  @Test func `bytes in base64 are what Foundation makes of them`() {
    for count in 0..<40 {
      let bytes = (0..<count + 2).map { _ in UInt8.random(in: 0...255) }
      var text: [UInt8] = []
      text.append(base64: 1..<count + 1, of: bytes.span)
      #expect(text == Array(Data(bytes[1..<count + 1]).base64EncodedString().utf8))
      #expect(DataURL.base64(text[...]) == Array(bytes[1..<count + 1]))
    }
  }

  @Test func `a number is the nearest double to its text`() {
    var texts = [
      "0", "-0", "-0.0", "1e5", "123456789012345", "1234567890123456", "0.1", "9007199254740993",
    ]
    texts += [
      "0.00000000000000000000000001", "3.0000000000000004", "-1e-7", "0.012345678901234567",
    ]
    for _ in 0..<2_000 {
      texts.append("\(Double.random(in: -1...1))")
      texts.append("\(Float.random(in: -1...1))")
      texts.append("\(Double(bitPattern: .random(in: 0..<0x7FF0_0000_0000_0000)))")
    }
    for text in texts {
      let bytes = Array("x\(text)y".utf8)
      #expect(
        Double(decimal: bytes, 1..<bytes.count - 1)?.bitPattern == Double(text)?.bitPattern,
        "\(text)")
    }
  }
}
