import Testing

@testable import Pipeline

struct RecordSplitterTests {
  @Test(
    arguments: [
      (RecordLayout.lines, "{\"a\":1}\n{\"b\":2}\n", ["{\"a\":1}", "{\"b\":2}"]),
      (.lines, "{\"a\":1}\r\n\n{\"b\":2}", ["{\"a\":1}\r", "{\"b\":2}"]),
      (.lines, "\"a\u{2028}b\"\n1\r2", ["\"a\u{2028}b\"", "1\r2"]),
      (.lines, "", []),
      (.elements, "[]", []),
      (
        .elements, " [ 1 , \"a,]\\\"\" , [2,[3]] ,\n{\"b\":[4]} ] ",
        ["1", "\"a,]\\\"\"", "[2,[3]]", "{\"b\":[4]}"]
      ),
      (.elements, "[{\"a\":\"\\\\\"},{\"b\":\"}\"}]", ["{\"a\":\"\\\\\"}", "{\"b\":\"}\"}"]),
      (.elements, "[1,2]\n[3]", ["1", "2", "3"]),
      (.elements, "[1] x [2] \"y\" [3]", ["1", "x", "2", "\"y\"", "3"]),
      (.elements, "[1,\n2", ["1", "2"]),
      (.elements, "[{\"a\":1},{\"b\":\"c", ["{\"a\":1}", "{\"b\":\"c"]),
      (.elements, "[1]]", ["1", "]"]),
      (
        .members, "{\"thread:a\":{\"x\":[1,2]},\n \"thread:b\" : \"{\\\"y\\\":1}\"}",
        ["\"thread:a\":{\"x\":[1,2]}", "\"thread:b\" : \"{\\\"y\\\":1}\""]
      ),
      (.members, "{}", []),
      (.members, "{\"thread:a\":1}\n{\"thread:b\":2}\n", ["\"thread:a\":1", "\"thread:b\":2"]),
      (.documents, "{\n \"a\": [1,\n2]\n}\n{\n}", ["{\n \"a\": [1,\n2]\n}", "{\n}"]),
      (.documents, "{\"a\":\"}{\"}{\"b\":2}  ", ["{\"a\":\"}{\"}", "{\"b\":2}"]),
      (.documents, "{\"a\":1}\n{\"b\":", ["{\"a\":1}", "{\"b\":"]),
      (.documents, "{\"a\":1} [2]\n", ["{\"a\":1}", "[2]"]),
    ] as [(RecordLayout, String, [String])])
  func `records are the same however the input is cut`(
    layout: RecordLayout, input: String, expected: [String]
  ) {
    for step in 1...max(1, input.utf8.count) {
      #expect(splitRecords(input, layout, step: step) == expected, "\(step) bytes at a time")
    }
  }

  @Test func `text outside strings and records is never lost`() {
    let input = "[ {\"a\":1}, oops {\"b\":2} , tru ] , [ 3 ]"
    for step in 1...input.utf8.count {
      let found = splitRecords(input, .elements, step: step)
      #expect(found == ["{\"a\":1}", "oops {\"b\":2}", "tru", ",", "3"], "\(step) bytes at a time")
    }
  }

  @Test func `an array that is cut off is known to be unfinished, a closed one is not`() {
    for (input, expected) in [
      ("[1,2", true), ("[1,", true), ("[", true), ("[1]", false), ("[]", false),
      ("[1][2]\n", false),
      ("[1][2", true), ("[\"a]", true),
    ] {
      var splitter = RecordSplitter(.elements)
      _ = splitter.scan(Array(input.utf8), isEnd: true)
      #expect(splitter.isInsideContainer == expected, "\(input)")
    }
    var documents = RecordSplitter(.documents)
    _ = documents.scan(Array("{\"a\":1".utf8), isEnd: true)
    // The record itself tells: it is rejected as truncated.
    #expect(!documents.isInsideContainer)
  }

  @Test(arguments: [RecordLayout.elements, .members, .documents], [21, 22, 23] as [UInt64])
  func `random records are found whole wherever the input is cut`(
    layout: RecordLayout, seed: UInt64
  ) throws {
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<60 {
      let values = (0..<Int.random(in: 0...6, using: &numbers)).map { _ in
        RandomJSON.make(3, &numbers)
      }
      let written = values.map { $0.written(&numbers) }
      let input: String
      switch layout {
      case .elements: input = "[" + written.joined(separator: ",") + "]"
      case .members:
        input = "{" + written.map { #""thread:}":\#($0)"# }.joined(separator: ",") + "}"
      case .documents: input = written.map { #"{"v":\#($0)}"# }.joined(separator: "\n")
      case .lines: input = ""
      }
      let step = Int.random(in: 1...max(1, input.utf8.count), using: &numbers)
      let found = splitRecords(input, layout, step: step)
      let expected = values.map { value in
        switch layout {
        case .members: #"{"thread:}":\#(value.canonical)}"#
        case .documents: #"{"v":\#(value.canonical)}"#
        case .elements, .lines: value.canonical
        }
      }
      let canonicalTexts = try found.map { record in
        text(try canonical(Array((layout == .members ? "{\(record)}" : record).utf8)))
      }
      #expect(canonicalTexts == expected, "\(step) bytes at a time of \(input)")
    }
  }
}

struct RecordLayoutTests {
  @Test(arguments: [
    ("{\"a\":1}\n{\"a\":2}\n", RecordLayout.lines), ("{\"a\":1}", .lines), ("{\"a\":1}\n", .lines),
    ("", .lines),
    (" \n ", .lines), ("not json\n", .lines), ("{\"a\":\"cut o\n{\"a\":2}\n", .lines),
    ("{\"a\":1}\r\n{\"a\":2}\r\n", .lines), ("{\"a\":1}\n\n\n{\"a\":2}", .lines),
    ("[1]\n[2]\n", .lines),
    ("[1]\r\n[2]", .lines), ("[{\"a\":1},{\"a\":2}]", .elements), ("[\n  {\"a\":1}\n]", .elements),
    ("[\n{\"a\":1},\n{\"a\":2}]", .elements), ("[[1],\n[2]]", .elements),
    ("[\n[1],\n[2]\n]", .elements),
    ("[\n  [\n1]]", .elements), ("{\n  \"a\": 1\n}", .documents),
    ("{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", .documents),
    ("{\"turns\":[\n{\"role\":1},\n{\"role\":2}]}\n", .documents),
    ("{\"turns\":[\n  {\"role\":1}]}\n", .documents), ("{\"a\":\n{\"b\":1}}\n", .documents),
    ("{\"a\":1,\n\"b\":2}", .documents), ("{\"thread:a\":{}}", .lines),
    ("\n {\"a\":1}\n{\"a\":2}", .lines),
  ])
  func `the first bytes tell how records lie`(head: String, layout: RecordLayout) {
    #expect(RecordLayout.detect(Array(head.utf8), format: .openAIChat) == layout)
    #expect(RecordLayout.detect(Array(head.utf8), format: .chatHistory) == .lines)
  }

  @Test(arguments: [
    ("{\"thread:a\":{}}", RecordLayout.members), ("{ \n \"thread:a\" : {}}", .members),
    ("{\"thread\":1}", .lines), ("{\"thread_id\":\"thread:a\"}", .lines),
    ("{\"thread:a\":{}}\n{\"thread:b\":{}}\n", .members), ("[{\"thread:a\":{}}]", .elements),
  ])
  func `an object of threads is read member by member`(head: String, layout: RecordLayout) {
    #expect(RecordLayout.detect(Array(head.utf8), format: .threads) == layout)
  }
}
