internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct TextRunTests {
  private static let head = Array(
    #"{"thread_id":"t","turns":[{"role":"user","content":"before"},"#.utf8)

  /// A thread whose second turn is given; the first and last are sound.
  private static func thread(_ turn: [UInt8]) -> [UInt8] {
    head + turn + Array(#",{"role":"user","content":"after"}]}"#.utf8)
  }

  private static func turn(_ content: String) -> [UInt8] {
    Array(#"{"role":"user","content":"\#(content)"}"#.utf8)
  }

  /// The same, with a byte that is not UTF-8 in place of `?`.
  private static func bad(_ text: String) -> [UInt8] {
    Array(text.utf8).map { $0 == UInt8(ascii: "?") ? 0xFF : $0 }
  }

  private static let contents: [(name: String, turn: [UInt8], replaced: String, marked: String)] = [
    ("NUL", turn(#"a\u0000b"#), "a\u{FFFD}b", #"a\u0000b"#),
    ("high surrogate", turn(#"a\ud83d b"#), "a\u{FFFD} b", #"a\ud83d b"#),
    ("low surrogate", turn(#"\uDE00"#), "\u{FFFD}", #"\ude00"#),
    ("invalid UTF-8", bad(#"{"role":"user","content":"a?b"}"#), "a\u{FFFD}b", #"a\udcffb"#),
    (
      "all of them", bad(#"{"role":"user","content":"?\u0000\ud83d\ud83d\ude00"}"#),
      "\u{FFFD}\u{FFFD}\u{FFFD}\u{1F600}", #"\udcff\u0000\ud83d"# + "\u{1F600}"
    ),
  ]

  @Test(arguments: contents)
  func `text Postgres refuses is replaced, marked or its message rejected`(
    name: String, turn: [UInt8], replaced: String, marked: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.thread(turn))
      let rejecting = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: reject}")
      let rejected = try rejecting.expect(3)
      #expect(rejected.total.messages == .of(inserted: 2, rejected: 1))
      let reject = try #require(try rejecting.rejects.first)
      #expect(reject.bytes == turn)
      #expect((reject.rule, reject.kind, reject.field) == ("text.refused", "message", "turns[1]"))
      #expect((reject.byteOffset, reject.byteLength) == (Self.head.count, turn.count))

      let replacing = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(replacing.total.messages == .of(inserted: 1, unchanged: 2))
      #expect(replacing.found["text.replaced"] == 1)
      let stored = "SELECT content FROM exai_messages WHERE metadata->'legacy'->>'index' = '1'"
      #expect(try scene.value(stored) == replaced)

      // The same message: the id is of the text as found.
      let marking = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: mark}"
      ).expect()
      #expect(marking.total.messages == .of(unchanged: 3))
      #expect(marking.found["text.marked"] == 1)
      _ = try scene.rows("DELETE FROM exai_messages")
      try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: mark}", options: ["--restart"]
      ).expect()
      #expect(try scene.value(stored) == marked)
    }
  }

  @Test func `metadata follows the text policy in keys and values`() async throws {
    let turn = Self.bad(#"{"role":"user","content":"c","k\u0000":{"deep":["v\ud83d","?"]}}"#)
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.thread(turn))
      let rejecting = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: reject}")
      #expect(try rejecting.expect(3).total.messages == .of(inserted: 2, rejected: 1))
      #expect(try rejecting.rejects.map(\.bytes) == [turn])
      let stored = "SELECT metadata FROM exai_messages WHERE content = 'c'"
      try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(
        try scene.value(stored)
          == "{\"legacy\": {\"k\u{FFFD}\": {\"deep\": [\"v\u{FFFD}\", \"\u{FFFD}\"]}, \"index\": 1}}"
      )
      _ = try scene.rows("DELETE FROM exai_messages")
      try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: mark}").expect()
      #expect(
        try scene.value(stored)
          == #"{"legacy": {"index": 1, "k\\u0000": {"deep": ["v\\ud83d", "\\udcff"]}}}"#)
    }
  }

  @Test func `a session's own fields follow the text policy`() async throws {
    let text =
      #"{"thread_id":"t","initial_context":{"p":"a\u0000"},"turns":[{"role":"user","content":"c"}]}"#
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", text)
      let rejecting = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: reject}")
      let report = try rejecting.expect(3)
      #expect(report.total.sessions == .of(rejected: 1))
      #expect(report.total.messages == .of(rejected: 1))
      #expect(try rejecting.rejects.map(\.text) == [text])
      try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(
        try scene.value("SELECT metadata#>>'{initial_context,p}' FROM exai_sessions")
          == "a\u{FFFD}")
    }
  }

  @Test func `arguments and results of calls follow the text policy`() async throws {
    let record =
      #"{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f\u0000","arguments":"{\"a\":\"\\u0000\"}"}}]},{"role":"tool","tool_call_id":"1","content":"r\u0000"}]}"#
    try await RunScene.with { scene in
      try scene.directory.write("o.jsonl", record)
      let rejecting = try await scene.run(
        "openai-chat", ["o.jsonl"], yaml: "transform: {text: reject}")
      #expect(try rejecting.expect(3).total.messages == .of(rejected: 2))
      try await scene.run("openai-chat", ["o.jsonl"]).expect()
      #expect(
        try scene.rows("SELECT tool_name, tool_args, tool_result FROM exai_messages")
          == [["f\u{FFFD}", #"{"input": "{\"a\":\"\\u0000\"}"}"#, "{\"output\": \"r\u{FFFD}\"}"]])
    }
  }

  @Test func `a message of a thousand rows is one reject, and loads as one message`() async throws {
    let calls = (0..<1000).map { number in
      #"{"id":"\#(number)","function":{"name":"f\u0000","arguments":"{}"}}"#
    }
    let record =
      #"{"messages":[{"role":"assistant","content":"c","tool_calls":["#
      + calls.joined(separator: ",") + "]}]}"
    try await RunScene.with { scene in
      try scene.directory.write("o.jsonl", record)
      let rejecting = try await scene.run(
        "openai-chat", ["o.jsonl"], yaml: "transform: {text: reject}")
      let report = try rejecting.expect(3)
      #expect(report.total.messages == .of(rejected: 1))
      #expect(report.rejectLines == 1)
      let loaded = try await scene.run("openai-chat", ["o.jsonl"]).expect()
      #expect(loaded.total.messages == .of(inserted: 1))
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "1000")
    }
  }

  @Test func `bare control characters inside strings are taken`() async throws {
    try await RunScene.with { scene in
      let turn =
        Array(#"{"role":"user","content":"a"#.utf8) + [0x09, 0x01, 0x7F] + Array("b\"}".utf8)
      try scene.directory.write("t.jsonl", Self.thread(turn))
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["json.control-character"] == 1)
      #expect(
        try scene.value("SELECT content FROM exai_messages WHERE content LIKE 'a_%'")
          == "a\t\u{1}\u{7F}b")
    }
  }

  @Test func `the id of a conversation is never repaired`() async throws {
    let records = [
      #"{"thread_id":"a\u0000","turns":[{"role":"user","content":"c"}]}"#,
      #"{"key":"thread:a\u0000","ttl":1,"value":{"turns":[]}}"#,
      #"{"key":"thread:\ud83d","ttl":1,"value":"{\"turns\":[]}"}"#,
    ]
    try await RunScene.with { scene in
      let good = #"{"key":"thread:퟿\ud83d\ude00","ttl":1,"value":{"turns":[]}}"#
      try scene.directory.write("t.jsonl", (records + [good]).joined(separator: "\n"))
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(try run.expect(3).total.sessions == .of(inserted: 1, rejected: 3))
      #expect(try run.rejects.map(\.text) == records)
      #expect(try scene.value("SELECT continuation_id FROM exai_sessions") == "\u{D7FF}\u{1F600}")
    }
  }

  @Test func `an id as long as an index takes is stored, a longer one rejected`() async throws {
    // Random text, because an index compresses what repeats.
    var random = SeededGenerator(1)
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    let longest = String(
      (0..<2692).map { _ in letters[Int.random(in: 0..<64, using: &random)] })
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        [longest, longest + "x"].map { #"{"thread_id":"\#($0)","turns":[]}"# }.joined(
          separator: "\n"))
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(try run.expect(3).total.sessions == .of(inserted: 1, rejected: 1))
      #expect(try run.rejects.map(\.rule) == ["key.too-long"])
      #expect(try scene.value("SELECT continuation_id FROM exai_sessions") == longest)
    }
  }

  @Test func `a title follows the text policy`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", #"{"thread_id":"t","title":"a\u0000b","turns":[]}"#)
      let rejecting = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: reject}")
      #expect(try rejecting.expect(3).total.sessions == .of(rejected: 1))
      #expect(try rejecting.rejects.map(\.field) == ["title"])
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["text.replaced"] == 1)
      #expect(try scene.value("SELECT title FROM exai_sessions") == "a\u{FFFD}b")
    }
  }

  @Test func `a record nested beyond the limit is rejected and its neighbours load`() async throws {
    func nested(_ id: String, _ depth: Int) -> String {
      let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return #"{"thread_id":"\#(id)","turns":[{"role":"user","content":"c","x":\#(value)}]}"#
    }
    try await RunScene.with { scene in
      let deep = nested("deep", 100_000)
      try scene.directory.write(
        "t.jsonl", [nested("flat", 1), deep, nested("fair", 500)].joined(separator: "\n"))
      let run = try await scene.run("threads", ["t.jsonl"])
      #expect(try run.expect(3).total.sessions == .of(inserted: 2, rejected: 1))
      #expect(try run.rejects.map(\.rule) == ["json.depth"])
      #expect(try run.rejects.first?.bytes == Array(deep.utf8))
    }
  }
}
