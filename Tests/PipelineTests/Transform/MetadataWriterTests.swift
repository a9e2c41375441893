import Testing

@testable import Pipeline

struct MetadataWriterTests {
  /// The metadata of a row whose entries `fill` adds to a draft.
  private func written(
    _ document: String = "{}", added: String = "",
    change: (inout TransformSpec) -> Void = { _ in },
    provenance: MetadataWriter.Provenance = .init(), overflow: MetadataWriter.Provenance = .init(),
    fill: (borrowing JSONTape, inout RecordDraft) throws -> Void = { _, _ in }
  ) throws -> (text: String, outcome: MetadataWriter.Outcome) {
    var spec = TransformSpec()
    change(&spec)
    let writer = MetadataWriter(try TransformPlan(spec))
    let tape = try parsed(document)
    var draft = RecordDraft()
    try fill(tape, &draft)
    var out: [UInt8] = []
    let outcome = writer.append(
      draft.entries[...], provenance: provenance, overflow: overflow, added: Array(added.utf8),
      of: tape,
      to: &out)
    return (text(out), outcome)
  }

  /// Keeps every member of the document as a field nobody has a column for.
  private func keepAll(_ tape: borrowing JSONTape, _ draft: inout RecordDraft) {
    tape.forEachMember(tape.root) { draft.keep($0, $1) }
  }

  @Test func `nothing is an empty object`() throws {
    #expect(try written().text == "{}")
  }

  @Test func `known members come first, the pipeline's next, legacy last`() throws {
    var provenance = MetadataWriter.Provenance()
    provenance.add("index", .number(7))
    provenance.add("file", .text(Array("a\"b".utf8)))
    let found = try written(#"{"x":[ 1 ]}"#, added: #","source":"old""#, provenance: provenance) {
      tape, draft in
      keepAll(tape, &draft)
      draft.add("tool_name", .bytes(Array(#""chat""#.utf8)))
    }
    #expect(
      found.text
        == #"{"tool_name":"chat","source":"old","legacy":{"index":7,"file":"a\"b","x":[ 1 ]}}"#)
    #expect(try written(added: #","source":"old""#).text == #"{"source":"old"}"#)
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, #"{"legacy":{"a~1":1,"a":2}}"#),
    (#"{"a~1":0,"a":1,"a":2}"#, #"{"legacy":{"a~1":0,"a~2":1,"a":2}}"#),
    (#"{"index":1,"b":2}"#, #"{"legacy":{"index":9,"index~1":1,"b":2}}"#),
    (#"{"\u0000":1,"\ufffd":2}"#, "{\"legacy\":{\"index\":9,\"\u{FFFD}~1\":1,\"\u{FFFD}\":2}}"),
  ])
  func `fields of one name are all kept, the one that counts under its own`(
    document: String, expected: String
  ) throws {
    var provenance = MetadataWriter.Provenance()
    if expected.contains("index") { provenance.add("index", .number(9)) }
    let found = try written(document, provenance: provenance) { tape, draft in keepAll(tape, &draft)
    }
    #expect(found.text == expected)
  }

  @Test func `known members of one name are all kept`() throws {
    let found = try written(fill: { _, draft in
      for number in 1...3 { draft.add("tool_call_id", .bytes(Array("\(number)".utf8))) }
    })
    #expect(found.text == #"{"tool_call_id":1,"tool_call_id~1":2,"tool_call_id~2":3}"#)
  }

  @Test func `unmapped fields that are dropped are counted, known members stay`() throws {
    let found = try written(#"{"a":1,"b":2}"#, change: { $0.metadata.unmapped = .drop }) {
      tape, draft in
      keepAll(tape, &draft)
      draft.add("files", .bytes(Array("[]".utf8)))
    }
    #expect(found.text == #"{"files":[]}"#)
    #expect(found.outcome.droppedFields == 2)
  }

  @Test func `provenance that is dropped is gone, values without a column stay`() throws {
    var provenance = MetadataWriter.Provenance()
    provenance.add("index", .number(7))
    var overflow = MetadataWriter.Provenance()
    overflow.add("cost_usd", .text(Array("1e9".utf8)))
    let found = try written(
      change: { $0.metadata.provenance = .drop }, provenance: provenance, overflow: overflow)
    #expect(found.text == #"{"legacy":{"cost_usd":"1e9"}}"#)
  }

  @Test func `characters that are refused are treated by the policy and counted`() throws {
    let document = #"{"a\u0000":"\ud83d","b":["\u0000"]}"#
    let replaced = try written(document, fill: { tape, draft in keepAll(tape, &draft) })
    #expect(replaced.text == "{\"legacy\":{\"a\u{FFFD}\":\"\u{FFFD}\",\"b\":[\"\u{FFFD}\"]}}")
    #expect(replaced.outcome.changedCharacters == 3)
    let marked = try written(document, change: { $0.text = .mark }) { tape, draft in
      keepAll(tape, &draft)
    }
    #expect(marked.text == #"{"legacy":{"a\\u0000":"\\ud83d","b":["\\u0000"]}}"#)
  }

  @Test func `every kind of draft value is JSON`() throws {
    let found = try written(
      #"{"x":[1]}"#,
      fill: { tape, draft in
        let value = try tape.needed("x")
        draft.add("none", .absent)
        draft.add("value", .value(value))
        draft.add("wrapped", .wrapped(.output, value))
        draft.add("list", .list([value, value]))
      })
    #expect(found.text == #"{"none":null,"value":[1],"wrapped":{"output":[1]},"list":[[1],[1]]}"#)
  }
}
