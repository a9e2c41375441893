import Testing

@testable import Archive

@Suite struct UTF16TranscoderTests {
  private func transcode(
    _ input: [UInt8], isBigEndian: Bool = false, pieceBytes: Int
  ) -> (output: [UInt8], replaced: Int) {
    var transcoder = UTF16Transcoder(isBigEndian: isBigEndian)
    var output: [UInt8] = []
    for start in stride(from: 0, to: input.count, by: pieceBytes) {
      let end = min(start + pieceBytes, input.count)
      transcoder.transcode(input.span.extracting(start..<end), into: &output)
    }
    transcoder.finish(into: &output)
    return (output, transcoder.replacedCharacters)
  }

  @Test(arguments: [false, true], [1, 2, 3, 5, 1_000_000])
  func `every Unicode scalar value becomes its UTF-8`(isBigEndian: Bool, pieceBytes: Int) {
    var text = ""
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      // All around the lengths' borders, a sample elsewhere.
      if value < 0x1000 || value % 97 == 0 || (0xD700...0x10100).contains(value)
        || value > 0x10FF00
      {
        text.unicodeScalars.append(scalar)
      }
    }
    var input: [UInt8] = []
    for unit in text.utf16 {
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      input += isBigEndian ? [high, low] : [low, high]
    }
    let (output, replaced) = transcode(input, isBigEndian: isBigEndian, pieceBytes: pieceBytes)
    #expect(output == Array(text.utf8))
    #expect(replaced == 0)
  }

  @Test(
    arguments: [
      ([0x3D, 0xD8], "\u{FFFD}", 1),
      ([0x00, 0xDE], "\u{FFFD}", 1),
      ([0x3D, 0xD8, 0x61, 0x00], "\u{FFFD}a", 1),
      ([0x3D, 0xD8, 0x3D, 0xD8, 0x00, 0xDE], "\u{FFFD}\u{1F600}", 1),
      ([0x00, 0xDE, 0x3D, 0xD8], "\u{FFFD}\u{FFFD}", 2),
      ([0x61, 0x00, 0x62], "a\u{FFFD}", 1),
      ([0x3D, 0xD8, 0x00], "\u{FFFD}\u{FFFD}", 2),
      ([], "", 0),
    ] as [([UInt8], String, Int)], [1, 2, 3, 100])
  func `a lone surrogate or half a code unit is replaced and counted`(
    row: (input: [UInt8], text: String, replaced: Int), pieceBytes: Int
  ) {
    let (output, replaced) = transcode(row.input, pieceBytes: pieceBytes)
    #expect(output == Array(row.text.utf8))
    #expect(replaced == row.replaced)
  }
}
