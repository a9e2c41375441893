internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

/// Plans that dry runs leave and loads are held to.
@Suite struct HeldPlanTests {
  /// Conversations of which some have no times, so that the default of their column stands.
  private static let text = (0..<60).map { number in
    let time = number % 3 == 0 ? "" : #","timestamp":"2025-10-16T01:02:0\#(number % 10)Z""#
    return #"{"thread_id":"t\#(number)","turns":["#
      + #"{"role":"user","content":"a","model_name":"m"\#(time)},"#
      + #"{"role":"robot","content":"b"},{"role":"assistant","content":"c \#(number)"}]}"#
  }.joined(separator: "\n")

  private static let cut = ["--set", "load.batchRows=20", "--set", "load.batchBytes=64KiB"]
  private static let held = cut + ["--plan", "kept.json"]

  /// Writes an input, runs dry and keeps the plan.
  private static func plan(_ scene: RunScene, _ options: [String] = cut) async throws {
    try scene.directory.write("t.jsonl", text)
    try await scene.run("threads", ["t.jsonl"], options: options + ["--dry-run"]).expect(3)
    try scene.directory.write("kept.json", scene.directory.read("report/plan.json"))
  }

  @Test func `a load that comes out as the dry run said tells so`() async throws {
    try await RunScene.with { scene in
      try await Self.plan(scene)
      let load = try await scene.run("threads", ["t.jsonl"], options: Self.held)
      let report = try load.expect(3)
      #expect(load.output.contains("as predicted by kept.json"))
      #expect(
        report.plan == WrittenReport.Plan(file: "kept.json", asPredicted: true, differences: []))
      #expect(report.total.messages == .of(inserted: 120, rejected: 60))
      // What has no time has the dry run's, and both are there once.
      let again = try await scene.run("threads", ["t.jsonl"], options: Self.held).expect(3)
      #expect(again.plan?.asPredicted == true)
      #expect(again.total.messages == .of(unchanged: 120, rejected: 60))
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "120")
    }
  }

  @Test func `what changed behind the dry run is named and nothing is loaded`() async throws {
    try await RunScene.with { scene in
      try await Self.plan(scene)
      func refused(_ options: [String] = Self.held, _ inputs: [String] = ["t.jsonl"]) async throws
        -> String
      {
        let run = try await scene.run("threads", inputs, options: options)
        #expect(run.status == 1, "\(run.errors)")
        #expect(try scene.value("SELECT to_regclass('convoy.runs')") == nil)
        return run.errors
      }
      var changed = Array(Self.text.utf8)
      changed[changed.count / 2] ^= 1
      try scene.directory.write("t.jsonl", changed)
      let same = "input t.jsonl: other content, still \(changed.count) bytes"
      #expect(try await refused().contains(same))
      try scene.directory.write("t.jsonl", Self.text + "\n")
      #expect(try await refused().contains("input t.jsonl: was \(changed.count) bytes, is"))
      try scene.directory.write("t.jsonl", Self.text)
      try scene.directory.write("u.jsonl", "")
      let other = try await refused(Self.held, ["u.jsonl"])
      #expect(other.contains("input t.jsonl: not among the inputs now"))
      #expect(other.contains("input u.jsonl: not in the plan"))
      let rule = try await refused(Self.held + ["--set", "transform.titleLength=30"])
      #expect(rule.contains("pipeline: is transform.titleLength=30"))
      try scene.execute("INSERT INTO exai_sessions (id, user_id) VALUES (gen_random_uuid(), 'u')")
      #expect(try await refused().contains("exai_sessions: had 0 rows, has 1"))
      try scene.execute(
        "DELETE FROM exai_sessions; ALTER TABLE exai_messages ADD CONSTRAINT short CHECK (content <> '')"
      )
      #expect(try await refused().contains("exai_messages: is constraint short CHECK"))
      try scene.execute("ALTER TABLE exai_messages DROP CONSTRAINT short")
      try await scene.run("threads", ["t.jsonl"], options: Self.held).expect(3)
    }
  }

  @Test func `a load that comes out otherwise lists each difference`() async throws {
    try await RunScene.with { scene in
      try scene.execute(
        """
        CREATE TABLE models (name text PRIMARY KEY); INSERT INTO models VALUES ('m');
        ALTER TABLE exai_messages ADD CONSTRAINT of_model FOREIGN KEY (model_used) REFERENCES models
        """)
      try await Self.plan(scene)
      // Not of the two tables, and so not looked at before.
      try scene.execute("DELETE FROM models")
      let load = try await scene.run("threads", ["t.jsonl"], options: Self.held)
      #expect(load.status == 65)
      let plan = try load.report.plan
      #expect(plan?.asPredicted == false)
      let differences = plan?.differences ?? []
      #expect(differences.contains("messages rejected: 120, the plan says 60"))
      #expect(differences.contains("messages inserted: 60, the plan says 120"))
      for difference in differences { #expect(load.errors.contains(difference)) }
      #expect(try load.report.outcome == "rejects")
    }
  }

  @Test func `a planned load that was killed is gone on with`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(4000))
      let options = ["--set", "load.batchRows=400"]
      // What a table is made of is in the plan, its triggers as well.
      let hold = try BatchHold(after: 3, in: scene)
      try hold.release()
      try await scene.run("threads", ["t.jsonl"], options: options + ["--dry-run"]).expect()
      try scene.directory.write("kept.json", scene.directory.read("report/plan.json"))
      let held = options + ["--plan", "kept.json"]
      try hold.begin()
      let killed = try await scene.run("threads", ["t.jsonl"], options: held) { process in
        try await hold.reached(by: process)
        kill(process, SIGKILL)
      }
      #expect(killed.status == 128 + SIGKILL)
      try hold.release()
      let rest = try await scene.run("threads", ["t.jsonl"], options: held)
      let report = try rest.expect()
      #expect(report.plan?.asPredicted == true)
      #expect(report.batches.alreadyCommitted > 0)
    }
  }

  @Test(arguments: [
    (["--plan", "none.json"], Int32(74), "none.json"),
    (["--plan", "t.jsonl"], 1, "not a plan of a dry run"),
    (["--plan", "t.jsonl", "--dry-run"], 64, "--plan goes with a load"),
    (["--plan", "t.jsonl", "--restart"], 64, "--plan goes with a load"),
  ])
  func `what is no plan is refused`(options: [String], status: Int32, reason: String) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.text)
      let run = try await scene.run("threads", ["t.jsonl"], options: options)
      #expect(run.status == status)
      #expect(run.errors.contains(reason))
    }
  }
}
