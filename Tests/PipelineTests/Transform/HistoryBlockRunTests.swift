internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct HistoryBlockRunTests {
  private static let strip = "transform: {historyBlocks: strip}"
  private static let prompt = HistoryPrompt(said: "And now?")
  private static let nearMiss = HistoryPrompt(input: "=== USER INPUT ===", said: "And then?")
  private static let rows = """
    SELECT id, role, content, metadata FROM exai_messages ORDER BY created_at
    """

  /// A thread in which both sides say a prompt, and the user one that is almost one.
  private static func scene(_ yaml: String) -> RuleScene {
    RuleScene(
      turns: [
        RuleScene.turn("user", prompt.json), RuleScene.turn("assistant", prompt.json, at: 1),
        RuleScene.turn("human", prompt.json, at: 2), RuleScene.turn("user", nearMiss.json, at: 3),
        RuleScene.turn("system", prompt.json, at: 4), RuleScene.turn("user", "Thanks", at: 5),
      ], yaml: yaml)
  }

  @Test func `strip stores what the user said and keeps the whole text, below the ids of keep`()
    async throws
  {
    let contents = "SELECT content FROM exai_messages ORDER BY created_at"
    let whole = """
      SELECT coalesce(metadata #>> '{legacy,raw_content}', content) FROM exai_messages
      ORDER BY created_at
      """
    let ids = "SELECT id FROM exai_sessions UNION ALL SELECT id FROM exai_messages ORDER BY 1"
    let (prompt, nearMiss) = (Self.prompt.text, Self.nearMiss.text)
    let kept = [[prompt], [prompt], [prompt], [nearMiss], [prompt], ["Thanks"]]
    try await TestDatabase.with(.schema) { database in
      try await TestDatabase.with(.schema) { other in
        try await Self.scene("").run(target: other.url) { report, _ in
          #expect(report.findings.total(.contentHistory) == 3)
          #expect(report.findings.total(.contentHistoryStripped) == 0)
        }
        #expect(try other.query(contents) == kept)
        #expect(
          try other.query("SELECT DISTINCT metadata #> '{legacy,raw_content}' FROM exai_messages")
            == [[nil]])

        try await Self.scene(Self.strip).run(target: database.url) { report, _ in
          #expect(report.findings.total(.contentHistory) == 1)
          #expect(report.findings.total(.contentHistoryStripped) == 2)
          #expect(report.total.messages.inserted == 6)
          #expect(report.isBalanced)
        }
        #expect(
          try database.query(contents)
            == [["And now?"], [prompt], ["And now?"], [nearMiss], [prompt], ["Thanks"]])
        #expect(try database.query(whole) == kept)
        #expect(
          try database.query(
            """
            SELECT metadata #- '{legacy,raw_content}' FROM exai_messages
            WHERE metadata #> '{legacy,raw_content}' IS NOT NULL ORDER BY created_at
            """)
            == [[#"{"legacy": {"index": 0}}"#], [#"{"legacy": {"role": "human", "index": 2}}"#]])
        #expect(try database.query("SELECT title FROM exai_sessions") == [["And now?"]])
        #expect(try database.query(ids) == other.query(ids))

        // What was stored whole meets what would be stripped of it.
        for policy in ["skip", "update"] {
          let yaml = "\(Self.strip)\nload: {conflict: {messages: \(policy)}}"
          try await Self.scene(yaml).run(target: other.url) { report, _ in
            #expect(report.total.messages.unchanged == 6)
          }
        }
        #expect(try other.query(contents) == kept)
      }
    }
  }

  @Test func `the whole text is kept though neither provenance nor unmapped fields are`()
    async throws
  {
    let yaml = """
      transform: {historyBlocks: strip, metadata: {provenance: drop, unmapped: drop}}
      """
    try await TestDatabase.with(.schema) { database in
      try await RuleScene(turns: [RuleScene.turn("user", Self.prompt.json)], yaml: yaml)
        .run(target: database.url) { _, _ in }
      #expect(
        try database.query("SELECT content, metadata #>> '{legacy,raw_content}' FROM exai_messages")
          == [["And now?", Self.prompt.text]])
    }
  }

  @Test func `a source's own field of the name is kept beside it`() async throws {
    try await TestDatabase.with(.schema) { database in
      let turn = RuleScene.turn("user", Self.prompt.json, #","raw_content":"mine""#)
      try await RuleScene(turns: [turn], yaml: Self.strip).run(target: database.url) { _, _ in }
      #expect(
        try database.query(
          """
          SELECT metadata #>> '{legacy,raw_content}', metadata #>> '{legacy,raw_content~1}'
          FROM exai_messages
          """) == [[Self.prompt.text, "mine"]])
    }
  }

  @Test func `chat history is stripped line by line, and where it gives the title`() async throws {
    let line = #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"\#(Self.prompt.json)"}"#
    let scene = RuleScene(.chatHistory, yaml: Self.strip, files: ["k.jsonl": line + "\n"])
    try await TestDatabase.with(.schema) { database in
      try await scene.run(target: database.url) { _, _ in }
      #expect(
        try database.query(
          """
          SELECT s.title, m.content, m.metadata #>> '{legacy,raw_content}'
          FROM exai_sessions s JOIN exai_messages m ON m.session_id = s.id
          """) == [["And now?", "And now?", Self.prompt.text]])
    }
  }

  @Test func `a dry run finds what the load does`() async throws {
    try await TestDatabase.with(.schema) { database in
      let scene = Self.scene(Self.strip)
      var foretold: [Rule: Int] = [:]
      try await scene.run(target: database.url, isDryRun: true) { report, _ in
        foretold = report.found
        #expect(report.total.messages.inserted == 6)
      }
      #expect(try database.query(Self.rows) == [])
      #expect(try await scene.found() == foretold)
      try await scene.run(target: database.url) { report, _ in #expect(report.found == foretold) }
      #expect(foretold[.contentHistoryStripped] == 2)
    }
  }

  @Test func `secrets go from what the user said, from the whole text and from the title`()
    async throws
  {
    let key = SecretSamples.key
    let prompt = HistoryPrompt(turns: "--- Turn 1 (User) ---\n\(key)", said: "Is \(key) good?")
    let redacted = "[redacted:openai-key]"
    try await TestDatabase.with(.schema) { database in
      try await RuleScene(
        turns: [RuleScene.turn("user", prompt.json)],
        yaml: "transform: {historyBlocks: strip, redact: true}"
      ).run(target: database.url) { report, _ in
        #expect(report.findings.total(.secretRedacted) == 2)
        #expect(report.findings.total(.contentHistoryStripped) == 1)
      }
      #expect(
        try database.query(
          """
          SELECT title, content, m.metadata #>> '{legacy,raw_content}'
          FROM exai_sessions s JOIN exai_messages m ON m.session_id = s.id
          """)
          == [
            [
              "Is \(redacted) good?", "Is \(redacted) good?",
              prompt.text.replacing(key, with: redacted),
            ]
          ])
    }
  }

  @Test(arguments: [
    (TextPolicy.replace, Rule.textReplaced, "\u{FFFD}"), (.mark, .textMarked, "\\u0000"),
  ])
  func `text that the target cannot hold is treated in both, counted once, and moves no id`(
    policy: TextPolicy, rule: Rule, stored: String
  ) async throws {
    let prompt = HistoryPrompt(turns: "a\\u0000\\ud83d", said: "b\\u0000c")
    let ids = "SELECT id FROM exai_messages"
    var counted: [String] = []
    var found: [[[String?]]] = []
    for blocks in HistoryBlockPolicy.allCases {
      try await TestDatabase.with(.schema) { database in
        try await RuleScene(
          turns: [RuleScene.turn("user", prompt.json)],
          yaml: "transform: {historyBlocks: \(blocks.rawValue), text: \(policy.rawValue)}"
        ).run(target: database.url) { report, _ in
          #expect(report.findings.total(rule) == 1)
          counted += report.findings.samples[rule.index].map(\.message)
        }
        found.append(try database.query(ids))
        guard blocks == .strip else { return }
        let surrogate = policy == .mark ? "\\ud83d" : stored
        let whole = HistoryPrompt(turns: "a\(stored)\(surrogate)", said: "b\(stored)c").text
        #expect(
          try database.query(
            "SELECT content, metadata #>> '{legacy,raw_content}' FROM exai_messages")
            == [["b\(stored)c", whole]])
      }
    }
    #expect(counted.count == 2 && counted[0] == counted[1], "\(counted)")
    #expect(found.count == 2 && found[0] == found[1])
  }

  @Test func `a message that is refused is counted by the rule that refuses it alone`()
    async throws
  {
    let prompt = HistoryPrompt(said: "b\\u0000c")
    let scene = RuleScene(
      turns: [RuleScene.turn("user", prompt.json)],
      yaml: "transform: {historyBlocks: strip, text: reject}")
    try await scene.run { report, directory in
      #expect(report.found[.textRefused] == 1)
      #expect(report.found[.contentHistoryStripped] == nil)
      #expect(report.total.messages.rejected == 1)
      let lines = String(decoding: try directory.read("report/rejects.jsonl"), as: UTF8.self)
      #expect(lines.contains("=== END CONVERSATION HISTORY ==="))
    }
  }

  @Test func `messages outside of since and until are filtered and not counted as stripped`()
    async throws
  {
    let scene = RuleScene(
      turns: [RuleScene.turn("user", Self.prompt.json)],
      yaml: "transform: {historyBlocks: strip, until: 2020-01-02}")
    try await scene.run { report, _ in
      #expect(report.total.messages.filtered == 1)
      #expect(report.found[.contentHistoryStripped] == nil)
    }
  }

  @Test func `a row the target refused is the same row when it is tried again`() async throws {
    try await TestDatabase.with(.schema) { clean in
      try await TestDatabase.with(.schema) { database in
        try await Self.scene(Self.strip).run(target: clean.url) { _, _ in }
        let check = "ALTER TABLE exai_messages ADD CONSTRAINT now CHECK (content <> 'And now?')"
        try database.connect().execute(check)
        try await Self.scene(Self.strip).run(target: database.url) { report, directory in
          #expect(report.findings.total(.rowRefused) == 2)
          #expect(report.total.messages.rejected == 2)
          try database.connect().execute("ALTER TABLE exai_messages DROP CONSTRAINT now")
          let spec = try PipelineSpec.parse(
            "source: {format: threads}\n\(Self.strip)", file: "rules.yaml")
          var options = RunPlan.Options()
          options.target = database.url
          options.reportDirectory = "\(directory.path)/retry"
          let plan = try RunPlan(
            retrying: "\(directory.path)/report/rejects.jsonl", file: "rules.yaml", spec: spec,
            options: options, environment: [:])
          let retried = try await Runner(
            plan, progress: Progress(bytesTotal: nil), stop: StopSignal()
          ).run().report
          #expect(retried.total.messages.inserted == 2)
          #expect(retried.findings.total(.contentHistoryStripped) == 2)
        }
        #expect(try database.query(Self.rows) == clean.query(Self.rows))
      }
    }
  }

  @Test func `the plan says that history blocks are stripped`() throws {
    for (yaml, isSaid) in [(Self.strip, true), ("transform: {historyBlocks: keep}", false)] {
      let spec = try PipelineSpec.parse("source: {format: threads}\n\(yaml)", file: "p.yaml")
      var options = RunPlan.Options()
      options.inputs = [#filePath]
      options.isDryRun = true
      options.isOffline = true
      let plan = try RunPlan(file: "p.yaml", spec: spec, options: options, environment: [:])
      #expect(plan.text.contains("history blocks stripped") == isSaid)
    }
  }
}
