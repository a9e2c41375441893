internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RejectsListTests {
  private static func list(_ options: [String]) async throws -> ConvoyProcess.Outcome {
    try await ConvoyProcess.run(
      ["rejects", "list", "samples/damaged.rejects.jsonl"] + options, directory: Checkout.path)
  }

  @Test func `the sample's rejects are grouped, then listed`() async throws {
    let ended = try await Self.list([])
    #expect(ended.status == 0)
    #expect(ended.errors.isEmpty)
    #expect(
      ended.output == """
        samples/damaged.rejects.jsonl: 4 rejects

        role.unknown: unknown role, 1 message
          unknown role "moderator"
          at samples/damaged/threads.jsonl:1
          Name the role in the pipeline's role map.

        time.invalid: not a time, 1 message
          the time cannot be read
          at samples/damaged/threads.jsonl:1
          Correct the time at its source.

        record.shape: not the shape of its dialect, 1 session
          the thread has no turns
          at samples/damaged/threads.jsonl:2
          Mend the record in rejects.jsonl and load it as an input of its own.

        json.truncated: JSON cut short, 1 session
          the record ends before its JSON does
          at samples/damaged/threads.jsonl:3
          Mend the record in rejects.jsonl and load it as an input of its own.

        1  samples/damaged/threads.jsonl:1  message  role.unknown turns[1].role: unknown role "moderator"
        2  samples/damaged/threads.jsonl:1  message  time.invalid turns[2].created_at: the time cannot be read
        3  samples/damaged/threads.jsonl:2  session  record.shape turns: the thread has no turns
        4  samples/damaged/threads.jsonl:3  session  json.truncated: the record ends before its JSON does

        """)
  }

  @Test func `a rule and a limit narrow it`() async throws {
    let one = try await Self.list(["--rule", "time.invalid"])
    #expect(one.output.hasPrefix("samples/damaged.rejects.jsonl: 1 reject\n\ntime.invalid: "))
    #expect(!one.output.contains("role.unknown"))
    let few = try await Self.list(["--limit", "1"])
    #expect(few.output.hasSuffix("unknown role \"moderator\"\n… and 3 more; --limit shows them\n"))
    #expect(few.output.contains("json.truncated: "))
    #expect(try await Self.list(["--rule", "none.such"]).status == 64)
  }

  @Test func `as JSON it says the same`() async throws {
    struct Listed: Decodable {
      struct Group: Decodable {
        var rule: String
        var sessions: Int
        var messages: Int
      }
      struct Line: Decodable {
        var number: Int
        var rule: String
        var field: String?
      }
      var total: Int
      var groups: [Group]
      var lines: [Line]
    }
    let ended = try await Self.list(["--json", "--limit", "2"])
    let listed = try JSONDecoder().decode(Listed.self, from: Data(ended.output.utf8))
    #expect(listed.total == 4)
    #expect(
      listed.groups.map(\.rule) == [
        "role.unknown", "time.invalid", "record.shape", "json.truncated",
      ])
    #expect(listed.groups.map(\.sessions) == [0, 0, 1, 1])
    #expect(listed.lines.map(\.number) == [1, 2])
    #expect(listed.lines.first?.field == "turns[1].role")
  }

  @Test func `causes are told apart, controls spelled out and damaged lines named`() async throws {
    func line(_ number: Int, _ state: String, _ constraint: String) -> String {
      #"{"file":"a\u001b[2J.jsonl","line":\#(number),"byteOffset":0,"byteLength":1,"stage":"load","rule":"row.refused","kind":"message","field":null,"message":"no\u202e\n","sqlstate":"\#(state)","constraint":"\#(constraint)","text":"x"}"#
    }
    try await TemporaryDirectory.with { directory in
      try directory.write(
        "r.jsonl",
        [
          line(1, "23505", "b"), line(2, "23514", "a"), line(3, "23514", "a"), "{}",
          line(4, "23514", "a"), line(5, "23514", "a"),
        ].joined(separator: "\n"))
      let ended = try await ConvoyProcess.run(
        ["rejects", "list", "r.jsonl", "--limit", "0"], directory: directory.path)
      #expect(ended.status == 3)
      #expect(
        ended.output == #"""
          r.jsonl: 5 rejects

          row.refused 23514 a: row the target refuses, 4 messages
            no\u{202E}
            at a\u{1B}[2J.jsonl:2, a\u{1B}[2J.jsonl:3, a\u{1B}[2J.jsonl:4, …
            Mend the record for what the target's SQLSTATE and constraint say.

          row.refused 23505 b: row the target refuses, 1 message
            no\u{202E}
            at a\u{1B}[2J.jsonl:1
            Mend the record for what the target's SQLSTATE and constraint say.

          1 line that cannot be read:
            r.jsonl:4  not a line of rejects (no file)

          """#)
      let missing = try await ConvoyProcess.run(
        ["rejects", "list", "none.jsonl"], directory: directory.path)
      #expect(missing.status == 74)
      #expect(missing.errors.hasPrefix("convoy rejects list: "))
    }
  }
}
