import Testing

@testable import Pipeline

struct OpenAIChatTests {
  private func mapped(_ document: String) throws -> MappedRecord {
    let tape = try parsed(document)
    var scratch = try emptyTape()
    var draft = RecordDraft()
    OpenAIChat().map(tape.root, of: tape, scratch: &scratch, into: &draft)
    return try DraftRendering().record(draft, tape)
  }

  /// The rows of a list of messages.
  private func rows(_ messages: String) throws -> [MappedRow] {
    try mapped(#"{"messages":[\#(messages)]}"#).rows
  }

  @Test func `a record's id is the digest of its canonical text`() throws {
    let record = try mapped(#"{"messages":[{"role":"user","content":"é"}]}"#)
    // Python: hashlib.sha256('{"messages":[{"content":"é","role":"user"}]}'.encode()).hexdigest()
    #expect(record.key == "618f00add3e336c54f2d1d7bd910f38c2110873914ee8acd013cbdc0f2ecbfdb")
    #expect(record.continuationId == "openai:" + record.key.prefix(32))
    let same = try mapped("{ \"messages\" : [ {\"content\":\"\\u00e9\", \"role\":\"user\"} ] }")
    #expect(same == record)
  }

  @Test(arguments: [
    #"{"messages":[{"role":"user","content":"a"}]}"#, #"{"traj":[{"role":"user","content":"a"}]}"#,
    #"[{"role":"user","content":"a"}]"#, #"{"body":{"messages":[{"role":"user","content":"a"}]}}"#,
  ])
  func `messages are found in each container`(document: String) throws {
    let record = try mapped(document)
    #expect(record.refusal == nil)
    #expect(record.rows == [MappedRow(number: "0", role: "user", content: "a")])
    #expect(record.metadata == "{}")
  }

  @Test func `what stands beside the messages is kept`() throws {
    let record = try mapped(
      #"{"task_id":3,"tools":[{"type":"function"}],"functions":null,"messages":[],"model":"gpt"}"#)
    #expect(
      record.metadata
        == #"{"tools":[{"type":"function"}],"functions":null,"legacy":{"task_id":3,"model":"gpt"}}"#
    )
    let batch = try mapped(
      #"{"custom_id":"r1","tools":[1],"body":{"model":"m","tools":[2],"messages":[{"role":"assistant","content":"a"}]}}"#
    )
    #expect(
      batch.metadata == #"{"tools":[1],"tools~1":[2],"legacy":{"custom_id":"r1","model":"m"}}"#)
    #expect(batch.rows.map(\.model) == ["m"])
  }

  @Test(arguments: [
    (#"{"prompt":"a","completion":"b"}"#, "prompt/completion pairs are not a chat"),
    (
      #"{"query":"a","response":"b","history":[]}"#,
      "query/response rows are not a chat with messages"
    ),
    (#"{"instruction":"a","output":"b"}"#, "instruction/output rows are not a chat"),
    (#"{"conversations":[]}"#, "this is ShareGPT, not OpenAI chat"),
    (#"{"role":"user","content":"a"}"#, "a bare message, not a conversation with messages"),
    (#"{"messages":"text"}"#, "the record has no messages"),
    (#"{"messages_display":"x"}"#, "the record has no messages"),
    ("{}", "the record has no messages"), ("1", "the record is not an object with messages"),
    ("[]", "the record is not an object with messages"),
    ("[1]", "the record is not an object with messages"),
    (#"[{"content":"a"}]"#, "the record is not an object with messages"),
  ])
  func `other formats are refused by what they are`(document: String, refusal: String) throws {
    #expect(try mapped(document).refusal == refusal)
  }

  @Test(arguments: [
    (#"{"role":"system","content":"s"}"#, MappedRow(number: "0", role: "system", content: "s")),
    (
      #"{"role":"developer","content":"s"}"#,
      MappedRow(number: "0", role: "developer", content: "s")
    ),
    (#"{"role":"user","content":null}"#, MappedRow(number: "0", role: "user")),
    (#"{"role":"user"}"#, MappedRow(number: "0", role: "user")),
    (
      #"{"role":"user","name":"ann","weight":0,"content":"c"}"#,
      MappedRow(
        number: "0", role: "user", content: "c", metadata: #"{"legacy":{"name":"ann","weight":0}}"#)
    ),
    (
      #"{"role":"assistant","content":null,"refusal":"no"}"#,
      MappedRow(number: "0", role: "assistant", content: "no", metadata: #"{"refusal":"no"}"#)
    ),
    (
      #"{"refusal":"no","role":"assistant","content":"text"}"#,
      MappedRow(number: "0", role: "assistant", content: "text", metadata: #"{"refusal":"no"}"#)
    ),
    (
      #"{"role":"assistant","content":"a","usage":{"prompt_tokens":1,"completion_tokens":2},"model":"m"}"#,
      MappedRow(
        number: "0", role: "assistant", content: "a", tokensIn: "1", tokensOut: "2", model: "m",
        metadata: #"{"usage":{"prompt_tokens":1,"completion_tokens":2}}"#)
    ),
    ("7", MappedRow(number: "0", refusal: .recordShape)),
    (
      #"{"role":"assistant","content":{"answer":1}}"#,
      MappedRow(number: "0", role: "assistant", content: #"{"answer":1}"#)
    ),
  ])
  func `a message without calls is one row`(message: String, row: MappedRow) throws {
    #expect(try rows(message) == [row])
  }

  @Test(
    arguments: [
      (#"[{"type":"text","text":"a"}]"#, "a", "{}"),
      (#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#, "a\nb", "{}"),
      (#"[{"type":"text","value":"a"},"b"]"#, "a\nb", "{}"),
      (
        #"[{"type":"reasoning","value":"t"},{"type":"text","value":"a"}]"#, "a",
        #"{"thinking":["t"]}"#
      ),
      (#"[{"type":"refusal","refusal":"no"}]"#, "no", "{}"),
      (
        #"[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}}]"#, "a",
        #"{"content_parts":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}}]}"#
      ),
      (#"[{"type":"input_audio"}]"#, nil, #"{"content_parts":[{"type":"input_audio"}]}"#),
      ("[]", nil, "{}"), ("[1]", nil, #"{"content_parts":[1]}"#),
      (
        #"[{"type":"text","value":"a","loss_weight":1.0}]"#, "a",
        #"{"content_parts":[{"type":"text","value":"a","loss_weight":1.0}]}"#
      ),
      (
        #"[{"type":"reasoning","text":"t","signature":"s"}]"#, nil,
        #"{"thinking":["t"],"content_parts":[{"type":"reasoning","text":"t","signature":"s"}]}"#
      ),
    ] as [(String, String?, String)])
  func `of parts the texts are joined and all else is kept`(
    parts: String, content: String?, metadata: String
  ) throws {
    let found = try rows(#"{"role":"user","content":\#(parts)}"#)
    #expect(found.map(\.content) == [content])
    #expect(found.map(\.metadata) == [metadata])
    #expect(found.map(\.mayLackContent) == [true])
  }

  @Test func `the record's model is the model of what the assistant said`() throws {
    let record = try mapped(
      #"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"assistant","content":"c","model":"n"}]}"#
    )
    #expect(record.rows.map(\.model) == [nil, "m", "n"])
  }
}
