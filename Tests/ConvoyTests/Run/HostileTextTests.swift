internal import Pipeline
internal import TestSupport
internal import Testing

/// Every hostile text through every kind of column, under each policy, read back byte for byte.
@Suite struct HostileTextTests {
  enum Policy: String, CaseIterable { case reject, replace, mark }

  private static let head = #"{"thread_id":"m?","turns":[{"role":"user","content":"sound"},"#
  private static let turn = """
    {"role":"user","content":"?","tool_name":"?","model_name":"?","x?":{"?":["?"]},\
    "files":["?","sound",null,7,{"a":"?"}],"images":["?",null]}
    """
  private static let session =
    #"{"thread_id":"s?","title":"?","initial_context":{"?":"?"},"turns":[]}"#
  private static let call = """
    {"messages":[{"role":"user","content":"c?"},{"role":"assistant","content":null,\
    "tool_calls":[{"id":"1","function":{"name":"?","arguments":{"?":"?"}}}]},\
    {"role":"tool","tool_call_id":"1","content":"?"}]}
    """

  /// A pattern with a text in place of each `?`.
  private static func fill(_ pattern: String, _ text: [UInt8]) -> [UInt8] {
    Array(
      pattern.utf8.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false).joined(
        separator: text))
  }

  private static func stored(_ text: HostileText, _ policy: Policy) -> [UInt8]? {
    switch policy {
    case .reject: text.isRefused ? nil : text.replaced
    case .replace: text.replaced
    case .mark: text.marked
    }
  }

  private static func bytes(_ row: [String?]) -> [[UInt8]?] {
    row.map { $0.map { Array($0.utf8) } }
  }

  @Test func `the table is as long as was asked for and has no name twice`() {
    #expect(HostileText.all.count >= 60)
    #expect(Set(HostileText.all.map(\.name)).count == HostileText.all.count)
    #expect(Set(HostileText.all.map(\.source)).count == HostileText.all.count)
  }

  @Test(arguments: Policy.allCases)
  func `threads keep each text in text, jsonb and array columns, or reject it whole`(
    policy: Policy
  ) async throws {
    try await RunScene.with { scene in
      try scene.execute(
        "ALTER TABLE exai_messages ADD files text[], ADD images jsonb")
      var lines: [UInt8] = []
      var turns: [[UInt8]] = []
      var sessions: [[UInt8]] = []
      for (number, text) in HostileText.all.enumerated() {
        let name = Array("\(number)".utf8)
        let turn = Self.fill(Self.turn, text.source)
        turns.append(turn)
        let whole = Self.fill(Self.head, name) + turn + Array("]}".utf8)
        let pattern = Self.session.replacing("s?", with: "s\(number)")
        sessions.append(Self.fill(pattern, text.source))
        lines += whole + [0x0A] + sessions[number] + [0x0A]
      }
      try scene.directory.write("t.jsonl", lines)
      let run = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: \(policy.rawValue)}")
      let report = try run.expect(3)

      let rejects = try run.rejects.map(\.bytes)
      var expected: [[UInt8]] = []
      for (number, text) in HostileText.all.enumerated() {
        if text.isBroken {
          let whole = Self.fill(Self.head, Array("\(number)".utf8)) + turns[number]
          expected += [whole + Array("]}".utf8), sessions[number]]
        } else if policy == .reject, text.isRefused {
          expected += [turns[number], sessions[number]]
        }
      }
      #expect(rejects == expected)
      let refused = HostileText.all.count(where: \.isRefused)
      #expect(
        report.found["text.refused"] ?? 0 == (policy == .reject ? 2 * refused : 0))
      // A message's row is noted once; of a session its title, and its metadata.
      #expect(report.found["text.replaced"] ?? 0 == (policy == .replace ? 3 * refused : 0))
      #expect(report.found["text.marked"] ?? 0 == (policy == .mark ? 3 * refused : 0))
      try Self.expectMessages(policy, in: scene)
      try Self.expectSessions(policy, in: scene)

      let again = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: \(policy.rawValue)}",
        options: ["--restart"]
      ).expect(3)
      #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
    }
  }

  private static func expectMessages(_ policy: Policy, in scene: RunScene) throws {
    let rows = try scene.rows(
      """
      SELECT substr(s.continuation_id, 2), m.content, m.tool_name, m.model_used,
        (SELECT substr(k, 2) FROM jsonb_object_keys(m.metadata->'legacy') k WHERE k LIKE 'x%'),
        (SELECT v.key FROM jsonb_each(m.metadata->'legacy') l, jsonb_each(l.value) v
         WHERE l.key LIKE 'x%'),
        (SELECT v.value->>0 FROM jsonb_each(m.metadata->'legacy') l, jsonb_each(l.value) v
         WHERE l.key LIKE 'x%'),
        m.files[1], m.files[2] || coalesce(m.files[3], '-') || m.files[4],
        m.files[5]::jsonb->>'a', m.images->>0, jsonb_array_length(m.images)::text
      FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id
      WHERE m.metadata #>> '{legacy,index}' = '1' AND NOT m.metadata ?| '{files,images}'
      """)
    var found: [String: [[UInt8]?]] = [:]
    for row in rows { found[row[0] ?? ""] = bytes(Array(row.dropFirst())) }
    for (number, text) in HostileText.all.enumerated() {
      let stored = stored(text, policy)
      let expected = stored.map { stored in
        [
          stored, stored, stored, stored, stored, stored, stored, Array("sound-7".utf8), stored,
          stored, Array("2".utf8),
        ]
      }
      #expect(found["\(number)"] == expected, "\(text.name)")
    }
  }

  private static func expectSessions(_ policy: Policy, in scene: RunScene) throws {
    let rows = try scene.rows(
      """
      SELECT substr(continuation_id, 2), title,
        (SELECT key FROM jsonb_each(metadata->'initial_context')),
        (SELECT value FROM jsonb_each_text(metadata->'initial_context'))
      FROM exai_sessions WHERE continuation_id LIKE 's%'
      """)
    var found: [String: [[UInt8]?]] = [:]
    for row in rows { found[row[0] ?? ""] = bytes(Array(row.dropFirst())) }
    for (number, text) in HostileText.all.enumerated() {
      // An empty title is none.
      let title = text.source.isEmpty ? Array("Conversation s\(number)".utf8) : nil
      let expected = stored(text, policy).map { [title ?? $0, $0, $0] }
      #expect(found["\(number)"] == expected, "\(text.name)")
    }
  }

  @Test(arguments: Policy.allCases)
  func `tool calls keep each text in name, arguments and result`(policy: Policy) async throws {
    try await RunScene.with { scene in
      var lines: [UInt8] = []
      for (number, text) in HostileText.all.enumerated() {
        lines += Self.fill(Self.call.replacing("c?", with: "c\(number)"), text.source) + [0x0A]
      }
      try scene.directory.write("o.jsonl", lines)
      let run = try await scene.run(
        "openai-chat", ["o.jsonl"], yaml: "transform: {text: \(policy.rawValue)}")
      let report = try run.expect(3)
      let broken = HostileText.all.count(where: \.isBroken)
      let refused = HostileText.all.count(where: \.isRefused)
      #expect(report.total.sessions.rejected == broken)
      #expect(report.total.messages.rejected == (policy == .reject ? 2 * refused : 0))
      #expect(report.found["text.replaced"] ?? 0 == (policy == .replace ? refused : 0))
      #expect(report.found["text.marked"] ?? 0 == (policy == .mark ? refused : 0))
      let rows = try scene.rows(
        """
        SELECT substr(u.content, 2), m.tool_name, a.key, a.value, m.tool_result->>'output'
        FROM exai_messages m JOIN exai_messages u USING (session_id),
          LATERAL jsonb_each_text(m.tool_args) a
        WHERE m.metadata #>> '{legacy,index}' = '1' AND u.content LIKE 'c%'
        """)
      var found: [String: [[UInt8]?]] = [:]
      for row in rows { found[row[0] ?? ""] = Self.bytes(Array(row.dropFirst())) }
      for (number, text) in HostileText.all.enumerated() {
        let expected = Self.stored(text, policy).map { [$0, $0, $0, $0] }
        #expect(found["\(number)"] == expected, "\(text.name)")
      }
    }
  }

  /// Only outside lines can a record, and so a string, reach over a line's end.
  @Test func `bare line ends inside a string are kept`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.json",
        "[{\"thread_id\":\"t\",\"turns\":[{\"role\":\"user\",\"content\":\"a\n\r\n\\\\.\nb\\\n\"}]}]"
      )
      let report = try await scene.run("threads", ["t.json"]).expect()
      #expect(report.found["json.control-character"] == 1)
      let stored = try scene.value("SELECT content FROM exai_messages")
      #expect(stored.map { Array($0.utf8) } == Array("a\n\r\n\\.\nb\\\n".utf8))
    }
  }
}
