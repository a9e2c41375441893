import Synchronization
import Testing

@testable import Pipeline

struct BatchSourceTests {
  private func inputs(_ files: ScratchFiles, _ contents: [(String, [UInt8])]) throws
    -> [PlannedInput]
  {
    try contents.enumerated().map { number, file in
      PlannedInput(
        index: Int32(number), path: try files.write(file.0, file.1), dialect: .threads,
        name: file.0, size: file.1.count)
    }
  }

  /// What one worker is given until nothing is left: each piece as its segments' inputs and bytes.
  private func pieces(
    _ inputs: [PlannedInput], _ format: SourceFormat, batchBytes: Int
  ) throws -> [[(input: Int32, text: String, isFirst: Bool, isLast: Bool)]] {
    let source = BatchSource(
      inputs: inputs.read(as: format), batchBytes: batchBytes, spillingTo: .unused)
    var own = BatchSource.Own()
    var found: [[(input: Int32, text: String, isFirst: Bool, isLast: Bool)]] = []
    while let batch = try source.next(&own) {
      found.append(batch.segments.map { ($0.input, text($0.bytes), $0.isFirst, $0.isLast) })
    }
    return found
  }

  @Test func `several small files share a batch and a large one is cut between records`() throws {
    try ScratchFiles.with { files in
      let lines = (0..<30).map { "{\"n\":\(100 + $0)}\n" }
      let inputs = try inputs(
        files,
        [
          ("a.jsonl", Array("{\"a\":1}\n".utf8)), ("b.jsonl", []),
          ("c.jsonl", Array("{\"c\":1}".utf8)),
          ("d.jsonl", Array(lines.joined().utf8)), ("e.jsonl", Array("{\"e\":1}\n".utf8)),
        ])
      let found = try pieces(inputs, .openAIChat, batchBytes: 100)
      #expect(found.first?.prefix(3).map(\.input) == [0, 1, 2])
      #expect(found.count > 2)
      for index in 0..<5 {
        let own = found.joined().filter { $0.input == Int32(index) }
        #expect(own.first?.isFirst == true)
        #expect(own.last?.isLast == true)
        #expect(own.filter(\.isLast).count == 1)
      }
      let all = found.joined().filter { $0.input == 3 }.map(\.text)
      #expect(all.joined() == lines.joined())
      #expect(all.dropLast().allSatisfy { $0.hasSuffix("\n") })
    }
  }

  @Test(arguments: [SourceFormat.openAIChat, .chatHistory])
  func `what is handed out is the same each time`(format: SourceFormat) throws {
    try ScratchFiles.with { files in
      let inputs = try inputs(
        files,
        (0..<20).map { number in
          (
            "\(number).jsonl",
            Array(String(repeating: "{\"n\":\(number)}\n", count: 1 + number * 3).utf8)
          )
        })
      let first = try pieces(inputs, format, batchBytes: 200).map { $0.map(\.text) }
      #expect(first.count > 4)
      #expect(try pieces(inputs, format, batchBytes: 200).map { $0.map(\.text) } == first)
      #expect(first.joined().joined().count(where: { $0 == "\n" }) == 590)
    }
  }

  @Test
  func `two workers together are given everything once, a file's pieces in order to one of them`()
    throws
  {
    try ScratchFiles.with { files in
      let inputs = try inputs(
        files,
        (0..<12).map { number in
          let lines = (0...number * 4).map { "{\"file\":\(number),\"line\":\($0)}\n" }
          return ("\(number).jsonl", Array(lines.joined().utf8))
        })
      let source = BatchSource(
        inputs: inputs.read(as: .chatHistory), batchBytes: 150, spillingTo: .unused)
      var own: [Int32: [String]] = [:]
      var left = BatchSource.Own()
      var right = BatchSource.Own()
      var owner: [Int32: Bool] = [:]
      var isLeftOpen = true
      var isRightOpen = true
      while isLeftOpen || isRightOpen {
        for isLeft in [true, false, false] {
          let batch = isLeft ? try source.next(&left) : try source.next(&right)
          guard let batch else {
            if isLeft { isLeftOpen = false } else { isRightOpen = false }
            continue
          }
          for segment in batch.segments {
            #expect(owner[segment.input] ?? isLeft == isLeft)
            owner[segment.input] = isLeft
            own[segment.input, default: []].append(text(segment.bytes))
          }
        }
      }
      for number in 0..<12 {
        let lines = (0...number * 4).map { "{\"file\":\(number),\"line\":\($0)}\n" }
        #expect(own[Int32(number)]?.joined() == lines.joined())
      }
    }
  }

  @Test func `compressed files that are larger than a batch lose nothing to the files beside them`()
    throws
  {
    try ScratchFiles.with { files in
      let small = Array("{\"ts\":\"x\"}\n".utf8)
      let inputs = try inputs(
        files,
        [
          ("a.jsonl.gz", gzippedLines), ("b.jsonl.gz", gzippedLines), ("c.jsonl", small),
          ("d.jsonl.gz", gzippedLines), ("e.jsonl", small),
        ])
      // Stored, all five fit one batch; inflated, each of the large ones takes several.
      let found = try pieces(inputs, .chatHistory, batchBytes: 1000)
      for index in [0, 1, 3] as [Int32] {
        let own = found.joined().filter { $0.input == index }
        #expect(own.map(\.text).joined() == inflatedLines.map { $0 + "\n" }.joined())
        #expect(own.map(\.isLast) == own.indices.map { $0 == own.count - 1 })
      }
      for index in [2, 4] as [Int32] {
        #expect(found.joined().filter { $0.input == index }.map(\.text) == [text(small)])
      }
      // A file is finished before the same worker is given another one.
      var open: Int32?
      for segment in found.joined() {
        #expect(open == nil || open == segment.input)
        open = segment.isLast ? nil : segment.input
      }
      #expect(found.allSatisfy { $0.reduce(0) { $0 + $1.text.utf8.count } <= 2000 })
    }
  }

  @Test(arguments: [SourceFormat.threads, .chatHistory])
  func `an input that cannot be opened is handed out as unreadable, and the rest is read`(
    format: SourceFormat
  ) throws {
    try ScratchFiles.with { files in
      var inputs = try inputs(
        files, [("a.jsonl", Array("{}\n".utf8)), ("b.jsonl", Array("{}\n".utf8))])
      inputs[0] = PlannedInput(
        index: 0, path: "\(files.path)/gone.jsonl", dialect: format, name: "gone", size: 3)
      let source = BatchSource(
        inputs: inputs.read(as: format), batchBytes: 1000, spillingTo: .unused)
      var own = BatchSource.Own()
      let batch = try #require(try source.next(&own))
      #expect(batch.segments.map(\.input) == [0, 1])
      #expect(batch.segments.map { $0.damage == nil } == [false, true])
      #expect(
        batch.segments[0].isFirst && batch.segments[0].isLast && batch.segments[0].bytes.isEmpty)
      let more = try source.next(&own)
      #expect(more?.segments.count == nil)
    }
  }

  @Test func `rows of a dump are told of while they wait for their conversation`() throws {
    try ScratchFiles.with { files in
      let rows = (0..<5000).map { "\($0)\tc\($0 % 7)\tuser\ttext\t2025-01-01 00:00:00+00" }
      let columns = "id, conversation_id, role, content, created_at"
      let head = "COPY public.messages (\(columns)) FROM stdin;"
      let dump = ([head] + rows + ["\\.\n"]).joined(separator: "\n")
      let inputs = try inputs(files, [("dump.sql", Array(dump.utf8))])
      let told = Mutex<[(bytes: Int, rows: Int)]>([])
      let source = BatchSource(
        inputs: inputs.read(as: .messagesDump), batchBytes: 1 << 20,
        spillingTo: SpillPlace(
          directory: files.path, check: {},
          note: { bytes, rows in told.withLock { $0.append((bytes, rows)) } }))
      var own = BatchSource.Own()
      #expect(try source.next(&own) != nil)
      let notes = told.withLock { $0 }
      #expect(notes.count > 1)
      #expect(notes.reduce(0) { $0 + $1.rows } == 5000)
      let bytes = rows.reduce(0) { $0 + $1.utf8.count }
      #expect((bytes...bytes + 5000).contains(notes.reduce(0) { $0 + $1.bytes }))
    }
  }
}

extension [PlannedInput] {
  /// The same inputs, all of one dialect.
  fileprivate func read(as dialect: SourceFormat) -> [PlannedInput] {
    map { input in
      var input = input
      input.dialect = dialect
      return input
    }
  }
}

extension SpillPlace {
  /// For inputs that are no dumps.
  static let unused = SpillPlace(directory: "/nowhere") {}
}
