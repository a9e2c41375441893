internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct RunsCommandTests {
  private struct Shown: Decodable {
    struct Batches: Decodable {
      var total: Int
      var committed: Int
    }
    var id: String
    var pipeline: String
    var work: String
    var version: String
    var outcome: String
    var seconds: Double?
    var counts: Tally?
    var batches: Batches?
    var inputs: [String]
  }

  private static func runs(_ scene: RunScene) async throws -> [Shown] {
    let ended = try await scene.convoy(["runs", "list", "--target", scene.database.url, "--json"])
    #expect(ended.status == 0, "\(ended.errors)")
    return try JSONDecoder().decode([Shown].self, from: Data(ended.output.utf8))
  }

  @Test func `a target no run has met has none`() async throws {
    try await RunScene.with { scene in
      let target = ["--target", scene.database.url]
      let list = try await scene.convoy(["runs", "list"] + target)
      #expect(list.status == 0 && list.output == "no runs\n")
      #expect(try await Self.runs(scene).isEmpty)
      let show = try await scene.convoy(["runs", "show", "ab"] + target)
      #expect(show.status == 1)
      #expect(
        show.errors == """
          convoy runs show: ab: the target knows no such run
          hint: convoy runs list shows them

          """)
      #expect(try await scene.convoy(["runs", "show", "x'"] + target).status == 64)
      #expect(try scene.value("SELECT to_regnamespace('convoy')") == nil)
    }
  }

  @Test func `runs and retries are listed, the newest first, and shown by part of their id`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(3) + "{\n")
      try await scene.run("threads", ["t.jsonl"]).expect(3)
      try await scene.retry("threads").expect(3)
      try scene.execute(
        """
        INSERT INTO convoy.runs (id, pipeline, version, started_at)
        VALUES ('00000000-0000-4000-8000-000000000000', E'x\\x1b', '0', now() + interval '1 s')
        """)
      let runs = try await Self.runs(scene)
      #expect(runs.map(\.outcome) == ["unfinished", "rejects", "rejects"])
      #expect(runs.map(\.work) == ["load", "retry", "load"])
      #expect(runs[0].seconds == nil && runs[0].counts == nil && runs[0].batches == nil)
      #expect(runs[2].counts?.messages == .of(inserted: 15))
      #expect(runs[2].batches?.committed == 1)
      #expect(runs[2].inputs == ["t.jsonl"])
      #expect(runs[2].pipeline == "pipeline" && runs[2].version == Runner.version)
      #expect(runs[1].inputs == ["report/rejects.jsonl", "t.jsonl"])

      let target = ["--target", scene.database.url]
      let table = try await scene.convoy(["runs"] + target).output.split(separator: "\n")
      #expect(table.count == 4)
      #expect(table[1].hasPrefix("00000000  x\\u{1B}"))
      #expect(table[3].split(separator: " ").suffix(4) == ["rejects", "4", "15", "1"])
      let limited = try await scene.convoy(["runs", "list", "--limit", "1"] + target)
      #expect(limited.output.split(separator: "\n").count == 2)

      let page = try await scene.convoy(
        ["runs", "show", String(runs[2].id.prefix(13))] + target)
      #expect(page.status == 0, "\(page.errors)")
      #expect(
        page.output.hasPrefix("run       \(runs[2].id)\npipeline  pipeline\nwork      load\n"))
      #expect(
        page.output.contains(
          "messages  15 read, 15 inserted, 0 updated, 0 unchanged, 0 merged, 0 filtered, 0 rejected\n"
        ))
      let one = try await scene.convoy(["runs", "show", runs[1].id, "--json"] + target)
      #expect(
        try JSONDecoder().decode(Shown.self, from: Data(one.output.utf8)).id == runs[1].id)
      try scene.execute(
        "INSERT INTO convoy.runs (id, pipeline, version) VALUES ('00000000-0000-4000-8000-000000000001', 'y', '0')"
      )
      let two = try await scene.convoy(["runs", "show", "0000"] + target)
      #expect(two.status == 1)
      #expect(two.errors.contains("0000: 2 runs begin so: "))
    }
  }

  @Test func `a ledger of the first version is shown as it is, and brought up by the next run`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", ManyThreads.text(3))
      try await scene.run("threads", ["t.jsonl"]).expect()
      try scene.execute("ALTER TABLE convoy.runs DROP COLUMN details")
      let old = try await Self.runs(scene)
      #expect(old.map(\.outcome) == ["done"])
      #expect(old[0].inputs.isEmpty && old[0].batches == nil)
      #expect(old[0].counts?.sessions == .of(inserted: 3))
      let report = try await scene.run("threads", ["t.jsonl"]).expect()
      #expect(report.batches.alreadyCommitted == 1)
      #expect(try await Self.runs(scene).map(\.inputs) == [["t.jsonl"], []])
    }
  }
}
