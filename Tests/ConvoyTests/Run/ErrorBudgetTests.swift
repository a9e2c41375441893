internal import Pipeline
internal import TestSupport
internal import Testing

/// How much may be wrong before a load stops.
@Suite struct ErrorBudgetTests {
  /// 600 conversations, of which the turns of every tenth have a role nobody knows.
  private static let text = (0..<600).map { number in
    let role = number % 10 == 9 ? "alien" : "user"
    return
      #"{"thread_id":"t\#(number)","turns":[{"role":"user","content":"m","timestamp":"2025-10-16T01:00:00Z"},"#
      + #"{"role":"\#(role)","content":"n","timestamp":"2025-10-16T01:00:01Z"}]}"# + "\n"
  }.joined()

  private static let oneByOne = ["--workers", "1", "--set", "load.batchRows=60"]

  @Test(arguments: [
    (key: "load.maxRejects=50", reason: "rejects, load.maxRejects allows 50"),
    (key: "load.maxRejectRatio=0.03", reason: "load.maxRejectRatio allows 0.03"),
    (
      key: "load.maxFindings={role.unknown: 50}",
      reason: "findings of role.unknown, load.maxFindings allows 50"
    ),
  ])
  func `a load over its budget stops, says what is in, and goes on when it is raised`(
    key: String, reason: String
  ) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.text)
      let dry = try await scene.run(
        "threads", ["t.jsonl"], options: Self.oneByOne + ["--set", key, "--dry-run"])
      let whole = try dry.expect(65)
      #expect(whole.outcome == "over-budget")
      #expect(whole.total.sessions == .of(inserted: 600))
      #expect(dry.output.hasPrefix("dry run: a load would stop: "), "\(dry.output)")

      let run = try await scene.run(
        "threads", ["t.jsonl"], options: Self.oneByOne + ["--set", key])
      let report = try run.expect(65)
      #expect(report.outcome == "over-budget")
      #expect(run.errors.contains(reason), "\(run.errors)")
      #expect(run.errors.contains("hint: the rejects are kept; what is committed stays"))
      let sessions = report.total.sessions.inserted
      #expect(sessions > 0 && sessions < 600)
      #expect(run.output.contains("; \(sessions) sessions, "), "\(run.output)")
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "\(sessions)")
      #expect(try scene.value("SELECT outcome FROM convoy.runs") == "over-budget")

      let next = try await scene.run(
        "threads", ["t.jsonl"], options: Self.oneByOne + ["--set", "load.maxRejects=60"])
      let rest = try next.expect(3)
      #expect(rest.total.sessions == .of(inserted: 600 - sessions, unchanged: sessions))
      #expect(rest.total.messages.rejected == 60)
    }
  }

  @Test func `the last reject that is allowed does not stop a load`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.text)
      let options = ["--set", "load.maxRejects=60", "--set", "load.maxRejectRatio=0.04"]
      let report = try await scene.run("threads", ["t.jsonl"], options: options).expect(3)
      #expect(report.total.sessions == .of(inserted: 600))
    }
  }

  @Test func `a share counts only behind as many records as were asked for`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl",
        Self.text.split(separator: "\n").suffix(1).joined() + "\n")
      let options = ["--set", "load.maxRejectRatio=0.1"]
      try await scene.run("threads", ["t.jsonl"], options: options).expect(3)
      let soon = options + ["--set", "load.maxRejectRatioAfter=1", "--restart"]
      try await scene.run("threads", ["t.jsonl"], options: soon).expect(65)
    }
  }

  @Test func `rows the target refuses count as well`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(300))
      try scene.execute("ALTER TABLE exai_messages ADD CHECK (content NOT LIKE '%5 m4')")
      let options = Self.oneByOne + ["--set", "load.maxRejects=10"]
      let report = try await scene.run("threads", ["t.jsonl"], options: options).expect(65)
      #expect(report.total.messages.rejected > 10)
      #expect(report.total.sessions.inserted < 300)
    }
  }
}
