internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct MarkLogTests {
  private static func mark(
    _ key: UInt64, _ kind: RunMark.Kind = .session, owner: UInt64 = 1, other: UInt64 = 0,
    input: Int32 = 0, at offset: Int = 0
  ) -> RunMark {
    RunMark(
      kind: kind, key: key, owner: owner, other: other,
      place: Place(input: input, line: offset + 1, byteOffset: offset, byteLength: 7))
  }

  @Test(arguments: [1, 2, 3, 1_000])
  func `marks of a key come together and in order, in memory or not`(markLimit: Int) async throws {
    try await TemporaryDirectory.with { directory in
      var log = MarkLog(directory: directory.path, markLimit: markLimit)
      var keys: [[Int]] = []
      for number in 0..<50 {
        let key = UInt64(number % 7) << 60 | 5
        try log.add([Self.mark(key, at: 100 - number)])
      }
      try log.forEachKey { marks in
        #expect(marks.allSatisfy { $0.key == marks.first?.key })
        keys.append(marks.map(\.place.byteOffset))
      }
      #expect(keys.count == 7)
      #expect(keys.flatMap(\.self).count == 50)
      #expect(keys.allSatisfy { $0 == $0.sorted() })
    }
  }

  @Test func `a mark comes back as it was`() {
    let marks = [
      Self.mark(.max, .text, owner: .max, other: 3, input: 2, at: 1 << 40),
      Self.mark(0, .child, owner: 0, other: .max, input: -1),
    ]
    var bytes: [UInt8] = []
    for mark in marks { mark.append(to: &bytes) }
    #expect(bytes.count == 2 * RunMark.byteCount)
    #expect(RunMark(bytes.span, at: 48) == marks[1])
    var far = marks[0]
    #expect(RunMark(bytes.span, at: 0) != nil)
    far = Self.mark(.max, .text, owner: .max, other: 3, input: 2, at: 1 << 30)
    bytes = []
    far.append(to: &bytes)
    #expect(RunMark(bytes.span, at: 0) == far)
  }
}
