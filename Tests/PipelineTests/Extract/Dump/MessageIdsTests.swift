import Testing

@testable import Pipeline

struct MessageIdsTests {
  /// 3 000 messages of a hundred conversations, of whose ids every tenth is one of the conversation before too.
  private static func found(entryLimit: Int) throws -> [Bool] {
    var found: [Bool] = []
    try ScratchFiles.with { files in
      var ids = MessageIds(directory: files.path, entryLimit: entryLimit)
      for number in 0..<3000 {
        try ids.add(id(number), of: UInt64(number / 30), at: place(number))
        if number % 10 == 0 {
          try ids.add(id(number), of: UInt64(number / 30 + 1), at: place(10_000 + number))
          // Another row of the same message is none of another conversation.
          try ids.add(id(number), of: UInt64(number / 30), at: place(20_000 + number))
        }
      }
      let repeated = try ids.repeated()
      found = (0..<3000).flatMap { number in
        [
          repeated.contains(id(number), of: UInt64(number / 30)),
          repeated.contains(id(number), of: UInt64(number / 30 + 1)),
        ]
      }
    }
    return found
  }

  private static func id(_ number: Int) -> RowId {
    RowId(high: UInt64(number / 7), low: UInt64(number))
  }

  private static func place(_ offset: Int) -> Place {
    Place(input: 0, line: 1, byteOffset: offset, byteLength: 1)
  }

  @Test(arguments: [100, 1 << 17])
  func `an id of two conversations is the first one's, in memory and by way of a file`(
    entryLimit: Int
  ) throws {
    #expect(
      try Self.found(entryLimit: entryLimit)
        == (0..<3000).flatMap { number in [false, number % 10 == 0] })
  }

  @Test func `which conversation has it first is a matter of the inputs, not of when rows come`()
    throws
  {
    try ScratchFiles.with { files in
      var ids = MessageIds(directory: files.path)
      try ids.add(Self.id(1), of: 7, at: Self.place(300))
      try ids.add(Self.id(1), of: 8, at: Self.place(100))
      try ids.add(Self.id(1), of: 9, at: Self.place(200))
      let repeated = try ids.repeated()
      #expect([7, 8, 9].map { repeated.contains(Self.id(1), of: $0) } == [true, false, true])
      #expect(!repeated.isEmpty)
    }
  }
}
