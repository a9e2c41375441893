import Testing

@testable import Pipeline

struct PartedWordsTests {
  @Test(arguments: [1, 7, 1_000, 1 << 20])
  func `words come back in their parts and their order, by way of a file or not`(
    wordLimit: Int
  ) throws {
    try ScratchFiles.with { files in
      var words = PartedWords(directory: files.path, wordLimit: wordLimit)
      for number in UInt64(0)..<3_000 {
        try words.add(to: number) { entry in
          entry.append(number)
          if number % 3 == 0 { entry.append(.max - number) }
        }
      }
      for part in 0..<PartedWords.partCount {
        var expected: [UInt64] = []
        for number in stride(from: UInt64(part), to: 3_000, by: 256) {
          expected.append(number)
          if number % 3 == 0 { expected.append(.max - number) }
        }
        #expect(try words.words(of: part) == expected)
      }
    }
  }
}
