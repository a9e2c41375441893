internal import Foundation
internal import TestSupport
internal import Testing

/// Reports of every kind of run, against the schema that is published with the samples.
@Suite struct ReportSchemaTests {
  private static func differences(_ files: [String]) async throws -> String {
    let ended = try await CheckoutProgram.run(
      "\(Checkout.path)/Tests/validate", ["\(Checkout.path)/samples/report.schema.json"] + files)
    return ended.output
  }

  private static func differences(in directory: TemporaryDirectory) async throws -> String {
    try await differences(["\(directory.path)/report/report.json"])
  }

  @Test func `loads, dry runs, retries and what they end as`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(30))
      try scene.directory.write("bad.jsonl", HostileReport.threads)
      let runs: [(inputs: [String], options: [String], status: Int32)] = [
        (["t.jsonl"], [], 0), (["t.jsonl"], ["--dry-run"], 0), (["bad.jsonl"], ["--dry-run"], 3),
        (["bad.jsonl"], ["--set", "load.maxRejects=1"], 65),
        (["t.jsonl"], ["--set", "load.conflict.messages=fail", "--restart"], 1),
        (["bad.jsonl"], ["--restart"], 3),
      ]
      for run in runs {
        let ended = try await scene.run("threads", run.inputs, options: run.options)
        #expect(ended.status == run.status, "\(run): \(ended.errors)")
        #expect(try await Self.differences(in: scene.directory) == "", "\(run)")
      }
      let retried = try await scene.convoy([
        "rejects", "retry", "report/rejects.jsonl", "pipeline.yaml", "--target",
        scene.database.url, "--report", "again",
      ])
      #expect(retried.status == 0 || retried.status == 3, "\(retried.errors)")
      let report = "\(scene.directory.path)/again/report.json"
      #expect(try await Self.differences([report]) == "")
    }
  }

  @Test func `dry runs without a target of every dialect`() async throws {
    try await TemporaryDirectory.with { directory in
      for (format, input) in [
        ("threads", "threads"), ("chat-history", "chat-history"), ("openai-chat", "openai-chat"),
      ] {
        try directory.write("pipeline.yaml", "source: {format: \(format)}\n")
        let ended = try await ConvoyProcess.run(
          [
            "run", "pipeline.yaml", "--dry-run", "--offline", "--report", "report", "--input",
            "\(Checkout.path)/samples/\(input)",
          ], environment: ["CONVOY_HOME": "/proc/none"], directory: directory.path)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(try await Self.differences(in: directory) == "", "\(format)")
      }
      #expect(try await HostileReport.run(in: directory).status == 3)
      #expect(try await Self.differences(in: directory) == "")
    }
  }

  @Test func `what is no report is told from one`() async throws {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(in: directory)
      let text = String(decoding: try directory.read("report/report.json"), as: UTF8.self)
      for (part, other, sign) in [
        (#""mode": "dry-run""#, #""mode": "wet-run""#, "wet-run"),
        (#""rejectLines": "#, #""rejectedLines": "#, "rejectedLines"),
        (#""balanced": true"#, #""balanced": 1"#, "boolean"),
      ] {
        let changed = try directory.write("changed.json", text.replacing(part, with: other))
        #expect(try await Self.differences([changed]).contains(sign), "\(part)")
      }
    }
  }
}
