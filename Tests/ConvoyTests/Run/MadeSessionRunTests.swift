internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Sessions of which a source has nothing but their messages.
@Suite struct MadeSessionRunTests {
  /// Inputs no message of which can be loaded, and what mends them without moving a byte.
  struct Case: Sendable, CustomTestStringConvertible {
    var format: String
    var files: [(name: String, text: String)]
    var damage: String
    var mended: String
    var sessions: Int
    var testDescription: String { files[0].name }
  }

  /// `{"outputs": [{"type": "text", "text": "Plain “words”."}]}`, gzip in base64.
  private static let packed =
    "H4sIAAAAAAACA6tWyi8tKSgtKVayUoiuViqpLEgFspRKUitKlHSgNJAfkJOYmafwqGFOeX5RSvGjhrl6SrWxtQB8y13sPQAAAA=="

  static let cases = [
    Case(
      format: "messages-dump",
      files: [
        (
          "bus.sql",
          """
          INSERT INTO message_bus (transaction_id, session_id, tool_name, payload, compression_type, created_at) VALUES
            ('t-1', 'conn-1', 'chat', '"\(packed)"', 'zstd', '2025-10-08 09:00:00+00'),
            ('t-2', 'conn-1', 'chat', '"\(packed)"', 'zstd', '2025-10-08 09:00:01+00');

          """
        )
      ], damage: "'zstd'", mended: "'gzip'", sessions: 1),
    Case(
      format: "messages-dump",
      files: [
        (
          "named.sql",
          #"""
          INSERT INTO message_bus (transaction_id, session_id, tool_name, payload, created_at) VALUES
            ('t-1', 'conn-1', 'chat', '{"content": "One \u0000", "continuation_id": "c-1"}', '2025-10-08 09:00:00+00'),
            ('t-2', 'conn-2', 'chat', '{"content": "Two \u0000", "continuation_id": "c-1"}', '2025-10-08 09:00:01+00');

          """#
        )
      ], damage: #"\u0000"#, mended: #"\u0041"#, sessions: 1),
    Case(
      format: "messages-dump",
      files: [
        (
          "messages.sql",
          """
          INSERT INTO messages (id, conversation_id, role, content, created_at) VALUES
            ('00000000-0000-4000-8002-000000000001', '00000000-0000-4000-8001-000000000001',
              'bots', 'One.', '2025-10-24 09:00:00+00'),
            ('00000000-0000-4000-8002-000000000002', '00000000-0000-4000-8001-000000000001',
              'bots', 'Two.', '2025-10-24 09:00:01+00');

          """
        )
      ], damage: "bots", mended: "user", sessions: 1),
    Case(
      format: "request-response",
      files: [
        (
          "chat_a_1759312800123_request.json",
          #"{"op":"call_tool","request_id":"r-1","name":"chat","arguments":{"prompt":"Bad \u0000","continuation_id":"c-1"}}"#
        ),
        (
          "chat_a_1759312801123_response.json",
          #"{"op":"call_tool_res","request_id":"r-1","outputs":[{"type":"text","text":"{\"content\":\"Worse \\u0000\",\"continuation_offer\":{\"continuation_id\":\"c-1\"}}"}]}"#
        ),
      ], damage: #"\u0000"#, mended: #"\u0041"#, sessions: 1),
    Case(
      format: "tool-calls",
      files: [
        (
          "calls.jsonl",
          """
          {"provider":"kimi","tool_name":"f","args":{"p":"\\u0000"},"start_ts":1740823200.5}
          {"provider":"kimi","tool_name":"f","args":{"p":"\\u0000"},"start_ts":1741823200.5}

          """
        )
      ], damage: #"\u0000"#, mended: #"\u0041"#, sessions: 2),
  ]

  private static let stored = """
    SELECT s::text FROM exai_sessions s UNION ALL SELECT m::text FROM exai_messages m ORDER BY 1
    """

  private static let yaml = "transform: {text: reject}"

  @Test(arguments: cases)
  func
    `a session none of whose messages can be loaded is not made, and comes with them once they can`(
      one: Case
    ) async throws
  {
    try await RunScene.with { scene in
      for file in one.files { try scene.directory.write("in/\(file.name)", file.text) }
      let judged = try await scene.run(
        one.format, ["in"], yaml: Self.yaml, options: ["--dry-run"]
      ).expect(3)
      let report = try await scene.run(one.format, ["in"], yaml: Self.yaml).expect(3)
      #expect(report.total == judged.total)
      #expect(report.found == judged.found)
      #expect(report.total.sessions == .of(rejected: one.sessions))
      #expect(report.total.messages == .of(rejected: 2))
      #expect(report.found["session.rejected"] == one.sessions)
      #expect(try scene.rows(Self.stored) == [])

      let lines = String(decoding: try scene.directory.read("report/rejects.jsonl"), as: UTF8.self)
      let mended = Self.mended(lines, one)
      try scene.directory.write("mended.jsonl", mended)
      let retried = try await scene.convoy([
        "rejects", "retry", "mended.jsonl", "pipeline.yaml", "--target", scene.database.url,
        "--report", "again",
      ])
      #expect(retried.status == 0, "\(retried.errors)")
      let again = try RunOutcome(retried, in: scene.directory, reportName: "again").expect()
      #expect(again.total.sessions == .of(inserted: one.sessions))
      #expect(again.total.messages == .of(inserted: 2))
      try await RunScene.withAnother { fresh in
        for file in one.files {
          try fresh.directory.write("in/\(file.name)", Self.mended(file.text, one))
        }
        let whole = try await fresh.run(one.format, ["in"], yaml: Self.yaml).expect()
        #expect(whole.total.sessions == .of(inserted: one.sessions))
        #expect(try fresh.rows(Self.stored) == (try scene.rows(Self.stored)))
      }
    }
  }

  /// The same text without what is wrong with it, whatever it stands in strings of.
  private static func mended(_ text: String, _ one: Case) -> String {
    text.replacing(one.damage, with: one.mended)
  }
}
