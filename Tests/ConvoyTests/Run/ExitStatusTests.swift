internal import Foundation
internal import Pipeline
internal import TestSupport
internal import Testing

@Suite struct ExitStatusTests {
  private static let line = #"{"thread_id":"t","turns":[{"role":"user","content":"c"}]}"#

  @Test(arguments: [
    (["run"], Int32(64), "Missing expected argument"),
    (["run", "p.yaml", "--bogus"], 64, "Unknown option '--bogus'"),
    (["run", "p.yaml", "--set", "transform"], 64, "--set must be KEY.PATH=VALUE"),
    (["plan", "p.yaml", "--set", "postgres://u:sesame@h/d"], 64, "--set must be KEY.PATH=VALUE"),
    (["run", "p.yaml", "--workers", "0"], 64, "--workers must be 1…64"),
    (
      ["run", "p.yaml", "--input", "t.jsonl", "--target", "word"], 64, "the target is neither local"
    ),
    (["run", "missing.yaml"], 78, "missing.yaml: no such file"),
    (
      ["run", "bad.yaml"], 78,
      "bad.yaml:3: transform.tittle: unknown key; did you mean transform.title?"
    ),
    (
      ["run", "p.yaml", "--set", "load.batchRows=0"], 78, "load.batchRows: must be 1…1000000, is 0"
    ),
    (["run", "p.yaml"], 78, "source.inputs: the pipeline names no input"),
    (["run", "p.yaml", "--input", "missing.jsonl"], 74, "missing.jsonl: "),
    (
      ["run", "p.yaml", "--input", "t.jsonl", "--target", "postgresql://u@127.0.0.1:1/x"], 69,
      "Connection refused"
    ),
  ])
  func `each kind of failure has its status and one line that says why`(
    arguments: [String], status: Int32, message: String
  ) async throws {
    try await TemporaryDirectory.with { directory in
      try directory.write("p.yaml", "source: {format: threads}")
      try directory.write("bad.yaml", "source: {format: threads}\ntransform:\n  tittle: none\n")
      try directory.write("t.jsonl", Self.line)
      let ended = try await ConvoyProcess.run(
        arguments, environment: ["CONVOY_HOME": "\(directory.path)/home"], directory: directory.path
      )
      #expect(ended.status == status)
      #expect(ended.errors.contains(message), "\(ended.errors)")
      #expect(ended.output == "")
    }
  }

  @Test(arguments: [[], ["--dry-run"]])
  func `a report that cannot be written is a matter of files`(options: [String]) async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.line)
      try scene.directory.write("taken", "a file")
      for report in ["/proc/none", "taken", "taken/below"] {
        let run = try await scene.run(
          "threads", ["t.jsonl"], options: ["--report", report] + options)
        #expect(run.status == 74, "\(report): \(run.errors)")
        #expect(run.errors.contains("convoy run: \(report)"), "\(run.errors)")
      }
    }
  }

  @Test func `done is 0, rejects are 3`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("good.jsonl", Self.line)
      try scene.directory.write("bad.jsonl", "{}\n")
      #expect(try await scene.run("threads", ["good.jsonl"]).expect(0).outcome == "done")
      #expect(try await scene.run("threads", ["bad.jsonl"]).expect(3).outcome == "rejects")
    }
  }

  /// `ConvoyProcess` searches what each of the commands writes.
  @Test func `a password is shown nowhere`() async throws {
    try await RunScene.with { scene in
      try scene.directory.write("t.jsonl", Self.line)
      // The socket trusts everybody, so that the password is given and not needed.
      let url = scene.database.url.replacing("postgres@", with: "postgres:\(TestPassword.inURL)@")
      try scene.directory.write(
        "p.yaml", "source: {format: threads, inputs: [t.jsonl]}\nload: {target: \"${URL}\"}\n")
      let commands: [[String]] = [
        ["plan", "p.yaml"], ["preview", "p.yaml"], ["run", "p.yaml", "--dry-run"],
        ["run", "p.yaml", "--json"], ["run", "p.yaml"],
        ["run", "p.yaml", "--target", url.replacing("/test_", with: "/gone_")],
        ["run", "p.yaml", "--set", "load.target=\(url)", "--set", "load.batchRows=0"],
        [
          "run", "p.yaml", "--target",
          "host=127.0.0.1 port=1 password=\(TestPassword.wrongInURL) dbname=x",
        ],
        ["run", "p.yaml", "--target", "host=127.0.0.1 port password=\(TestPassword.wrongInURL)"],
      ]
      var statuses: [Int32] = []
      for command in commands {
        let ended = try await ConvoyProcess.run(
          command, environment: scene.environment.merging(["URL": url]) { $1 },
          directory: scene.directory.path)
        statuses.append(ended.status)
      }
      #expect(statuses == [0, 0, 0, 0, 0, 69, 78, 69, 64])
      let report = String(
        decoding: try scene.directory.read("convoy-report/p/report.json"), as: UTF8.self)
      #expect(report.contains(scene.database.name))
      let runs = try scene.value("SELECT string_agg(r::text, ',') FROM convoy.runs r")
      try TestPassword.expectAbsent(from: try #require(runs), "the ledger")
    }
  }
}
