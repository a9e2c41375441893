import Testing

@testable import Pipeline

struct CallIndexTests {
  /// The groups of files, each as its key and its halves' files and sides.
  private static func groups(_ files: ScratchFiles, _ contents: [(String, String)]) throws
    -> [(key: String?, halves: [String])]
  {
    for (name, text) in contents { try files.write(name, text) }
    let inputs = try InputFinder.find([files.path], format: .one(.requestResponse)).inputs
    var composer = try CallComposer()
    let index = try CallIndex(inputs, &composer)
    #expect(index.remarks.isEmpty)
    return index.groups.map { group in
      (
        group.key.map { String(decoding: $0, as: UTF8.self) },
        group.entries.map { entry in
          let side = entry.half.map { $0.side == .request ? "?" : "!" } ?? "x"
          return "\(inputs[Int(entry.place.input)].name)\(side)"
        }
      )
    }
  }

  private static func half(_ side: String, _ id: String, _ rest: String = "") -> String {
    #"{"op":"call_tool\#(side)","request_id":"\#(id)"\#(rest)}"#
  }

  @Test func `calls are put together by what the answer says, else by what was asked`() throws {
    try ScratchFiles.with { files in
      let found = try Self.groups(
        files,
        [
          ("1.json", Self.half("", "a", #","arguments":{"continuation_id":"old"}"#)),
          (
            "2.json",
            Self.half("_res", "a", #","outputs":[{"text":"{\"continuation_id\":\"new\"}"}]"#)
          ),
          ("3.json", Self.half("", "b", #","arguments":{"continuation_id":"new"}"#)),
          ("4.json", Self.half("_res", "c", #","error":{}"#)),
          ("5.json", Self.half("_res", "b", #","error":{}"#)),
        ])
      #expect(found.map(\.key) == ["new", "request:c"])
      #expect(found.map(\.halves) == [["1.json?", "2.json!", "3.json?", "5.json!"], ["4.json!"]])
    }
  }

  @Test func `the times in files' names order calls, and a request comes before its answer`() throws
  {
    try ScratchFiles.with { files in
      let ask = #","arguments":{"continuation_id":"c"}"#
      let found = try Self.groups(
        files,
        [
          ("a_1759312803000_.json", Self.half("", "2", ask)),
          ("b_1759312801000_.json", Self.half("_res", "1")),
          ("c_1759312802000_.json", Self.half("", "1", ask)),
          ("d_1759312800000_.json", Self.half("_res", "2")),
        ])
      #expect(found.map(\.key) == ["c"])
      #expect(
        found.first?.halves == [
          "a_1759312803000_.json?", "d_1759312800000_.json!", "c_1759312802000_.json?",
          "b_1759312801000_.json!",
        ])
    }
  }

  @Test func `what is no half stays alone`() throws {
    try ScratchFiles.with { files in
      let found = try Self.groups(
        files, [("a.jsonl", "{\"op\":\"hello\"}\n\n[1]\n" + Self.half("", " ") + "\n{\"x\":\n")])
      #expect(found.map(\.key) == [nil, nil, nil, nil])
      #expect(found.map(\.halves) == Array(repeating: ["a.jsonlx"], count: 4))
    }
  }

  @Test(
    arguments: [
      ("chat_basic_1759656408805_request.json", 1_759_656_408_805),
      ("1759656408805.json", 1_759_656_408_805),
      ("a_1111111111111_1759656408805.json", 1_759_656_408_805), ("a_17596564088051.json", nil),
      ("a_1759656408.json", nil), ("", nil),
    ] as [(String, Int?)])
  func `a file's name tells its time in thirteen digits`(name: String, milliseconds: Int?) {
    #expect(CallComposer.milliseconds(inName: name) == milliseconds)
  }
}
