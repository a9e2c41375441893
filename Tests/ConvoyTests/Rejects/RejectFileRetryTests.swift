internal import Foundation
internal import Pipeline
internal import Postgres
internal import TestSupport
internal import Testing

/// What a retry makes of files of rejects that are not as a run has just written them.
@Suite struct RejectFileRetryTests {
  private static let mapping = "transform: {roles: {critic: assistant}}"

  /// Loads two threads, each with a turn of an unknown role, and returns the lines of their rejects.
  private static func makeRejects(in scene: RunScene) async throws -> [String] {
    let turn = #"{"role":"critic","content":"c","timestamp":"2025-03-01T10:00:01Z"}"#
    try scene.directory.write(
      "t.jsonl",
      ["a", "b"].map { #"{"thread_id":"\#($0)","turns":[\#(turn)]}"# }.joined(separator: "\n"))
    try await scene.run("threads", ["t.jsonl"]).expect(3)
    return String(decoding: try scene.directory.read("report/rejects.jsonl"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  @Test func `a damaged line is named and the lines around it are retried`() async throws {
    try await RunScene.with { scene in
      let lines = try await Self.makeRejects(in: scene)
      try scene.directory.write("f.jsonl", [lines[0], "{", lines[1], ""].joined(separator: "\n"))
      let retried = try await scene.retry("threads", "f.jsonl", yaml: Self.mapping)
      let report = try retried.expect(3)
      #expect(report.total.messages == .of(inserted: 2))
      #expect(report.found["reject.damaged"] == 1)
      let sample = report.findings.first { $0.id == "reject.damaged" }?.samples.first
      #expect(sample?.input == "f.jsonl" && sample?.line == 2)
      #expect(retried.output.contains("not a line of rejects (no JSON object) (f.jsonl:2)"))
    }
  }

  @Test func `a line of the first version stays with the reason, as does one of another dialect`()
    async throws
  {
    try await RunScene.with { scene in
      let lines = try await Self.makeRejects(in: scene)
      let old = lines[0].replacing(/"origin":\{.*\}\},/, with: "")
      #expect(!old.contains("origin"))
      let other = lines[1].replacing(#""dialect":"threads""#, with: #""dialect":"chat-history""#)
      try scene.directory.write("f.jsonl", "\(old)\n\(other)\n")
      let retried = try await scene.retry("threads", "f.jsonl", yaml: Self.mapping)
      let report = try retried.expect(3)
      #expect(report.total.messages == .of(rejected: 2))
      #expect(report.found["reject.kept"] == 2)
      let reasons = report.findings.flatMap(\.samples).map(\.message)
      #expect(
        Set(reasons) == [
          "its line, of an earlier version of convoy, does not say what its row depends on",
          "it is of dialect chat-history, the pipeline of threads",
        ])
      #expect(
        String(decoding: try scene.directory.read("retried/rejects.jsonl"), as: UTF8.self)
          == "\(old)\n\(other)\n")
    }
  }

  @Test func `lines that come twice are merged`() async throws {
    try await RunScene.with { scene in
      let lines = try await Self.makeRejects(in: scene)
      try scene.directory.write("f.jsonl", (lines + lines).joined(separator: "\n"))
      let report = try await scene.retry("threads", "f.jsonl", yaml: Self.mapping).expect()
      #expect(report.total.messages == .of(inserted: 2, merged: 2))
    }
  }

  @Test func `what remains is never written over the file that is read`() async throws {
    try await RunScene.with { scene in
      _ = try await Self.makeRejects(in: scene)
      let before = try scene.directory.read("report/rejects.jsonl")
      let ended = try await scene.retry("threads", yaml: Self.mapping, report: "./report")
      #expect(ended.status == 74)
      #expect(
        ended.errors.contains(
          "report/rejects.jsonl: the rejects that remain would be written over it\nhint: "))
      #expect(try scene.directory.read("report/rejects.jsonl") == before)
      let missing = try await scene.retry("threads", "none.jsonl")
      #expect(missing.status == 74)
    }
  }

  @Test func `the report goes below the pipeline's own directory`() async throws {
    try await RunScene.with { scene in
      _ = try await Self.makeRejects(in: scene)
      try scene.directory.write(
        "p.yaml", "source: {format: threads}\nreport: {directory: mine}\n\(Self.mapping)\n")
      let ended = try await scene.convoy(
        ["rejects", "retry", "report/rejects.jsonl", "p.yaml", "--target", scene.database.url])
      #expect(ended.status == 0, "\(ended.errors)")
      _ = try RunOutcome(ended, in: scene.directory, reportName: "mine/retry").expect()
    }
  }

  @Test func `a retry leaves an unfinished run to be gone on with as it began`() async throws {
    try await RunScene.with { scene in
      let lines = try await Self.makeRejects(in: scene)
      try scene.directory.write("f.jsonl", lines.joined(separator: "\n"))
      // The run of these rejects, as one that was killed has left it.
      try scene.execute("UPDATE convoy.runs SET finished_at = NULL, outcome = NULL")
      try scene.execute(
        """
        INSERT INTO convoy.batches (key, run_id, sessions, messages)
        SELECT 'k', id, 0, 0 FROM convoy.runs ON CONFLICT DO NOTHING
        """)
      try await scene.retry("threads", "f.jsonl", yaml: Self.mapping).expect()
      let mixed = try await scene.run("threads", ["t.jsonl"], yaml: Self.mapping)
      #expect(mixed.status == 1)
      #expect(mixed.errors.contains("nothing was loaded: the last run did not finish"))
      let same = try await scene.run("threads", ["t.jsonl"])
      #expect(try same.expect(3).total.messages == .of(rejected: 2))
      #expect(try scene.value("SELECT count(*) FROM exai_messages") == "2")
    }
  }

  @Test func `it waits for no other run of the pipeline`() async throws {
    try await RunScene.with { scene in
      _ = try await Self.makeRejects(in: scene)
      let holder = try scene.database.connect()
      try holder.execute(
        "BEGIN; SELECT pg_advisory_xact_lock(hashtext('convoy.run'), hashtext('pipeline'))")
      let ended = try await scene.retry("threads", yaml: Self.mapping)
      #expect(ended.status == 75)
      #expect(ended.errors.contains("convoy rejects retry: another run of pipeline holds"))
      try holder.execute("ROLLBACK")
    }
  }
}
