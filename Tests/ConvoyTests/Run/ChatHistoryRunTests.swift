internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct ChatHistoryRunTests {
  private static func line(_ second: Int, _ role: String, _ content: String) -> String {
    let time = "2025-10-05T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    return #"{"ts":"\#(time)","role":"\#(role)","content":"\#(content)"}"#
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static let stored = """
    SELECT role, content, to_char(created_at AT TIME ZONE 'UTC', 'HH24:MI:SS.US'), metadata->'legacy'
    FROM exai_messages ORDER BY (metadata->'legacy'->>'index')::int, created_at
    """

  @Test func `a directory is one session a file, named by its stem`() async throws {
    try await RunScene.with { scene in
      for name in ["ctx-1.jsonl", "deep/a..%2f.jsonl", "{A}.jsonl", "a.b.jsonl", "notes.txt"] {
        try scene.directory.write("logs/\(name)", Self.line(1, "user", "hi") + "\n")
      }
      let report = try await scene.run("chat-history", ["logs"]).expect()
      #expect(report.total.sessions == .of(inserted: 4))
      #expect(
        try scene.rows(
          "SELECT continuation_id FROM exai_sessions ORDER BY continuation_id COLLATE \"C\"")
          == [["a..%2f"], ["a.b"], ["ctx-1"], ["{A}"]])
      #expect(
        try scene.value(
          "SELECT metadata#>>'{legacy,file}' FROM exai_sessions WHERE continuation_id = 'a..%2f'")
          == "deep/a..%2f.jsonl")
    }
  }

  @Test func `line ends of either kind, separators in strings and a missing last one are read`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write(
        "c.jsonl",
        Self.line(1, "user", "one\u{2028}line\u{85}") + "\r\n\r\n"
          + Self.line(2, "assistant", "two")
          + "\n" + Self.line(3, "user", "three"))
      let report = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(report.total.messages == .of(inserted: 3))
      #expect(
        try scene.rows("SELECT content, metadata FROM exai_messages ORDER BY created_at") == [
          ["one\u{2028}line\u{85}", #"{"legacy": {"index": 0}}"#],
          ["two", #"{"legacy": {"index": 2}}"#], ["three", #"{"legacy": {"index": 3}}"#],
        ])
    }
  }

  @Test func `a line cut short is rejected and the whole record behind it loads`() async throws {
    let cut = #"{"ts":"2025-10-05T00:00:02Z","role":"assistant","content":"broken o"#
    let tail = #"{"ts":"2025-10-05T0"#
    let first = Self.line(1, "user", "first")
    try await RunScene.with { scene in
      try scene.directory.write(
        "c.jsonl", "\(first)\n\(cut)\(Self.line(3, "user", "whole"))\n\(tail)")
      let run = try await scene.run("chat-history", ["c.jsonl"])
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(report.total.messages == .of(inserted: 2, rejected: 2))
      let contents = try scene.rows("SELECT content FROM exai_messages ORDER BY created_at")
      #expect(contents == [["first"], ["whole"]])
      let rejects = try run.rejects
      #expect(rejects.map(\.text) == [cut, tail])
      #expect(rejects.map(\.line) == [2, 3])
      #expect(rejects.first?.byteOffset == first.utf8.count + 1)
      #expect(rejects.map(\.rule) == ["json.truncated", "json.truncated"])
    }
  }

  @Test func `two whole records on one line are two messages`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("c.jsonl", Self.line(1, "user", "a") + Self.line(2, "user", "b"))
      let report = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(report.total.messages == .of(inserted: 2))
    }
  }

  @Test func `mending a broken line adds its messages and moves no other's id`() async throws {
    try await RunScene.with { scene in
      let lines = (0..<4).map { Self.line($0, "user", "m\($0)") }
      let cut = String(lines[1].prefix(40))
      try scene.directory.write(
        "c.jsonl", [lines[0], cut + lines[2], lines[3], lines[3]].joined(separator: "\n"))
      let broken = try await scene.run("chat-history", ["c.jsonl"]).expect(3)
      #expect(broken.total.messages == .of(inserted: 4, rejected: 1))
      try scene.directory.write(
        "c.jsonl", [lines[0], lines[1], lines[2], lines[3], lines[3]].joined(separator: "\n"))
      let mended = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(mended.total.messages == .of(inserted: 1, unchanged: 4))
      // A file that holds the conversation twice holds each message once.
      try scene.directory.write(
        "c.jsonl", (lines + [lines[3]] + lines + [lines[3]]).joined(separator: "\n"))
      let doubled = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(doubled.total.messages == .of(unchanged: 5, merged: 5))
    }
  }

  @Test func `ties move by a microsecond, steps back stay, and both are counted`() async throws {
    try await RunScene.with { scene in
      let lines = [
        Self.line(5, "user", "a"), Self.line(5, "assistant", "b"), Self.line(5, "user", "c"),
        Self.line(3, "assistant", "d"), Self.line(9, "", "e"),
      ]
      try scene.directory.write("c.jsonl", lines.joined(separator: "\n"))
      let report = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(report.found == ["time.tie": 2, "time.backward": 1, "role.mapped": 1])
      #expect(
        try scene.rows(Self.stored) == [
          ["user", "a", "00:00:05.000000", #"{"index": 0}"#],
          [
            "assistant", "b", "00:00:05.000001",
            #"{"index": 1, "raw_ts": "2025-10-05T00:00:05Z", "ts_adjusted": true}"#,
          ],
          [
            "user", "c", "00:00:05.000002",
            #"{"index": 2, "raw_ts": "2025-10-05T00:00:05Z", "ts_adjusted": true}"#,
          ],
          ["assistant", "d", "00:00:03.000000", #"{"index": 3}"#],
          ["user", "e", "00:00:09.000000", #"{"index": 4}"#],
        ])
      #expect(
        try scene.rows(
          "SELECT title, to_char(created_at, 'SS.US'), to_char(updated_at, 'SS.US') FROM exai_sessions"
        )
          == [["a", "03.000000", "09.000000"]])
    }
  }

  @Test(arguments: [1, 3])
  func `a file larger than a batch is one session with the times and title of the whole`(
    workers: Int
  ) async throws {
    let padding = String(repeating: "x", count: 150)
    let count = 1500
    try await RunScene.with { scene in
      for name in ["a", "b", "c"] {
        // The least time comes in the middle, the greatest before the end, the title late.
        let lines = (0..<count).map { index in
          let second = index == 700 ? 60 : index == 1300 ? 80_000 : 600 + index
          return Self.line(second, index < 900 ? "assistant" : "user", "\(name)\(index) \(padding)")
        }
        try scene.directory.write("logs/\(name).jsonl", lines.joined(separator: "\n") + "\n")
      }
      let report = try await scene.run(
        "chat-history", ["logs"],
        options: [
          "--set", "load.batchBytes=64KiB", "--set", "load.batchRows=100", "--workers",
          "\(workers)",
        ]
      ).expect()
      #expect(report.total.sessions == .of(inserted: 3))
      #expect(report.total.messages == .of(inserted: 3 * count))
      #expect(report.batches.committed >= 3 * count / 100)
      let sessions = try scene.rows(
        """
        SELECT continuation_id, title, to_char(created_at, 'HH24:MI:SS'), to_char(updated_at, 'HH24:MI:SS'),
          (SELECT count(*) FROM exai_messages WHERE session_id = s.id) FROM exai_sessions s ORDER BY 1
        """)
      #expect(
        sessions
          == ["a", "b", "c"].map { (name: String) -> [String?] in
            [
              name, "\(name)900 " + String(repeating: "x", count: 45) + "...", "00:01:00",
              "22:13:20",
              "\(count)",
            ]
          })
      let again = try await scene.run(
        "chat-history", ["logs"],
        options: ["--set", "load.batchBytes=128KiB", "--set", "load.batchRows=170"]
      ).expect()
      #expect(again.total.sessions == .of(unchanged: 3))
      #expect(again.total.messages == .of(unchanged: 3 * count))
    }
  }

  @Test func `a conversation nobody spoke in as user is named after its id`() async throws {
    try await RunScene.with { scene in
      let lines = (0..<5).map { Self.line($0, "assistant", "m\($0)") }
      try scene.directory.write("0123456789.jsonl", lines.joined(separator: "\n"))
      let report = try await scene.run(
        "chat-history", ["0123456789.jsonl"], options: ["--set", "load.batchRows=2"]
      ).expect()
      #expect(report.total.sessions == .of(inserted: 1))
      #expect(try scene.value("SELECT title FROM exai_sessions") == "Conversation 01234567")
    }
  }

  @Test func `a file that grew adds its new lines alone`() async throws {
    try await RunScene.with { scene in
      let first = Self.line(1, "user", "a") + "\n"
      try scene.directory.write("c.jsonl", first)
      try await scene.run("chat-history", ["c.jsonl"]).expect()
      try scene.directory.write("c.jsonl", first + Self.line(2, "assistant", "b") + "\n")
      let report = try await scene.run("chat-history", ["c.jsonl"]).expect()
      #expect(report.total.sessions == .of(updated: 1))
      #expect(report.total.messages == .of(inserted: 1, unchanged: 1))
    }
  }

  @Test func `standard input has no name and is refused`() async throws {
    try await RunScene.with { scene in
      let run = try await scene.run("chat-history", ["-"])
      #expect(run.status == 78)
      #expect(run.errors.contains("chat history cannot be read from standard input"))
    }
  }
}
