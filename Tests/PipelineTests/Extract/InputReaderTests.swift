import Testing

@testable import Pipeline

struct InputReaderTests {
  /// One record as a reader hands it out, with its place in the input.
  struct Found: Equatable {
    var text: String
    var line: Int
    var offset: Int

    init(_ text: String, _ line: Int, _ offset: Int) {
      self.text = text
      self.line = line
      self.offset = offset
    }
  }

  private func segments(
    _ path: String, _ format: SourceFormat, segmentBytes: Int
  ) throws -> [InputSegment] {
    // What a plan has found of the file: without it, and for a pipe, the bytes name themselves.
    var input = PlannedInput(index: 3, path: path, dialect: format, name: "name", size: nil)
    if let known = try InputFinder.find([path], format: .one(format)).inputs.first {
      input.fingerprint = known.fingerprint
    }
    var reader = try InputReader(input, segmentBytes: segmentBytes)
    var found: [InputSegment] = []
    while let segment = try reader.next() { found.append(segment) }
    return found
  }

  private func records(_ segments: [InputSegment]) -> [Found] {
    segments.flatMap { segment -> [Found] in
      var ranges = segment.records
      if segment.layout == .lines {
        ranges = segment.bytes.split(separator: 0x0A).map { $0.startIndex..<$0.endIndex }
      }
      return ranges.map(segment.bytes.trimmed).filter { !$0.isEmpty }.map { range in
        Found(
          text(segment.bytes[range]),
          segment.firstLine + segment.bytes.count(of: 0x0A, in: 0..<range.lowerBound),
          segment.byteOffset + range.lowerBound)
      }
    }
  }

  @Test(
    arguments: [
      (
        SourceFormat.openAIChat, "{\"a\":1}\n{\"b\":2}\n",
        [Found("{\"a\":1}", 1, 0), Found("{\"b\":2}", 2, 8)]
      ),
      (
        .openAIChat, "{\"a\":1}\r\n\r\n{\"b\":2}",
        [Found("{\"a\":1}", 1, 0), Found("{\"b\":2}", 3, 11)]
      ),
      (
        .chatHistory, "{\"a\":\"x\u{2028}y\"}\nbroken\n",
        [Found("{\"a\":\"x\u{2028}y\"}", 1, 0), Found("broken", 2, 14)]
      ),
      (
        .threads, "[\n{\"a\":1},\n\n {\"b\":\n2}]",
        [Found("{\"a\":1}", 2, 2), Found("{\"b\":\n2}", 4, 13)]
      ),
      (
        .threads, "{\"thread:a\":{},\n\"thread:b\":{}}",
        [Found("\"thread:a\":{}", 1, 1), Found("\"thread:b\":{}", 2, 16)]
      ),
      (
        .openAIChat, "{\n\"a\":1\n}\n{\n\"b\":2\n}\n",
        [Found("{\n\"a\":1\n}", 1, 0), Found("{\n\"b\":2\n}", 4, 10)]
      ),
      (.openAIChat, "", []), (.openAIChat, "\n\n", []),
    ] as [(SourceFormat, String, [Found])])
  func `records and places are the same whatever the size of a segment`(
    format: SourceFormat, content: String, expected: [Found]
  ) throws {
    try ScratchFiles.with { files in
      let path = try files.write("input.jsonl", content)
      for segmentBytes in [14, 15, 16, 20, 64, 4096] {
        let found = try segments(path, format, segmentBytes: segmentBytes)
        #expect(records(found) == expected, "\(segmentBytes)")
        #expect(found.map(\.isFirst) == found.indices.map { $0 == 0 })
        #expect(found.map(\.isLast) == found.indices.map { $0 == found.count - 1 })
        #expect(found.flatMap(\.bytes) == Array(content.utf8))
        #expect(found.allSatisfy { $0.damage == nil && $0.input == 3 })
      }
    }
  }

  @Test func `a record longer than a segment is whole, and what follows it is in place`() throws {
    try ScratchFiles.with { files in
      let long = "{\"a\":\"\(String(repeating: "x", count: 10_000))\"}"
      let path = try files.write("input.jsonl", "{}\n\(long)\n{\"b\":2}\n")
      let found = records(try segments(path, .openAIChat, segmentBytes: 100))
      #expect(found == [Found("{}", 1, 0), Found(long, 2, 3), Found("{\"b\":2}", 3, 10_012)])
    }
  }

  @Test func `a byte order mark is no part of the first record`() throws {
    try ScratchFiles.with { files in
      let path = try files.write("input.json", [0xEF, 0xBB, 0xBF] + Array("{\"a\":1}\n".utf8))
      let found = records(try segments(path, .threads, segmentBytes: 100))
      #expect(found == [Found("{\"a\":1}", 1, 0)])
    }
  }

  @Test(arguments: [100, 1000, 100_000])
  func `gzip is read as what it holds, whatever its name`(segmentBytes: Int) throws {
    try ScratchFiles.with { files in
      let path = try files.write("input.jsonl", gzippedLines)
      let found = records(try segments(path, .chatHistory, segmentBytes: segmentBytes))
      #expect(found.map(\.text) == inflatedLines)
      #expect(found.map(\.line) == Array(1...40))
    }
  }

  @Test func `gzip that is cut off gives what could be read and says so`() throws {
    try ScratchFiles.with { files in
      let path = try files.write("input.jsonl.gz", Array(gzippedLines.dropLast(9)))
      let found = try segments(path, .chatHistory, segmentBytes: 1000)
      #expect(found.last?.damage != nil)
      #expect(found.last?.isLast == true)
      #expect(found.dropLast().allSatisfy { $0.damage == nil })
      #expect(!records(found).isEmpty)
    }
  }

  @Test(arguments: ["[{\"a\":1},{\"b\":2}", "[{\"a\":1},{\"b\":2},\n", "[{\"a\":1},{\"b\":2"])
  func `an array that is cut off says so even where its last element is whole`(content: String)
    throws
  {
    try ScratchFiles.with { files in
      let path = try files.write("input.json", content)
      for segmentBytes in [5, 4096] {
        let found = try segments(path, .threads, segmentBytes: segmentBytes)
        #expect(records(found).count == 2)
        #expect(found.last?.damage != nil)
        #expect(found.dropLast().allSatisfy { $0.damage == nil })
      }
    }
  }

  @Test func `the same bytes at the same place have the same name, others another`() throws {
    try ScratchFiles.with { files in
      let content = (0..<20).map { "{\"number\":\($0)}\n" }.joined()
      let path = try files.write("a.jsonl", content)
      let first = try segments(path, .threads, segmentBytes: 64)
      let second = try segments(path, .threads, segmentBytes: 64)
      #expect(first.map(\.fingerprint) == second.map(\.fingerprint))
      #expect(Set(first.map(\.fingerprint)).count == first.count)
      let other = try files.write("b.jsonl", content.replacing("1", with: "2"))
      let names = Set(try segments(other, .threads, segmentBytes: 64).map(\.fingerprint))
      #expect(names.isDisjoint(with: first.map(\.fingerprint)))
    }
  }

  @Test func `a file that is not there is an error with its path`() {
    #expect(throws: (any Error).self) {
      _ = try segments("/nonexistent/input.jsonl", .threads, segmentBytes: 64)
    }
  }
}
