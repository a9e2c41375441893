internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct PlanRunTests {
  @Test
  func `the plan names inputs, target, workers, batches, memory and report, and writes nothing`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("in/a.jsonl", "{}\n")
      try scene.directory.write("in/b.txt", "")
      try scene.directory.write("p.yaml", "source: {format: threads, inputs: [in]}")
      let ended = try await scene.convoy([
        "plan", "p.yaml", "--target", scene.database.url, "--workers", "3", "--set",
        "load.batchBytes=1MiB",
      ])
      #expect(ended.status == 0, "\(ended.errors)")
      for part in [
        "pipeline   p (p.yaml)", "in/a.jsonl  threads  3 bytes", "in/b.txt", scene.database.name,
        "workers    3", "up to 1.0 MiB or 20000 rows", "memory     at most ", "convoy-report/p",
      ] {
        #expect(ended.output.contains(part), "\(part) is not in \(ended.output)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(scene.directory.path)/convoy-report"))
    }
  }

  @Test func `the preview prints rows as they would be stored and keeps none`() async throws {
    try await RunScene.with { scene in
      let lines = (0..<8).map {
        #"{"thread_id":"t\#($0)","created_at":"2025-10-16T01:00:00Z","turns":[{"role":"user","content":"c\#($0)"}]}"#
      }
      try scene.directory.write("t.jsonl", lines.joined(separator: "\n"))
      try scene.directory.write("p.yaml", "source: {format: threads, inputs: [t.jsonl]}")
      let ended = try await scene.convoy(
        ["preview", "p.yaml", "--limit", "3", "--target", scene.database.url])
      #expect(ended.status == 0, "\(ended.errors)")
      struct Line: Decodable {
        struct Row: Decodable {
          var id: UUID
          var title: String?
          var content: String?
        }
        var table: String
        var row: Row
      }
      let shown = try ended.output.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
      #expect(
        shown.map(\.table) == Array(repeating: "exai_sessions", count: 3)
          + Array(repeating: "exai_messages", count: 3))
      #expect(shown.compactMap(\.row.title) == ["c0", "c1", "c2"])
      #expect(shown.compactMap(\.row.content) == ["c0", "c1", "c2"])
      #expect(try scene.value("SELECT count(*) FROM exai_sessions") == "0")
      try await scene.run("threads", ["t.jsonl"]).expect()
      let first = try #require(shown.first).row.id.uuidString.lowercased()
      #expect(
        try scene.value("SELECT id FROM exai_sessions WHERE continuation_id = 't0'") == first)
    }
  }

  @Test func `the run's report is on standard output when asked for as JSON`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", #"{"thread_id":"t","turns":[]}"#)
      let run = try await scene.run("threads", ["t.jsonl"], options: ["--json"])
      try run.expect()
      #expect(
        run.output
          == String(decoding: try scene.directory.read("report/report.json"), as: UTF8.self))
    }
  }

  @Test func `the report has the stages with what each took`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write(
        "t.jsonl", #"{"thread_id":"t","turns":[{"role":"user","content":"c"}]}"#)
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.stages.map(\.stage) == ["extract", "transform", "validate", "load"])
      #expect(report.stages.map(\.records) == [1, 1, 1, 2])
      #expect(report.peakMemoryBytes > 1 << 20)
    }
  }

  @Test(arguments: [
    ("legacy-threads", "threads", #"{"thread_id":"t","turns":[{"role":"user","content":"c"}]}"#),
    ("chat-history", "chat-history", #"{"ts":"2025-10-05T10:12:33Z","role":"user","content":"c"}"#),
    ("openai-chat", "openai-chat", #"{"messages":[{"role":"user","content":"c"}]}"#),
  ])
  func `the ready pipelines run`(name: String, dialect: String, line: String) async throws {
    try await RunScene.with { scene in
      let root = URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
      try scene.directory.write("in/t.jsonl", line)
      let ended = try await ConvoyProcess.run(
        [
          "run", "\(root)/pipelines/\(name).yaml", "--target", scene.database.url, "--report",
          "report",
        ],
        environment: scene.environment.merging(["CONVOY_INPUT": "in", "CONVOY_USER_ID": "me"]) {
          $1
        },
        directory: scene.directory.path)
      try RunOutcome(ended, in: scene.directory).expect()
      #expect(
        try scene.rows("SELECT user_id, metadata->>'migrated_by' FROM exai_sessions")
          == [["me", "convoy"]])
    }
  }
}
