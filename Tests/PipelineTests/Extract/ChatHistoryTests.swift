import Testing

@testable import Pipeline

struct ChatHistoryTests {
  private func mapped(_ line: String, index: Int = 4) throws -> MappedRecord {
    let tape = try parsed(line)
    var draft = RecordDraft()
    ChatHistory().map(
      tape.root, index: index, continuationId: Array("abc".utf8), of: tape, into: &draft)
    return try DraftRendering().record(draft, tape)
  }

  @Test(arguments: [
    ("/logs/conversation/5b1d.jsonl", "5b1d"), ("a.jsonl.gz", "a"), ("dir.jsonl/b", "b"),
    ("..jsonl", "."), (".jsonl", ".jsonl"), ("x.jsonl.jsonl", "x.jsonl"),
    ("ctx-1:stream.jsonl", "ctx-1:stream"),
    ("{5B1D}.jsonl", "{5B1D}"), ("a b\u{301}.jsonl", "a b\u{301}"), ("x.gz.jsonl", "x.gz"),
    ("x.JSONL", "x.JSONL"),
  ])
  func `a conversation's id is its file's stem and nothing else`(path: String, expected: String) {
    #expect(ChatHistory.continuationId(path: path).map { text($0) } == expected)
  }

  @Test func `standard input holds no conversation`() {
    #expect(ChatHistory.continuationId(path: "-") == nil)
  }

  @Test func `a line is one message`() throws {
    let record = try mapped(#"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"Why?"}"#)
    #expect(
      record
        == MappedRecord(
          key: "abc", continuationId: "abc",
          rows: [
            MappedRow(
              number: "4", role: "user", content: "Why?", time: "2025-10-05T10:12:33Z")
          ]))
  }

  @Test func `an empty role is the user's and is told`() throws {
    let record = try mapped(#"{"ts":"x","role":"","content":"a"}"#)
    #expect(record.rows.map(\.role) == ["user"])
    #expect(record.notes == [.roleMapped])
  }

  @Test(arguments: [
    (
      #"{"ts":null,"role":"user","content":"a"}"#,
      MappedRow(number: "4", role: "user", content: "a")
    ),
    (
      #"{"role":"user","content":"a","model":"x","n":null}"#,
      MappedRow(
        number: "4", role: "user", content: "a", metadata: #"{"legacy":{"model":"x","n":null}}"#)
    ),
    (
      #"{"role":"user","role":"assistant","content":"a","content":"b"}"#,
      MappedRow(
        number: "4", role: "assistant", content: "b",
        metadata: #"{"legacy":{"role":"user","content":"a"}}"#)
    ),
    ("{}", MappedRow(number: "4")), ("[1]", MappedRow(number: "4", refusal: .recordShape)),
    ("17", MappedRow(number: "4", refusal: .recordShape)),
    (
      #"{"\u0072ole":"user","c\u006fntent":"a"}"#,
      MappedRow(number: "4", role: "user", content: "a")
    ),
  ])
  func `absent, repeated and unknown fields are kept or left empty`(line: String, row: MappedRow)
    throws
  {
    #expect(try mapped(line).rows == [row])
  }

  @Test(arguments: [
    (#"{"ts":"a"}"#, []), (#"{"ts":"a","content":"tr{"ts":"b"}"#, [23]),
    (#"x{"ts":1}{"ts":2}"#, [1, 9]),
    (#"{"ts":1}{"ts":2}"#, [8]), (#"{"content":"{\"ts\":1}"}"#, []), ("", []), (#"{"ts":"#, []),
    (#"x{"ts""#, []),
  ])
  func `a record may begin anew wherever its first key stands`(line: String, expected: [Int]) {
    let bytes = Array(line.utf8)
    #expect(ChatHistory.restarts(bytes, 0..<bytes.count) == expected)
    let shifted = [0x7B, 0x0A] + bytes + [0x0A]
    #expect(ChatHistory.restarts(shifted, 2..<shifted.count - 1) == expected.map { $0 + 2 })
  }
}
