import Testing

@testable import Pipeline

struct ToolPairingTests {
  private func mapped(_ messages: String) throws -> MappedRecord {
    let tape = try parsed(#"{"messages":[\#(messages)]}"#)
    var scratch = try emptyTape()
    var draft = RecordDraft()
    OpenAIChat().map(tape.root, of: tape, scratch: &scratch, into: &draft)
    return try DraftRendering().record(draft, tape)
  }

  private static func call(_ id: String, _ name: String, _ arguments: String = #""{}""#) -> String {
    #"{"id":"\#(id)","type":"function","function":{"name":"\#(name)","arguments":\#(arguments)}}"#
  }

  private static func calls(_ calls: String..., content: String = "null") -> String {
    #"{"role":"assistant","content":\#(content),"tool_calls":[\#(calls.joined(separator: ","))]}"#
  }

  private static func result(_ id: String, _ content: String) -> String {
    #"{"role":"tool","tool_call_id":"\#(id)","content":\#(content)}"#
  }

  @Test func `parallel calls are a row each, with their results, in the order of the calls`() throws
  {
    let record = try mapped(
      [
        Self.calls(Self.call("1", "f", #""{\"a\":1}""#), Self.call("2", "g"), content: #""text""#),
        Self.result("2", #""two""#), Self.result("1", #"{"x":1}"#),
        #"{"role":"user","content":"next"}"#,
      ].joined(separator: ","))
    #expect(
      record.rows == [
        MappedRow(
          number: "0", role: "assistant", content: "text", tool: "f", args: #"{"a":1}"#,
          result: #"{"x":1}"#, metadata: #"{"tool_call_id":"1"}"#, folded: 1, mayLackContent: true),
        MappedRow(
          number: "0.1", role: "assistant", tool: "g", args: "{}", result: #"{"output":"two"}"#,
          metadata: #"{"tool_call_id":"2"}"#, folded: 1, mayLackContent: true),
        MappedRow(number: "3", role: "user", content: "next"),
      ])
    #expect(record.notes == [])
  }

  @Test func `a call without a result and a result without a call are rows and told`() throws {
    let record = try mapped(
      [Self.calls(Self.call("1", "f")), Self.result("9", #""lost""#)].joined(separator: ","))
    #expect(
      record.rows == [
        MappedRow(
          number: "0", role: "assistant", tool: "f", args: "{}",
          metadata: #"{"tool_call_id":"1","tool_status":"unanswered"}"#, mayLackContent: true),
        MappedRow(
          number: "1", role: "tool", result: #"{"output":"lost"}"#,
          metadata: #"{"tool_call_id":"9"}"#, mayLackContent: true),
      ])
    #expect(record.notes == [.toolCallUnanswered, .toolResultOrphan])
  }

  @Test func `an id that is used again belongs to the latest call`() throws {
    let record = try mapped(
      [
        Self.calls(Self.call("1", "f")), #"{"role":"user","content":"stop"}"#,
        Self.calls(Self.call("1", "g")), Self.result("1", #""g's""#),
        Self.calls(Self.call("1", "h")), Self.result("1", #""h's""#),
      ].joined(separator: ","))
    #expect(record.rows.map(\.tool) == ["f", nil, "g", "h"])
    #expect(record.rows.map(\.result) == [nil, nil, #"{"output":"g's"}"#, #"{"output":"h's"}"#])
  }

  @Test func `without ids results pair in order with the calls of the last message that made any`()
    throws
  {
    let bare = #"{"function":{"name":"f","arguments":"{}"}}"#
    let record = try mapped(
      [
        #"{"role":"assistant","tool_calls":[\#(bare),\#(bare)]}"#,
        #"{"role":"tool","content":"a"}"#,
        #"{"role":"tool","content":"b"}"#, #"{"role":"tool","content":"c"}"#,
      ].joined(separator: ","))
    #expect(
      record.rows.map(\.result) == [#"{"output":"a"}"#, #"{"output":"b"}"#, #"{"output":"c"}"#])
    #expect(record.rows.map(\.number) == ["0", "0.1", "3"])
    #expect(record.notes == [.toolResultOrphan])
  }

  @Test func `a function call pairs with the next function message of its name`() throws {
    let record = try mapped(
      [
        #"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}}"#,
        #"{"role":"function","name":"g","content":"other"}"#,
        #"{"role":"function","name":"f","content":"mine"}"#,
      ].joined(separator: ","))
    #expect(record.rows.map(\.tool) == ["f", "g"])
    #expect(record.rows.map(\.args) == [#"{"a":1}"#, nil])
    #expect(record.rows.map(\.result) == [#"{"output":"mine"}"#, #"{"output":"other"}"#])
    #expect(record.rows.map(\.role) == ["assistant", "function"])
  }

  @Test(
    arguments: [
      (#""{\"a\":[1, 2]}""#, #"{"a":[1, 2]}"#), (#"{"a":1}"#, #"{"a":1}"#),
      (#""{\"a\":1""#, #"{"input":"{\"a\":1"}"#),
      (#""print(1)""#, #"{"input":"print(1)"}"#), (#""[1]""#, #"{"input":"[1]"}"#),
      (#""""#, #"{"input":""}"#),
      ("[1]", #"{"input":[1]}"#), ("7", #"{"input":7}"#), ("null", nil),
      (#""{\"a\":1,\"a\":2}""#, #"{"input":"{\"a\":1,\"a\":2}"}"#),
      (#""{\"a\":\"\\u0000\"}""#, #"{"input":"{\"a\":\"\\u0000\"}"}"#),
    ] as [(String, String?)])
  func `arguments are an object, parsed where they are the text of one`(
    arguments: String, expected: String?
  ) throws {
    let record = try mapped(Self.calls(Self.call("1", "f", arguments)))
    #expect(record.rows.map(\.args) == [expected])
  }

  @Test(arguments: [
    (#""text""#, #"{"output":"text"}"#), (#"{"a":1}"#, #"{"a":1}"#),
    ("[1,2]", #"{"output":[1,2]}"#),
    ("null", #"{"output":null}"#), (#"[{"type":"text","text":"a"}]"#, #"{"output":"a"}"#),
    (
      #"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#,
      #"{"output":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#
    ),
    (
      #"[{"type":"text","text":"a","cache":1}]"#,
      #"{"output":[{"type":"text","text":"a","cache":1}]}"#
    ),
  ])
  func `a result that is no object is kept below output`(content: String, expected: String) throws {
    let record = try mapped(
      [Self.calls(Self.call("1", "f")), Self.result("1", content)].joined(separator: ","))
    #expect(record.rows.map(\.result) == [expected])
    let orphan = try mapped(Self.result("1", content))
    #expect(orphan.rows.map(\.result) == [expected])
  }

  @Test func `what a folded result says beside its content is kept on the call's row`() throws {
    let record = try mapped(
      [
        Self.calls(Self.call("1", "f")),
        #"{"role":"tool","tool_call_id":"1","name":"f","content":"a","is_error":true}"#,
      ].joined(separator: ","))
    #expect(record.rows.map(\.metadata) == [#"{"tool_call_id":"1","legacy":{"is_error":true}}"#])
    let renamed = try mapped(
      [
        Self.calls(Self.call("1", "f")),
        #"{"role":"tool","tool_call_id":"1","name":"g","content":"a"}"#,
      ]
      .joined(separator: ","))
    #expect(renamed.rows.map(\.metadata) == [#"{"tool_call_id":"1","legacy":{"name":"g"}}"#])
  }

  @Test func `a part that is a call as text is a call`() throws {
    let part = #"{"type":"tool_call","value":"{\"name\":\"f\",\"arguments\":{\"a\":1}}"}"#
    let record = try mapped(
      #"{"role":"assistant","content":[{"type":"text","value":"t"},\#(part)]},{"role":"tool","content":"r"}"#
    )
    #expect(
      record.rows == [
        MappedRow(
          number: "0", role: "assistant", content: "t", tool: "f", args: #"{"a":1}"#,
          result: #"{"output":"r"}"#, folded: 1, mayLackContent: true)
      ])
    let broken = try mapped(
      #"{"role":"assistant","content":[{"type":"tool_call","value":"f(1)"}]}"#)
    #expect(broken.rows.map(\.args) == [#"{"input":"f(1)"}"#])
  }

  @Test(arguments: [
    (
      #"{"role":"assistant","tool_calls":[{"id":"1","type":"function","index":0,"function":{"name":"f","arguments":"{}"}}]}"#,
      #"{"tool_call_id":"1","tool_status":"unanswered","legacy":{"tool_call":{"id":"1","type":"function","index":0,"function":{"name":"f","arguments":"{}"}}}}"#
    ),
    (
      #"{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}]}"#,
      #"{"tool_call_id":"1","tool_status":"unanswered","legacy":{"tool_call":{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}}}"#
    ),
    (
      #"{"role":"assistant","content":"a","tool_calls":{"id":"1"}}"#,
      #"{"legacy":{"tool_calls":{"id":"1"}}}"#
    ),
    (
      #"{"role":"assistant","content":"a","tool_calls":["f"]}"#, #"{"legacy":{"tool_calls":["f"]}}"#
    ),
    (#"{"role":"assistant","content":"a","tool_calls":[]}"#, "{}"),
    (
      #"{"role":"assistant","content":"a","function_call":"auto"}"#,
      #"{"legacy":{"function_call":"auto"}}"#
    ),
    (
      #"{"role":"assistant","function_call":{"name":"f","arguments":"{}","id":"x"}}"#,
      #"{"tool_status":"unanswered","legacy":{"tool_call":{"name":"f","arguments":"{}","id":"x"}}}"#
    ),
    (
      #"{"role":"assistant","content":[{"type":"tool_call","value":"{\"name\":\"f\",\"arguments\":{},\"id\":7}"}]}"#,
      #"{"tool_status":"unanswered","legacy":{"tool_call":"{\"name\":\"f\",\"arguments\":{},\"id\":7}"}}"#
    ),
    (
      #"{"role":"assistant","tool_call_id":"0","tool_calls":[{"id":"1","function":{"name":"f"}}]}"#,
      #"{"tool_call_id":"0","tool_call_id~1":"1","tool_status":"unanswered"}"#
    ),
  ])
  func `nothing of a call is lost that has no column`(message: String, metadata: String) throws {
    #expect(try mapped(message).rows.map(\.metadata) == [metadata])
  }

  @Test func `a call of the newer custom kind has its name and input`() throws {
    let record = try mapped(
      #"{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}]}"#
    )
    #expect(record.rows.map(\.tool) == ["f"])
    #expect(record.rows.map(\.args) == [#"{"input":"x"}"#])
  }

  @Test func `messages read are messages in rows and folded ones`() throws {
    let record = try mapped(
      [
        Self.calls(Self.call("1", "f"), Self.call("2", "g"), Self.call("3", "h")),
        Self.result("3", "1"),
        Self.result("1", "2"), Self.result("x", "3"), "5", #"{"role":"user","content":"u"}"#,
      ].joined(separator: ","))
    let first = record.rows.filter { !$0.number.contains(".") }.count
    #expect(first + record.rows.reduce(0) { $0 + $1.folded } == 6)
  }
}
