import Archive
import Testing

@Suite struct GzipDecompressorTests {
  /// Inflates all of `input`, given in pieces; what came before an error is kept in `output`.
  private func inflate(
    _ input: [UInt8], inputPieceBytes: Int = .max, outputPieceBytes: Int = 65_536,
    into output: inout [UInt8]
  ) throws(GzipError) {
    var decompressor = try GzipDecompressor()
    var start = 0
    while true {
      let end = start + min(inputPieceBytes, input.count - start)
      let before = output.count
      let piece = input.span.extracting(start..<end)
      start += try decompressor.inflate(piece, into: &output, upTo: outputPieceBytes)
      if start == input.count && output.count == before { break }
    }
    try decompressor.finish()
  }

  private func error(of input: [UInt8]) -> GzipError? {
    var output: [UInt8] = []
    do throws(GzipError) {
      try inflate(input, into: &output)
      return nil
    } catch { return error }
  }

  @Test(arguments: [(1, 1), (1, 65_536), (7, 3), (4096, 1), (.max, 1_000_000)])
  func `members that follow one another are one text, in pieces of any size`(
    inputPieceBytes: Int, outputPieceBytes: Int
  ) throws {
    let first = prose(bytes: 150_000)
    let second = Array("last line\n".utf8)
    let input = try gzipped(first) + gzipped([]) + gzipped(second)
    var output: [UInt8] = []
    try inflate(
      input, inputPieceBytes: inputPieceBytes, outputPieceBytes: outputPieceBytes, into: &output)
    #expect(output == first + second)
  }

  @Test func `an empty member is whole and empty`() throws {
    var output: [UInt8] = []
    try inflate(gzipped([]), into: &output)
    #expect(output == [])
  }

  @Test func `zero padding after the last member is ignored`() throws {
    var output: [UInt8] = []
    try inflate(gzipped([1, 2, 3]) + Array(repeating: 0, count: 700), into: &output)
    #expect(output == [1, 2, 3])
  }

  @Test func `a member cut at any byte is truncated there, and its start is named`() throws {
    let first = try gzipped(Array("first".utf8))
    let second = try gzipped(Array("second, second, second".utf8))
    let whole = first + second
    for length in 0..<whole.count where length != first.count {
      let memberOffset = length < first.count ? 0 : first.count
      #expect(
        error(of: Array(whole.prefix(length)))
          == GzipError(reason: .truncated, memberOffset: memberOffset, byteOffset: length))
    }
  }

  @Test(arguments: 1...8)
  func `a wrong checksum or length is told from broken data`(bytesFromEnd: Int) throws {
    var input = try gzipped(prose(bytes: 100_000))
    input[input.count - bytesFromEnd] ^= 1
    let found = try #require(error(of: input))
    #expect(found.reason == .checksum)
    #expect(found.memberOffset == 0)
  }

  @Test func `any other flipped bit in the data is corrupt, a wrong checksum or too short`() throws
  {
    let content = prose(bytes: 300)
    let whole = try gzipped(content)
    var reasons: Set<GzipError.Reason> = []
    for index in 10..<whole.count {
      for bit in 0..<8 {
        var input = whole
        input[index] ^= 1 << bit
        var output: [UInt8] = []
        do throws(GzipError) {
          try inflate(input, into: &output)
          // Spare bits behind the last block carry nothing.
          #expect(output == content)
        } catch {
          #expect(error.memberOffset <= error.byteOffset && error.byteOffset <= input.count)
          reasons.insert(error.reason)
        }
      }
    }
    #expect(reasons.isSuperset(of: [.corrupt, .checksum]))
  }

  @Test(
    arguments: [
      [0x50], [0x0A], [0x1F, 0x50], [0x1F, 0x1F, 0x8B], [0, 0, 0x50],
    ] as [[UInt8]])
  func `bytes behind the last member that are no member are garbage`(garbage: [UInt8]) throws {
    let member = try gzipped(Array("kept".utf8))
    var output: [UInt8] = []
    let found = #expect(throws: GzipError.self) {
      try inflate(member + garbage, into: &output)
    }
    #expect(found?.reason == .trailingGarbage)
    #expect(output == Array("kept".utf8))
    let start = garbage.firstIndex { $0 != 0 } ?? 0
    #expect(found?.memberOffset == member.count + start)
  }

  @Test func `data that is not gzip is corrupt at its first byte`() {
    let expected = GzipError(reason: .corrupt, memberOffset: 0, byteOffset: 0)
    #expect(error(of: Array("{}".utf8)) == expected)
    #expect(error(of: [0, 0, 0]) == expected)
  }

  @Test func `an unknown method in a header is corrupt, also in a later member`() throws {
    var second = try gzipped([1])
    second[2] = 7
    let first = try gzipped([2])
    let found = try #require(error(of: first + second))
    #expect(found.reason == .corrupt)
    #expect(found.memberOffset == first.count)
  }

  @Test func `after an error every call throws the same error, whatever it is given`() throws {
    let expected = GzipError(reason: .corrupt, memberOffset: 0, byteOffset: 0)
    let sound = try gzipped([1, 2, 3])
    var decompressor = try GzipDecompressor()
    var output: [UInt8] = []
    for input in [[0x50, 0x4B], sound] {
      do throws(GzipError) {
        _ = try decompressor.inflate(input.span, into: &output, upTo: 10)
        Issue.record("went on after an error")
      } catch {
        #expect(error == expected)
      }
    }
    do throws(GzipError) {
      try decompressor.finish()
      Issue.record("finished after an error")
    } catch {
      #expect(error == expected)
    }
    #expect(output == [])
  }

  @Test func `inflating goes on after the value has moved`() throws {
    let content = prose(bytes: 100_000)
    let input = try gzipped(content)
    var output: [UInt8] = []
    var decompressor = try GzipDecompressor()
    let consumed = try decompressor.inflate(input.span, into: &output, upTo: 1000)
    var moved = decompressor
    let rest = input.span.extracting(consumed...)
    _ = try moved.inflate(rest, into: &output, upTo: content.count)
    #expect(output == content)
  }

  @Test func `a description says which member and where`() {
    let error = GzipError(reason: .truncated, memberOffset: 18, byteOffset: 30)
    #expect(error.description == "gzip member at byte 18 is cut off at byte 30")
  }
}
