internal import Pipeline
internal import TestSupport
internal import Testing

/// Dumps of Redis, which has threads and Auggie's sessions as strings under keys.
@Suite struct RedisRunTests {
  private static func quoted(_ text: String) -> String {
    "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }

  private static let sessions = [
    (
      "x",
      #"{"session_id": "x", "_ts": 1758300000, "history": [{"prompt": "ä\n1", "content": "b"}]}"#
    ),
    ("null", #"{"session_id": null, "history": [{"prompt": "c"}]}"#),
    ("y", #"{"session_id": "y", "history": [{"prompt": "d", "content": "e"}, {"content": "f"}]}"#),
  ]

  private static let messages = """
    SELECT s.continuation_id, m.role, m.content FROM exai_messages m
    JOIN exai_sessions s ON s.id = m.session_id
    ORDER BY convert_to(s.continuation_id, 'UTF8'), m.metadata #> '{legacy,index}'
    """

  @Test func `a dump whose sessions are strings makes the rows of the store`() async throws {
    let store =
      "{\(Self.sessions.map { "\"\($0)\": \($1)" }.joined(separator: ",\n"))}"
    // One is an object still, as hashes are dumped, and two are no sessions.
    let dump = """
      {"auggie:session:x": \(Self.quoted(Self.sessions[0].1)), "auggie:session:null": \(Self.sessions[1].1),
       "auggie:session:y": \(Self.quoted(Self.sessions[2].1)), "auggie:session:z": "{\\"history\\": [",
       "auggie:session:w": "7"}
      """
    try await RunScene.with { scene in
      try scene.directory.write("store.json", store)
      try scene.directory.write("dump.json", dump)
      let report = try await scene.run("auto", ["store.json"]).expect()
      #expect(report.total.messages == .of(inserted: 6))
      #expect(
        try scene.rows(Self.messages) == [
          ["auggie:null:1", "user", "c"], ["auggie:x", "user", "ä\n1"],
          ["auggie:x", "assistant", "b"], ["auggie:y", "user", "d"],
          ["auggie:y", "assistant", "e"],
          ["auggie:y", "assistant", "f"],
        ])
      let checksum = try scene.checksum()
      let run = try await scene.run("auto", ["dump.json"])
      let again = try run.expect(3)
      #expect(again.inputs.map(\.dialect) == ["auggie"])
      #expect(again.total.sessions == .of(unchanged: 3, rejected: 2))
      #expect(again.total.messages == .of(unchanged: 6))
      #expect(again.found["json.truncated"] == 1)
      #expect(again.found["record.shape"] == 1)
      #expect(try scene.checksum() == checksum)
      #expect(
        try run.rejects.map(\.text) == [
          #""auggie:session:z": "{\"history\": [""#, #""auggie:session:w": "7""#,
        ])
    }
  }

  private static let thread =
    #"{"thread_id": "t", "turns": [{"role": "user", "content": "of a thread", "timestamp": "2025-10-01T10:00:00Z"}]}"#

  /// Both kinds in one object, and as keys with their values.
  private static let dumps = [
    "object.json": """
    {"auggie:session:x": \(quoted(sessions[0].1)), "thread:t": \(quoted(thread)),
     "auggie:session:y": \(sessions[2].1), "thread:u": \(thread.replacing("\"t\"", with: "\"u\""))}
    """,
    "thread-first.json": """
    {"thread:t": \(thread), "auggie:session:x": \(sessions[0].1),
     "thread:u": \(quoted(thread.replacing("\"t\"", with: "\"u\""))), "auggie:session:y": \(quoted(sessions[2].1))}
    """,
    "lines.jsonl": """
    {"key": "auggie:session:x", "ttl": 86391, "value": \(quoted(sessions[0].1))}
    {"key": "thread:t", "ttl": 5, "value": \(quoted(thread))}
    {"key": "auggie:session:y", "type": "string", "value": \(sessions[2].1)}
    {"key": "thread:u", "value": \(thread.replacing("\"t\"", with: "\"u\""))}
    """,
  ]

  @Test(arguments: dumps.keys.sorted(), ["auto", "threads", "auggie"])
  func `threads and sessions of one dump go each to its dialect, whichever the file is said to be`(
    name: String, format: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write(name, try #require(Self.dumps[name]))
      let report = try await scene.run(format, [name]).expect()
      #expect(report.inputs.map(\.dialect) == [format == "auggie" ? "auggie" : "threads"])
      #expect(report.total.sessions == .of(inserted: 4))
      #expect(report.total.messages == .of(inserted: 7))
      #expect(
        try scene.rows(Self.messages) == [
          ["auggie:x", "user", "ä\n1"], ["auggie:x", "assistant", "b"], ["auggie:y", "user", "d"],
          ["auggie:y", "assistant", "e"], ["auggie:y", "assistant", "f"],
          ["t", "user", "of a thread"], ["u", "user", "of a thread"],
        ])
      #expect(
        try scene.rows(
          """
          SELECT continuation_id, metadata #>> '{legacy,source}', metadata #>> '{legacy,ttl}',
            metadata #>> '{legacy,dump}'
          FROM exai_sessions ORDER BY convert_to(continuation_id, 'UTF8')
          """)
          == (name == "lines.jsonl"
            ? [
              ["auggie:x", "auggie", "86391", nil],
              ["auggie:y", "auggie", nil, #"{"type": "string"}"#], ["t", "threads", "5", nil],
              ["u", "threads", nil, nil],
            ]
            : [
              ["auggie:x", "auggie", nil, nil], ["auggie:y", "auggie", nil, nil],
              ["t", "threads", nil, nil], ["u", "threads", nil, nil],
            ]))
      // The ids are those of the store and of the thread by themselves.
      try scene.directory.write(
        "store.json", "{\"x\": \(Self.sessions[0].1), \"y\": \(Self.sessions[2].1)}")
      try scene.directory.write("thread.json", Self.thread)
      let alone = try await scene.run("auto", ["store.json", "thread.json"]).expect()
      #expect(alone.total.sessions == .of(unchanged: 3))
      #expect(alone.total.messages == .of(unchanged: 6))
    }
  }

  @Test(arguments: ["object.json", "lines.jsonl"])
  func `rejects of what is a string are loaded once the target takes them`(name: String)
    async throws
  {
    let session = #"{"history": [{"prompt": "a", "content": "b"}, {"prompt": "c"}]}"#
    let text = Self.quoted(session)
    let dump =
      name == "object.json"
      ? "{\"auggie:session:x\": \(text), \"auggie:session:y\": \(text)}"
      : ["x", "y"].map { "{\"key\": \"auggie:session:\($0)\", \"ttl\": 7, \"value\": \(text)}" }
        .joined(separator: "\n")
    try await RunScene.with { scene in
      try scene.directory.write(name, dump)
      try await scene.run("auggie", [name]).expect()
      let rows = try scene.everything(isTimeless: true)
      try scene.execute(
        """
        DELETE FROM exai_messages; DELETE FROM exai_sessions;
        ALTER TABLE exai_messages ADD CONSTRAINT no_b CHECK (content <> 'b');
        ALTER TABLE exai_sessions ADD CONSTRAINT no_y CHECK (continuation_id <> 'auggie:y')
        """)
      let report = try await scene.run("auggie", [name], options: ["--restart"]).expect(3)
      #expect(report.total.messages == .of(inserted: 2, rejected: 4))
      try scene.execute(
        """
        ALTER TABLE exai_messages DROP CONSTRAINT no_b;
        ALTER TABLE exai_sessions DROP CONSTRAINT no_y
        """)
      try await scene.retry("auggie").expect()
      #expect(try scene.everything(isTimeless: true) == rows)
    }
  }
}
