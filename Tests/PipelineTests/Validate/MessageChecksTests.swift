import Testing

@testable import Pipeline

struct MessageChecksTests {
  /// What keeps a message from being a row; `fill` makes its draft from a document.
  private func rule(
    _ document: String, _ policy: TextPolicy = .replace, mayLackContent: Bool = false,
    result: Bool = false, metadata: Bool = false
  ) throws -> Rule? {
    var spec = TransformSpec()
    spec.text = policy
    let checks = MessageChecks(try TransformPlan(spec))
    let tape = try parsed(document)
    var draft = MessageDraft(index: 0)
    draft.mayLackContent = mayLackContent
    draft.source = tape.member(tape.root, "source") ?? tape.root
    if let content = tape.member(tape.root, "content") { draft.content = .value(content) }
    if result { draft.toolResult = .wrapped(.output, try tape.needed("result")) }
    var record = RecordDraft()
    if metadata { record.add("files", .list([try tape.needed("files")])) }
    return checks.refusal(draft, entries: record.entries[...], of: tape)?
      .rule
  }

  @Test(
    arguments: [
      (#"{"content":""}"#, false, nil), (#"{"content":"a"}"#, false, nil),
      ("{}", false, Rule.contentMissing), ("{}", true, nil),
      (#"{"content":7}"#, false, .contentMissing), (#"{"content":{"a":1}}"#, true, .contentMissing),
      (#"{"content":["a"]}"#, true, .contentMissing),
    ] as [(String, Bool, Rule?)])
  func `a message needs text unless it is a call`(
    document: String, mayLackContent: Bool, expected: Rule?
  ) throws {
    #expect(try rule(document, mayLackContent: mayLackContent) == expected)
  }

  @Test(arguments: [
    #"{"content":"\u0000"}"#, #"{"content":"\ud83d"}"#, #"{"content":"a","x":{"\u0000":1}}"#,
  ])
  func `refused text rejects the message only where the pipeline says so`(document: String) throws {
    #expect(try rule(document, .reject) == .textRefused)
    #expect(try rule(document, .replace) == nil)
    #expect(try rule(document, .mark) == nil)
  }

  @Test func `refused text in a folded result or in metadata counts too`() throws {
    let document = #"{"source":{},"content":"a","result":"\u0000","files":"\ud83d"}"#
    #expect(try rule(document, .reject) == nil)
    #expect(try rule(document, .reject, result: true) == .textRefused)
    #expect(try rule(document, .reject, metadata: true) == .textRefused)
  }

  @Test func `a session's own fields answer for themselves`() throws {
    for (policy, expected) in [(TextPolicy.reject, Rule.textRefused), (.replace, nil)] {
      var spec = TransformSpec()
      spec.text = policy
      let checks = MessageChecks(try TransformPlan(spec))
      let tape = try parsed(#"["\u0000"]"#)
      var record = RecordDraft()
      record.add("initial_context", .value(tape.root))
      #expect(checks.refusal(ofSession: record.entries[...], of: tape)?.rule == expected)
      #expect(checks.refusal(ofSession: [], of: tape)?.rule == nil)
    }
  }

  @Test(
    arguments: [
      (0, false, nil), (2692, false, nil), (2693, false, Rule.keyTooLong), (3, true, .textRefused),
    ] as [(Int, Bool, Rule?)])
  func `an id must fit an index and be text that PostgreSQL holds`(
    length: Int, isRefused: Bool, expected: Rule?
  ) {
    let id = [UInt8](repeating: UInt8(ascii: "x"), count: length)
    #expect(SessionChecks.refusal(continuationId: id, isRefused: isRefused)?.rule == expected)
  }
}
