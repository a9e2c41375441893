internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import Pipeline

@Suite struct SecretRedactedTests {
  private static let key = SecretSamples.key

  /// A thread with a secret in every place a row can have one.
  private static func scene(_ yaml: String) -> RuleScene {
    RuleScene(
      turns: [
        RuleScene.turn("user", key, #","files":["/a/\#(key)"],"mood":["\#(key)"]"#),
        RuleScene.turn("assistant", "b", at: 1),
      ],
      fields: #","initial_context":{"prompt":"\#(key)"}"#, yaml: yaml)
  }

  private static let stored = """
    SELECT s::text FROM exai_sessions s UNION ALL
    SELECT m::text FROM exai_messages m ORDER BY 1
    """

  @Test func `nothing that is stored holds it, and every id stays what it was`() async throws {
    try await TestDatabase.with(.schema) { database in
      try await Self.scene("transform: {redact: true}").run(target: database.url) { report, _ in
        #expect(report.findings.total(.secretRedacted) == 4)
        #expect(report.findings.total(.secretFound) == 0)
      }
      let rows = try database.query(Self.stored).compactMap { $0[0] }
      #expect(rows.count == 3)
      #expect(rows.joined().contains("[redacted:openai-key]"))
      #expect(!rows.joined().contains(Self.key.prefix(12)))
      #expect(
        try database.query("SELECT title FROM exai_sessions") == [["[redacted:openai-key]"]])
      // Without the transform all of it is there already.
      try await Self.scene("").run(target: database.url) { report, _ in
        #expect(report.total.sessions.unchanged == 1)
        #expect(report.total.messages.unchanged == 2)
        #expect(report.findings.total(.secretFound) == 4)
      }
    }
  }

  @Test func `lists in a column of their own are looked through as well`() async throws {
    try await TestDatabase.with(.schema) { database in
      try database.connect().execute("ALTER TABLE exai_messages ADD COLUMN files text[]")
      try await Self.scene("transform: {redact: true}").run(target: database.url) { _, _ in }
      #expect(
        try database.query("SELECT files::text FROM exai_messages WHERE role = 'user'")
          == [["{/a/[redacted:openai-key]}"]])
    }
  }

  @Test func `only the kinds that are named are replaced`() async throws {
    let found = try await Self.scene("transform: {redact: [jwt, url-password]}").found()
    #expect(found[.secretFound] == 4)
    #expect(found[.secretRedacted] == nil)
  }

  @Test func `a reject keeps the bytes it was found with`() async throws {
    let scene = RuleScene(
      turns: [RuleScene.turn("nobody", Self.key)], yaml: "transform: {redact: true}")
    try await scene.run { report, directory in
      #expect(report.rejectLines == 1)
      let lines = String(decoding: try directory.read("report/rejects.jsonl"), as: UTF8.self)
      #expect(lines.contains(Self.key))
    }
  }
}
