internal import Pipeline
internal import TestSupport
internal import Testing

/// Names of conversations and of fields that are odd, many or very long.
@Suite struct HostileKeyTests {
  /// Ids as the source has them between quotes, and as they are stored; nil where they are rejected.
  private static let ids: [(source: String, stored: String?)] = [
    ("x", "x"), ("X", "X"), ("x ", "x "), (" x", " x"), ("null", "null"), ("NULL", "NULL"),
    ("''", "''"), (#"\\N"#, #"\N"#), (#"\\."#, #"\."#), (#"a\nb"#, "a\nb"), (#"a\tb"#, "a\tb"),
    (#"a\"b"#, "a\"b"), (#"a\\"#, #"a\"#), ("__proto__", "__proto__"), ("a\u{2028}b", "a\u{2028}b"),
    (#"..\/..\/etc"#, "../../etc"), ("e\u{301}", "e\u{301}"), ("\u{E9}", "\u{E9}"),
    ("\u{FEFF}x", "\u{FEFF}x"), ("\u{202E}x", "\u{202E}x"), (#"\uffff"#, "\u{FFFF}"),
    (#"\ud83d\ude00"#, "\u{1F600}"), ("\u{A0}", "\u{A0}"), ("%s%n", "%s%n"), ("{a,b}", "{a,b}"),
    ("'; DROP TABLE exai_sessions; --", "'; DROP TABLE exai_sessions; --"),
    (String(repeating: "é", count: 1346), String(repeating: "é", count: 1346)),
    ("", nil), (" ", nil), (#"\t\n"#, nil), (#"a\u0000"#, nil), (#"\ud83d"#, nil),
    (#"\ude00\ud83d"#, nil), (String(repeating: "é", count: 1346) + "a", nil),
    (String(repeating: "a", count: 10_000), nil),
  ]

  @Test(arguments: HostileTextTests.Policy.allCases)
  func `an id is stored as it is or its conversation rejected, whatever the text policy`(
    policy: HostileTextTests.Policy
  ) async throws {
    try await RunScene.with { scene in
      let lines = Self.ids.map {
        #"{"thread_id":"\#($0.source)","turns":[{"role":"user","content":"c"}]}"#
      }
      try scene.directory.write("t.jsonl", lines.joined(separator: "\n"))
      let run = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: \(policy.rawValue)}")
      let report = try run.expect(3)
      let stored = Self.ids.compactMap(\.stored).map { Array($0.utf8) }
      #expect(
        report.total.sessions
          == .of(inserted: stored.count, rejected: Self.ids.count - stored.count))
      #expect(
        try run.rejects.map(\.text)
          == zip(Self.ids, lines).filter { $0.0.stored == nil }.map(\.1))
      let found = try scene.rows("SELECT continuation_id FROM exai_sessions").map {
        Array(($0[0] ?? "").utf8)
      }
      #expect(Set(found) == Set(stored))
      #expect(found.count == stored.count)
      let again = try await scene.run(
        "threads", ["t.jsonl"], yaml: "transform: {text: \(policy.rawValue)}",
        options: ["--restart"]
      ).expect(3)
      #expect(again.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
    }
  }

  @Test func `metadata takes very long keys, very many, and such as become alike`() async throws {
    let long = String(repeating: "k\u{E9}", count: 25_000)
    let many = (0..<20_000).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
    let alike =
      #""a\u0000":1,"a\ud800":2,"a\ufffd":3,"a\\u0000":4,"":5,"__proto__":6,"constructor":7"#
    let record = """
      {"thread_id":"t","initial_context":{\(many)},"\(long)":"s","turns":[{"role":"user",\
      "content":"c","\(long)":"m","many":{\(many)},\(alike),"inner":{\(alike)},"index":"mine"}]}
      """
    let expected: [HostileTextTests.Policy: String] = [
      .replace:
        #"{"a\u0000": 4, "a�": 3, "a�~1": 1, "a�~2": 2, "": 5, "__proto__": 6, "constructor": 7}"#
        .replacing(#"a\u0000"#, with: #"a\\u0000"#),
      .mark:
        #"{"a\\u0000": 4, "a\\u0000~1": 1, "a\\ud800": 2, "a�": 3, "": 5, "__proto__": 6, "constructor": 7}"#,
    ]
    for (policy, alike) in expected {
      try await RunScene.with { scene in
        try scene.directory.write("t.jsonl", record)
        let report = try await scene.run(
          "threads", ["t.jsonl"], yaml: "transform: {text: \(policy.rawValue)}"
        ).expect()
        #expect(report.found[policy == .mark ? "text.marked" : "text.replaced"] == 1)
        #expect(
          try scene.rows(
            """
            SELECT s.metadata #>> ARRAY['legacy', k], m.metadata #>> ARRAY['legacy', k],
              (SELECT count(*) || ' ' || sum(value::int) || ' ' || sum(substr(key, 2)::int)
               FROM jsonb_each_text(s.metadata->'initial_context')),
              (SELECT count(*) || ' ' || sum(value::int) || ' ' || sum(substr(key, 2)::int)
               FROM jsonb_each_text(m.metadata #> '{legacy,many}')),
              (m.metadata #> '{legacy,inner}' = '\(alike)'::jsonb)::text,
              (m.metadata->'legacy' @> '\(alike)'::jsonb)::text,
              m.metadata #>> '{legacy,index}', m.metadata #>> '{legacy,index~1}'
            FROM exai_sessions s JOIN exai_messages m ON m.session_id = s.id,
              LATERAL (SELECT repeat('ké', 25000) AS k) k
            """) == [
              [
                "s", "m", "20000 199990000 199990000", "20000 199990000 199990000", "true", "true",
                "0", "mine",
              ]
            ])
      }
    }
  }

  @Test func `what a dump says beside a document follows the text policy`() async throws {
    let line =
      #"{"key":"thread:a\u0000","ttl":"\ud83d","x\u0000":"\u0000","value":{"thread_id":"t","turns":[]}}"#
    let legacy =
      "SELECT (metadata->'legacy') - '{source,file,line,inputs}'::text[] FROM exai_sessions"
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", line)
      let rejecting = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: reject}")
      #expect(try rejecting.expect(3).total.sessions == .of(rejected: 1))
      #expect(try rejecting.rejects.map(\.text) == [line])
      #expect(try rejecting.rejects.map(\.rule) == ["text.refused"])
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.found["text.replaced"] == 1)
      #expect(
        try scene.value(legacy)
          == "{\"key\": \"thread:a\u{FFFD}\", \"ttl\": \"\u{FFFD}\", \"dump\": {\"x\u{FFFD}\": \"\u{FFFD}\"}}"
      )
      try scene.execute("DELETE FROM exai_sessions")
      let marking = try await scene.run("threads", ["t.jsonl"], yaml: "transform: {text: mark}")
        .expect()
      #expect(marking.found["text.marked"] == 1)
      #expect(
        try scene.value(legacy)
          == #"{"key": "thread:a\\u0000", "ttl": "\\ud83d", "dump": {"x\\u0000": "\\u0000"}}"#)
    }
  }
}
