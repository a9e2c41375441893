internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Inputs that Windows wrote a byte a character.
@Suite struct EncodingRunTests {
  private static let text = "caf\u{E9} \u{201C}5 \u{20AC}\u{201D} \u{2013} na\u{EF}ve"

  private static func stored(_ text: String) throws -> [UInt8] {
    Array(try #require(text.data(using: .windowsCP1252)))
  }

  @Test func `letters of Windows-1252 are kept, of CSV, SQL and lines alike`() async throws {
    try await RunScene.with { scene in
      let id = "00000000-0000-4000-8000-000000000001"
      try scene.directory.write(
        "d/a.csv",
        Self.stored("id,conversation_id,role,content\r\n\(id),c-1,user,\"\(Self.text)\"\r\n"))
      try scene.directory.write(
        "d/b.sql",
        Self.stored(
          """
          SET client_encoding = 'WIN1252';
          INSERT INTO messages (id, conversation_id, role, content) VALUES
          ('2', 'c-2', 'user', '\(Self.text)'), ('3', 'c-2', 'robot', '\(Self.text)');
          """))
      let dumps = "messages-dump, encoding: windows-1252"
      let run = try await scene.run(dumps, ["d"])
      let report = try run.expect(3)
      #expect(report.total.messages == .of(inserted: 2, rejected: 1))
      #expect(report.found["text.replaced"] == nil)
      #expect(try run.rejects.first?.text?.contains(Self.text) == true)
      try scene.directory.write(
        "h/c-3.jsonl",
        Self.stored(
          #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"\#(Self.text)"}"# + "\n"))
      let history = "chat-history, encoding: windows-1252"
      let lines = try await scene.run(history, ["h"]).expect()
      #expect(lines.found["text.replaced"] == nil)
      #expect(
        try scene.rows("SELECT DISTINCT content, count(*) FROM exai_messages GROUP BY 1")
          == [[Self.text, "3"]])
      let again = try await scene.run(history, ["h"]).expect()
      #expect(again.total.messages == .of(unchanged: 1))
    }
  }

  @Test func `a dump that says it is in UTF-8 is not read as Windows-1252`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "d.sql",
        """
        SET client_encoding = 'UTF8';
        INSERT INTO messages (id, conversation_id, role, content) VALUES ('2', 'c', 'user', '\u{E9}');
        """)
      let report = try await scene.run(
        "messages-dump, encoding: windows-1252", ["d.sql"]
      ).expect(3)
      #expect(report.total.messages == .of())
      #expect(
        report.messages["input.unreadable"]?.first?.contains(
          "it is written in UTF8, and source.encoding is windows-1252") == true)
    }
  }
}
