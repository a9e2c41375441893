internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct ThreadTableRunTests {
  private static let sessions = """
    SELECT id, user_id, title, created_at, updated_at, continuation_id,
      metadata - 'legacy' || jsonb_build_object('source', metadata #> '{legacy,source}')
    FROM exai_sessions ORDER BY id
    """
  private static let messages = "SELECT to_jsonb(m) FROM exai_messages m ORDER BY id"

  /// Two turns with an escape each, a file and what a model said of itself.
  private static let first =
    #"{"thread_id":"t-1","parent_thread_id":null,"created_at":"2025-10-16T05:25:49.6991+00:00","#
    + #""last_updated_at":"2025-10-16T05:26:01+00:00","tool_name":"chat","initial_context":"#
    + #"{"prompt":"hi"},"turns":[{"role":"user","content":"a\n\"b\" C:\\x","#
    + #""timestamp":"2025-10-16T05:25:49.7+00:00","files":["C:\\x\\a.py"]},{"role":"assistant","#
    + #""content":"é ✓","timestamp":"2025-10-16T05:26:01+00:00","model_name":"glm-4.6","#
    + #""model_provider":"GLM","model_metadata":{"usage":{"prompt_tokens":3}}}],"odd":[1]}"#
  private static let second =
    #"{"thread_id":"t-2","created_at":"2025-10-17T00:00:00+00:00","turns":[{"role":"user","#
    + #""content":"second","timestamp":"2025-10-17T00:00:01+00:00"}]}"#

  /// COPY's text form of some rows.
  private static func table(_ rows: [[String]]) -> String {
    let lines = rows.map { row in
      row.map { $0 == "NULL" ? "\\N" : $0.replacing("\\", with: "\\\\") }.joined(separator: "\t")
    }
    return """
      COPY public.conversation_threads (id, thread_id, user_id, conversation_data, created_at, accessed_at, expires_at, metadata) FROM stdin;
      \(lines.joined(separator: "\n"))
      \\.

      """
  }

  private static func row(_ thread: String, _ document: String) -> [String] {
    [
      "00000000-0000-4000-8000-000000000001", thread, "u-1", document, "2025-10-16 05:25:49+00",
      "2025-10-18 01:00:00+00", "2025-10-19 01:00:00+00", #"{"ttl": 3}"#,
    ]
  }

  @Test func `rows of conversation_threads become the rows that their documents do`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("d.jsonl", Self.first + "\n" + Self.second + "\n")
      _ = try await scene.run("threads", ["d.jsonl"]).expect()
      let (sessions, messages) = (try scene.rows(Self.sessions), try scene.rows(Self.messages))
      #expect(messages.count == 3)
      let dump = Self.table([Self.row("thread:t-1", Self.first), Self.row("t-2", Self.second)])
      try scene.directory.write("t.sql", dump)
      let later = try await scene.run("messages-dump", ["t.sql"]).expect()
      #expect(later.total.sessions == .of(unchanged: 2))
      #expect(later.total.messages == .of(unchanged: 3))
      try await RunScene.withAnother { other in
        try other.directory.write("t.sql", dump)
        try other.directory.write("d.jsonl", Self.first + "\n" + Self.second + "\n")
        let report = try await other.run("messages-dump", ["t.sql"]).expect()
        #expect(report.total.sessions == .of(inserted: 2))
        #expect(report.total.messages == .of(inserted: 3))
        #expect(report.found == [:])
        #expect(try other.rows(Self.sessions) == sessions)
        #expect(try other.rows(Self.messages) == messages)
        #expect(
          try other.value(
            "SELECT metadata -> 'legacy' FROM exai_sessions WHERE continuation_id = 't-2'")
            == #"{"id": "00000000-0000-4000-8000-000000000001", "file": "t.sql", "line": 3, "inputs": "\#(try other.value("SELECT metadata #>> '{legacy,inputs}' FROM exai_sessions LIMIT 1") ?? "")", "source": "threads", "user_id": "u-1", "metadata": {"ttl": 3}, "created_at": "2025-10-16 05:25:49+00", "expires_at": "2025-10-19 01:00:00+00", "accessed_at": "2025-10-18 01:00:00+00"}"#
        )
        let documents = try await other.run("threads", ["d.jsonl"]).expect()
        #expect(documents.total.messages == .of(unchanged: 3))
        let restarted = try await other.run("messages-dump", ["t.sql"], options: ["--restart"])
          .expect()
        #expect(restarted.total.sessions == .of(unchanged: 2))
      }
    }
  }

  @Test func `a thread's row in other forms, and with doubled backslashes, is the same`()
    async throws
  {
    try await RunScene.with { scene in
      let doubled = Self.first.replacing("\\", with: "\\\\")
      try scene.directory.write(
        "t.sql",
        """
        INSERT INTO "public"."conversation_threads" ("expires_at", "conversation_data", "thread_id", "odd")
        VALUES ('2025-10-19 01:00:00+00', '\(doubled)', 'thread:t-1', 'o');
        """)
      try scene.directory.write(
        "t.csv",
        "thread_id,conversation_data\nt-2,\"\(Self.second.replacing("\"", with: "\"\""))\"\n")
      let report = try await scene.run("messages-dump", ["t.sql", "t.csv"]).expect()
      #expect(report.total.sessions == .of(inserted: 2))
      #expect(report.total.messages == .of(inserted: 3))
      #expect(report.found == ["json.backslashes": 1])
      #expect(
        try scene.rows("SELECT content FROM exai_messages ORDER BY created_at") == [
          ["a\n\"b\" C:\\x"], ["é ✓"], ["second"],
        ])
      #expect(
        try scene.value(
          "SELECT metadata #> '{legacy,dump}' FROM exai_sessions WHERE continuation_id = 't-1'")
          == #"{"odd": "o"}"#)
      try scene.directory.write("d.jsonl", Self.first + "\n" + Self.second + "\n")
      let documents = try await scene.run("threads", ["d.jsonl"]).expect()
      #expect(documents.total.messages == .of(unchanged: 3))
    }
  }

  @Test func `what cannot be loaded of a thread's row is rejected as a dump and loads once mended`()
    async throws
  {
    try await RunScene.with { scene in
      let odd = Self.second.replacing(
        #""turns":["#,
        with: #""turns":[{"role":"robot","content":"r","timestamp":"2025-10-17T00:00:00+00:00"},"#)
      let dump = Self.table([
        Self.row("t-2", odd), Self.row("t-3", "NULL"), Self.row("NULL", Self.first),
        Self.row("t-4", #"{"turns": 1}"#), ["short"],
      ])
      try scene.directory.write("t.sql", dump)
      let run = try await scene.run("messages-dump", ["t.sql"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 4))
      #expect(report.total.messages == .of(inserted: 1, rejected: 1))
      #expect(report.found["record.shape"] == 4)
      #expect(report.found["role.unknown"] == 1)
      let rejects = try run.rejects
      #expect(rejects.count == 5)
      #expect(
        rejects.allSatisfy {
          $0.text?.hasPrefix("COPY public.conversation_threads (id, thread_id") == true
            && $0.text?.hasSuffix("\n\\.\n") == true
        })
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--set", "transform.roles.robot=assistant", "--report", "again",
      ])
      #expect(retried.status == 3, "\(retried.errors)")
      #expect(
        try scene.rows("SELECT role, content FROM exai_messages ORDER BY created_at") == [
          ["assistant", "r"], ["user", "second"],
        ])
      try scene.directory.write("d.jsonl", odd + "\n")
      let whole = try await scene.run(
        "threads", ["d.jsonl"], yaml: "transform: {roles: {robot: assistant}}"
      ).expect()
      #expect(whole.total.messages == .of(unchanged: 2))
    }
  }
}
