internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct OfflineRunTests {
  /// Nothing of these can be reached, so a run that asks for any of it fails.
  private static let noTarget = [
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "CONVOY_HOME": "/proc/none",
    "NO_COLOR": "1",
  ]

  private static func run(
    _ format: String, _ inputs: [String], _ directory: TemporaryDirectory,
    options: [String] = []
  ) async throws -> RunOutcome {
    try directory.write("pipeline.yaml", "source: {format: \(format)}\n")
    let ended = try await ConvoyProcess.run(
      ["run", "pipeline.yaml", "--dry-run", "--offline", "--report", "report"]
        + inputs.flatMap { ["--input", $0] } + options,
      environment: noTarget, directory: directory.path)
    return RunOutcome(ended, in: directory)
  }

  @Test func `no target is asked, and rows count as into empty tables`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("t.jsonl", ManyThreads.text(300))
      let run = try await Self.run(
        "threads", ["t.jsonl"], directory, options: ManyThreads.smallBatches)
      let report = try run.expect()
      #expect(report.mode == "dry-run")
      #expect(report.target == "none (offline)")
      #expect(report.total.sessions == .of(inserted: 300))
      #expect(report.total.messages == .of(inserted: 1500))
      #expect(report.rowsWritten == ["exai_sessions": 0, "exai_messages": 0])
      #expect(run.errors.contains("target: none (offline)"), "\(run.errors)")
    }
  }

  @Test func `what comes twice is merged, in its batch and across inputs`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("a.jsonl", ManyThreads.text(20) + ManyThreads.text(5))
      try directory.write("b.jsonl", ManyThreads.text(30))
      let report = try await Self.run(
        "threads", ["a.jsonl", "b.jsonl"], directory, options: ManyThreads.smallBatches
      ).expect()
      #expect(report.total.sessions == .of(inserted: 30, merged: 25))
      #expect(report.total.messages == .of(inserted: 150, merged: 125))
    }
  }

  @Test func `rules that need no server are all there`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write(
        "t.jsonl",
        """
        {"thread_id":"t","turns":[{"role":"user","content":"c","timestamp":"1999-01-01T00:00:00Z"},\
        {"role":"nobody","content":"c"},{"role":"user","content":"c"}]}
        not JSON

        """)
      let report = try await Self.run("threads", ["t.jsonl"], directory).expect(3)
      #expect(report.total.sessions == .of(inserted: 1, rejected: 1))
      #expect(report.total.messages == .of(inserted: 1, rejected: 2))
      #expect(report.found.keys.contains("json.syntax"))
      #expect(report.rejectLines == 3)
    }
  }

  @Test(arguments: ["sessions", "messages"])
  func `a policy that allows no row twice fails on what comes twice`(table: String) async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("a.jsonl", ManyThreads.text(20))
      try directory.write("b.jsonl", ManyThreads.text(3))
      let run = try await Self.run(
        "threads", ["a.jsonl", "b.jsonl"], directory,
        options: ["--set", "load.conflict.\(table)=fail", "--workers", "1"])
      let count = table == "sessions" ? 3 : 15
      #expect(try run.expect(1).outcome == "failed")
      #expect(
        run.errors.contains("b.jsonl: \(count) \(table) the inputs have before"), "\(run.errors)")
      #expect(run.errors.contains("hint: load.conflict.\(table) is fail"))
    }
  }

  @Test func `more rejects than allowed end it, once all is read`() async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("t.jsonl", "no\nno\n" + ManyThreads.text(20))
      let run = try await Self.run(
        "threads", ["t.jsonl"], directory, options: ["--set", "load.maxRejects=1"])
      let report = try run.expect(65)
      #expect(report.outcome == "over-budget")
      #expect(report.total.sessions == .of(inserted: 20, rejected: 2))
      #expect(run.errors.contains("2 rejects, load.maxRejects allows 1"), "\(run.errors)")
    }
  }

  @Test(arguments: [
    ("threads", "samples/threads"), ("chat-history", "samples/chat-history"),
    ("openai-chat", "samples/openai-chat"),
  ])
  func `samples count as a dry run on an empty database counts them`(
    format: String, input: String
  ) async throws {
    try await RunScene.with { scene in
      let input = "\(Checkout.path)/\(input)"
      let asked = try await scene.run(format, [input], options: ["--dry-run"]).report
      let alone = try await Self.run(format, [input], scene.directory).report
      #expect(alone.total == asked.total)
      #expect(alone.found == asked.found)
      #expect(alone.total.messages.inserted > 0)
    }
  }

  @Test(arguments: [
    (["--offline"], "--offline goes with --dry-run only"),
    (["--dry-run", "--offline", "--target", "local"], "--target cannot be given"),
  ])
  func `options that contradict it are a matter of usage`(
    options: [String], message: String
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("p.yaml", "source: {format: threads}\n")
      let ended = try await ConvoyProcess.run(
        ["run", "p.yaml"] + options, environment: Self.noTarget, directory: directory.path)
      #expect(ended.status == 64)
      #expect(ended.errors.contains(message), "\(ended.errors)")
    }
  }
}
