internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Threads with more turns than a batch has rows.
@Suite struct LongThreadTests {
  /// Turns of the long thread; more bytes than are parsed at once.
  private static let turns = 9_000
  private static let batchRows = 2_000
  private static let yaml = "load: {batchRows: \(batchRows)}"
  /// One that cannot be loaded, in the middle of the thread.
  private static let badTurn = 4_567

  private static func thread(_ id: String, turns: Int, rest: String = "") -> String {
    let list = (0..<turns).map { index in
      let role =
        index == badTurn ? "nobody" : index.isMultiple(of: 2) ? "user" : "assistant"
      return #"{"role":"\#(role)","content":"turn \#(index)"}"#
    }
    return #"{"thread_id":"\#(id)","turns":[\#(list.joined(separator: ", "))]\#(rest)}"#
  }

  private static let long = thread(
    "long", turns: turns, rest: #","title":"kept","created_at":"2025-01-01T00:00:00Z""#)
  private static let short = thread("short", turns: 2)
  private static let input = [short, long, thread("last", turns: 2)].joined(separator: "\n")

  private static let stored = """
    SELECT s.continuation_id, s.title, count(m.id), count(DISTINCT m.id), count(DISTINCT m.created_at),
      min(m.metadata#>>'{legacy,index}'), sum((m.metadata#>>'{legacy,index}')::int),
      bool_and(m.content = 'turn ' || (m.metadata#>>'{legacy,index}'))
    FROM exai_sessions s JOIN exai_messages m ON m.session_id = s.id
    GROUP BY s.id ORDER BY s.continuation_id
    """

  @Test func `a thread goes in batches of the size that was asked for, each row once`() async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.input)
      let dry = try await scene.run(
        "threads", ["t.jsonl"], yaml: Self.yaml, options: ["--dry-run"])
      let foretold = try dry.expect(3)
      let run = try await scene.run("threads", ["t.jsonl"], yaml: Self.yaml)
      let report = try run.expect(3)
      for report in [foretold, report] {
        #expect(report.total.sessions == .of(inserted: 3))
        #expect(report.total.messages == .of(inserted: Self.turns + 3, rejected: 1))
        #expect(report.found["role.unknown"] == 1)
        #expect(report.found["time.missing"] == Self.turns + 3)
      }
      #expect(report.rowsWritten == ["exai_sessions": 3, "exai_messages": Self.turns + 3])
      let sum = (0..<Self.turns).reduce(0, +) - Self.badTurn
      #expect(
        try scene.rows(Self.stored) == [
          ["last", "turn 0", "2", "2", "2", "0", "1", "t"],
          [
            "long", "kept", "\(Self.turns - 1)", "\(Self.turns - 1)", "\(Self.turns - 1)", "0",
            "\(sum)", "t",
          ],
          ["short", "turn 0", "2", "2", "2", "0", "1", "t"],
        ])
      // A batch may have the session's row beside as many messages.
      #expect(
        try scene.value("SELECT max(messages) <= \(Self.batchRows) FROM convoy.batches") == "t")
      let bad = #"{"role":"nobody","content":"turn \#(Self.badTurn)"}"#
      for rejects in [try dry.rejects, try run.rejects] {
        #expect(rejects.map(\.text) == [bad])
        #expect(rejects.map(\.field) == ["turns[\(Self.badTurn)].role"])
        #expect(
          rejects.map(\.byteOffset)
            == [Self.input.range(of: bad)?.lowerBound.utf16Offset(in: Self.input)])
      }
      let sums = try scene.checksum()
      let again = try await scene.run(
        "threads", ["t.jsonl"], yaml: Self.yaml, options: ["--restart"])
      let second = try again.expect(3)
      #expect(second.total.messages == .of(unchanged: Self.turns + 3, rejected: 1))
      #expect(second.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(try scene.checksum() == sums)
    }
  }

  @Test func `the rows are those of one batch`() async throws {
    try await RunScene.with { scene in
      // With times of its own no row depends on when it was loaded.
      let timed = Self.long.replacing(#""content""#, with: #""timestamp":1735689600,"content""#)
      try scene.directory.write("t.jsonl", timed)
      try await scene.run("threads", ["t.jsonl"], yaml: Self.yaml).expect(3)
      let inParts = try scene.checksum()
      try await RunScene.withAnother { other in
        try other.directory.write("t.jsonl", timed)
        let whole = try await other.run(
          "threads", ["t.jsonl"], yaml: "load: {batchRows: 100000}")
        let report = try whole.expect(3)
        #expect(report.batches.total == 1)
        let inOne = try other.checksum()
        #expect(inOne == inParts)
      }
    }
  }

  @Test
  func `a thread that a rule about all of it rejects leaves nothing but its bytes as one reject`()
    async throws
  {
    try await RunScene.with { scene in
      let list = (0..<Self.turns).map { #"{"role":"user","content":"turn \#($0)"}"# }
      let thread = #"{"thread_id":"long","turns":[\#(list.joined(separator: ","))]}"#
      try scene.directory.write("t.jsonl", [Self.short, thread].joined(separator: "\n"))
      let run = try await scene.run(
        "threads", ["t.jsonl"],
        yaml: "\(Self.yaml)\nvalidate: {severity: {turn.imbalance: error}}")
      let report = try run.expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 1))
      #expect(report.total.messages == .of(inserted: 2, rejected: Self.turns))
      #expect(try run.rejects.map(\.rule) == ["turn.imbalance"])
      #expect(try run.rejects.map { $0.bytes.count } == [thread.utf8.count])
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "2")
    }
  }

  @Test func `a thread whose session the target refuses is one reject, and each turn another`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.execute("ALTER TABLE exai_sessions ADD CHECK (title <> 'kept')")
      try scene.directory.write("t.jsonl", Self.input)
      for options in [["--dry-run"], []] {
        let run = try await scene.run("threads", ["t.jsonl"], yaml: Self.yaml, options: options)
        let report = try run.expect(3)
        #expect(report.total.sessions == .of(inserted: 2, rejected: 1))
        #expect(report.total.messages == .of(inserted: 4, rejected: Self.turns))
        let rejects = try run.rejects
        #expect(rejects.count { $0.kind == "session" } == 1)
        #expect(rejects.count { $0.rule == "session.rejected" } == Self.turns - 1)
        #expect(rejects.first { $0.kind == "session" }?.bytes == Array(Self.long.utf8))
      }
    }
  }

  @Test func `a later state of a thread replaces its turns in every batch`() async throws {
    try await RunScene.with { scene in
      func load(_ model: String, day: Int) async throws -> Counts {
        let thread = Self.long.replacing(
          #""content""#, with: #""model_name":"\#(model)","content""#
        )
        .replacing(
          #","title""#, with: #","last_updated_at":"2025-01-0\#(day)T00:00:00Z","title""#)
        try scene.directory.write("t.jsonl", thread)
        let yaml = """
          load: {batchRows: \(Self.batchRows), conflict: {sessions: update, messages: update}}
          """
        let dry = try await scene.run("threads", ["t.jsonl"], yaml: yaml, options: ["--dry-run"])
        let run = try await scene.run("threads", ["t.jsonl"], yaml: yaml).expect(3)
        let foretold = try dry.expect(3).total
        #expect(foretold == run.total)
        #expect(run.total.sessions.read == 1)
        return run.total.messages
      }
      let first = try await load("first", day: 2)
      #expect(first == .of(inserted: Self.turns - 1, rejected: 1))
      // The texts are as long as they were: only the session's time tells which state is the later one.
      let later = try await load("later", day: 3)
      #expect(later == .of(updated: Self.turns - 1, rejected: 1))
      let older = try await load("older", day: 1)
      #expect(older == .of(unchanged: Self.turns - 1, rejected: 1))
      #expect(
        try scene.rows(
          """
          SELECT model_used, to_char(updated_at AT TIME ZONE 'UTC', 'DD') FROM exai_messages m
          JOIN exai_sessions s ON s.id = m.session_id GROUP BY 1, 2
          """) == [["later", "03"]])
    }
  }
}
