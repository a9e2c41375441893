internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct MessageBusRunTests {
  /// What the writer stored, as jsonb gives it back: with `text` before `type`.
  ///
  /// Size and checksum are those of the writer, which put `type` first.
  private static let answer =
    #"{"outputs": [{"text": "{\"status\": \"success\", \"content\": \"Nine millimetres.\", \"metadata\": {\"model_used\": \"glm-4.6\", \"provider_used\": \"GLM\", \"tool_name\": \"chat\"}, \"continuation_offer\": {\"continuation_id\": \"bus-thread-1\", \"remaining_turns\": 9}}", "type": "text"}]}"#
  private static let answerSum = "fa8100a9f08d4c32f9d51ba3fdd2efe97948750bbc84e7c9629b7a1789d74db9"
  /// `{"outputs": [{"type": "text", "text": "Plain “words”."}]}`, 61 bytes, 73 of them packed.
  private static let packed =
    "H4sIAAAAAAACA6tWyi8tKSgtKVayUoiuViqpLEgFspRKUitKlHSgNJAfkJOYmafwqGFOeX5RSvGjhrl6SrWxtQB8y13sPQAAAA=="
  private static let packedSum = "c231aa22f43b841d967ea34c7bd2a565cd15db29c136e19d65d68b301da8b6af"
  private static let packedHex =
    "1f8b0800000000000203ab56ca2f2d29282d2956b25288ae562aa92c4805b2944a522b4a9474a034901f90939899a7f0a8614e797e514af1a386b97a4ab5b1b5007ccb5dec3d000000"

  private static let columns =
    "transaction_id, session_id, tool_name, provider_name, payload, payload_size_bytes, "
    + "compression_type, compressed_size_bytes, checksum, status, error_message, created_at, "
    + "accessed_at, expires_at, metadata"

  private static func row(
    _ number: Int, session: String = "'conn-1'", payload: String, size: String = "NULL",
    compression: String = "none", packedSize: String = "NULL", sum: String? = nil,
    status: String = "complete", error: String = "NULL", metadata: String = "{}"
  ) -> String {
    let sum = sum.map { "'\($0)'" } ?? "NULL"
    let payload = payload.replacing("'", with: "''")
    return "('txn_\(number)', \(session), 'chat', 'GLM', '\(payload)', \(size), '\(compression)', "
      + "\(packedSize), \(sum), '\(status)', \(error), '2025-10-08 09:00:0\(number)+00', "
      + "'2025-10-08 10:00:00+00', '2025-10-10 09:00:00+00', '\(metadata)')"
  }

  private static func table(_ rows: [String]) -> String {
    "INSERT INTO message_bus (\(columns)) VALUES \(rows.joined(separator: ", "));\n"
  }

  private static let stored = """
    SELECT s.continuation_id, m.role, m.content, m.tool_name, m.model_used, m.provider_used,
      m.tool_result #>> '{outputs,0,type}', m.metadata - 'legacy'
    FROM exai_messages m JOIN exai_sessions s ON s.id = m.session_id ORDER BY m.created_at
    """

  @Test func `a row is an answer in the conversation it names, else in its connection's`()
    async throws
  {
    try await RunScene.with { scene in
      let dump = Self.table([
        Self.row(
          1, payload: Self.answer, size: "291", compression: "gzip", packedSize: "180",
          sum: Self.answerSum, metadata: #"{"request_id": "r-1", "timestamp": 1759914001.5}"#),
        Self.row(
          2, payload: "\"\(Self.packed)\"", size: "61", compression: "gzip", packedSize: "73",
          sum: Self.packedSum.uppercased()),
        Self.row(
          3, payload: "\"\\\\x\(Self.packedHex)\"", size: "61", compression: "gzip",
          packedSize: "73", sum: Self.packedSum),
        Self.row(4, payload: "{}", status: "error", error: "'no answer came'"),
        Self.row(5, session: "NULL", payload: #""only text""#, status: "pending"),
      ])
      try scene.directory.write("bus.sql", dump)
      let report = try await scene.run("messages-dump", ["bus.sql"]).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 5))
      #expect(report.found["payload.differs"] == nil)
      let connection = "message-bus:session:conn-1"
      #expect(
        try scene.rows(Self.stored) == [
          [
            "bus-thread-1", "assistant", "Nine millimetres.", "chat", "glm-4.6", "glm", "text",
            #"{"status": "complete", "request_id": "r-1"}"#,
          ],
          [
            connection, "assistant", "Plain “words”.", "chat", nil, "glm", "text",
            #"{"status": "complete"}"#,
          ],
          [
            connection, "assistant", "Plain “words”.", "chat", nil, "glm", "text",
            #"{"status": "complete"}"#,
          ],
          [
            connection, "assistant", "no answer came", "chat", nil, "glm", nil,
            #"{"error": "no answer came", "status": "error"}"#,
          ],
          [
            "message-bus:session:txn_5", "assistant", "only text", "chat", nil, "glm", nil,
            #"{"status": "pending"}"#,
          ],
        ])
      #expect(
        try scene.value(
          "SELECT metadata -> 'legacy' FROM exai_messages WHERE metadata ->> 'request_id' = 'r-1'")
          == #"{"index": 0, "checksum": "\#(Self.answerSum)", "provider": "GLM", "timestamp": 1759914001.5, "expires_at": "2025-10-10 09:00:00+00", "session_id": "conn-1", "accessed_at": "2025-10-08 10:00:00+00", "transaction_id": "txn_1", "compression_type": "gzip", "payload_size_bytes": "291", "compressed_size_bytes": "180"}"#
      )
      let again = try await scene.run("messages-dump", ["bus.sql"], options: ["--restart"]).expect()
      #expect(again.total.messages == .of(unchanged: 5))
      // Another dump of the table, which has one row more.
      try scene.directory.write(
        "later.sql", dump + Self.table([Self.row(6, payload: "{}", status: "expired")]))
      let later = try await scene.run("messages-dump", ["later.sql"]).expect()
      #expect(later.total.messages == .of(inserted: 1, unchanged: 5))
      let both = try await scene.run("messages-dump", ["bus.sql", "later.sql"]).expect()
      #expect(both.total.messages == .of(unchanged: 6, merged: 5))
    }
  }

  @Test func `a payload that is not what its row says is told of, or rejected if that is wanted`()
    async throws
  {
    let dump = Self.table([
      Self.row(
        1, payload: "\"\(Self.packed)\"", size: "60", compression: "gzip", packedSize: "72",
        sum: Self.answerSum),
      Self.row(2, payload: #"{"b": 1, "aa": 2}"#, size: "17", sum: Self.answerSum),
      Self.row(3, payload: #"{"b": 1, "aa": 2}"#, size: "19", sum: Self.answerSum),
    ])
    try await RunScene.with { scene in
      try scene.directory.write("bus.sql", dump)
      let run = try await scene.run("messages-dump", ["bus.sql"])
      let report = try run.expect()
      #expect(report.total.messages == .of(inserted: 3))
      #expect(report.found["payload.differs"] == 3)
      let strict = try await scene.run(
        "messages-dump", ["bus.sql"], yaml: "validate: {severity: {payload.differs: error}}",
        options: ["--restart"]
      ).expect(3)
      #expect(strict.total.messages == .of(rejected: 3))
    }
  }

  @Test func `payloads that cannot be unpacked are rejected, and load once mended`() async throws {
    try await RunScene.with { scene in
      let cut = String(Self.packed.prefix(80))
      let rows = [
        Self.row(1, payload: "\"\(Self.packed)\"", compression: "zstd"),
        Self.row(2, payload: "\"\(Self.packed)\"", compression: "lz4"),
        Self.row(3, payload: "\"\(cut)\"", compression: "gzip"),
        Self.row(4, payload: "\"words\"", compression: "gzip"),
        Self.row(5, payload: "{broken", compression: "none"),
        Self.row(6, payload: #"{"content": "whole"}"#, compression: "zstd"),
      ]
      try scene.directory.write("bus.sql", Self.table(rows))
      let run = try await scene.run("messages-dump", ["bus.sql"])
      let report = try run.expect(3)
      #expect(report.total.messages == .of(inserted: 1, rejected: 5))
      #expect(report.found["payload.unreadable"] == 5)
      #expect(try scene.rows("SELECT content FROM exai_messages") == [["whole"]])
      let rejects = try run.rejects
      #expect(rejects.count == 5)
      #expect(rejects.first { $0.line == 1 && $0.text == Self.table([rows[0]]) } != nil)
      let messages = Set(rejects.map(\.message))
      #expect(messages.contains("the payload is packed by zstd, which is not read"))
      #expect(messages.contains("the payload is packed by lz4, which is not read"))
      #expect(messages.contains("the payload is neither base64 nor hexadecimal"))
      #expect(messages.contains("the payload is not JSON"))
      let lines = String(decoding: try scene.directory.read("report/rejects.jsonl"), as: UTF8.self)
      try scene.directory.write("mended.jsonl", lines.replacing("'zstd'", with: "'gzip'"))
      let retried = try await scene.convoy([
        "rejects", "retry", "mended.jsonl", "pipeline.yaml", "--target", scene.database.url,
        "--report", "again",
      ])
      #expect(retried.status == 3, "\(retried.errors)")
      #expect(
        try scene.rows("SELECT content FROM exai_messages ORDER BY created_at") == [
          ["Plain “words”."], ["whole"],
        ])
    }
  }
}
