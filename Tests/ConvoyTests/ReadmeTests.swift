internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import Pipeline
@testable internal import convoy

@Suite struct ReadmeTests {
  /// Commands that are not run here, because `.ci/run` runs them.
  private static let runElsewhere = ["samples/quickstart", "Tests/run"]

  /// Measurements are tried with few conversations: here they only have to work.
  private static func small(_ line: String) -> String {
    let line = line.replacing("2000000", with: "2000")
    return line.hasPrefix("convoy-bench")
      ? line.replacing("40000", with: "40").replacing("--pairs 5", with: "--pairs 1")
        .replacing("5000", with: "40").replacing("--rounds 3", with: "--rounds 1")
        .replacing("--runs 5", with: "--runs 1")
        .replacing("--rows 100000", with: "--rows 300 --dimensions 8")
        .replacing("--megabytes 1000 --files 100000", with: "--megabytes 5 --files 100")
        .replacing("--pairs 3", with: "--pairs 1")
        .replacing(
          "--files 64 --large-files 8 --small-files 2000",
          with: "--files 2 --large-files 1 --small-files 10")
      : line
  }

  @Test func `the commands work in the order of the page`() async throws {
    try await TestDatabase.with { database in
      try await Checkout.withWorkingCopy { directory in
        let page = try Readme()
        try directory.write("support.yaml", try #require(page.blocks("yaml").first))
        let environment = [
          "DATABASE_URL": database.url, "CONVOY_HOME": "\(directory.path)/home",
        ]
        let script = page.blocks("sh").joined(separator: "\n")
          .split(separator: "\n").map(String.init)
          .filter { line in !Self.runElsewhere.contains { line.hasPrefix($0) } }
          .map(Self.small)
        try #require(script.count > 20)
        let ended = try await Self.bash(script, environment: environment, in: directory)
        #expect(ended.status == 0, "\(ended.output)")
        // No thread of the chat history has an id that the server's function does not make.
        #expect(ended.output.contains("     0\n"))
        // The page itself removes the server; one that is left after a failure must not go on running.
        let removed = try await ConvoyProcess.run(
          ["local", "remove", "--yes"], environment: environment)
        #expect(removed.output == "nothing to remove\n")
      }
    }
  }

  /// Runs a script that stops at its first failure, with the built programs first in its PATH.
  private static func bash(
    _ script: [String], environment: [String: String], in directory: TemporaryDirectory
  ) async throws -> (status: Int32, output: String) {
    let log = try directory.write("output.log", "")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-exuo", "pipefail", "-c", script.joined(separator: "\n")]
    process.currentDirectoryURL = URL(filePath: directory.path)
    let inherited = ProcessInfo.processInfo.environment.filter {
      ["PATH", "HOME", "CONVOY_PG_BIN", "LD_LIBRARY_PATH"].contains($0.key)
    }
    process.environment = inherited.merging(environment) { $1 }
    // The tests run from a bundle beside the programs.
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let built = URL(filePath: bundle).deletingLastPathComponent().path
    process.environment?["PATH"] = "\(built):\(inherited["PATH"] ?? "/usr/bin:/bin")"
    process.standardInput = FileHandle.nullDevice
    let output = try FileHandle(forWritingTo: URL(filePath: log))
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { _ in continuation.resume() }
      do {
        try process.run()
      } catch {
        continuation.resume(throwing: error)
      }
    }
    let text = String(decoding: try directory.read("output.log"), as: UTF8.self)
    return (process.terminationStatus, text)
  }

  @Test func `both commands of its head are those CI runs`() throws {
    let head = try #require(try Readme().blocks("sh").first)
    #expect(head.split(separator: "\n") == ["samples/quickstart", "Tests/run"])
    let run = try Checkout.text(".ci/run")
    for command in head.split(separator: "\n") { #expect(run.contains(command)) }
  }

  @Test func `the table of pipeline keys is the program's`() throws {
    let rows = PipelineSpec.reference.map { key in
      let cells = [
        "`\(key.keyPath)`", key.type, Readme.code(key.defaultText), key.allowed, key.meaning,
      ]
      return cells.map { $0.replacing("|", with: "\\|") }
    }
    let table = try Readme().table("Pipeline keys")
    #expect(table == rows)
  }

  @Test func `the table of rules is the program's`() throws {
    let rows = Rule.allCases.map { ["`\($0.rawValue)`", $0.severity.rawValue, $0.title] }
    #expect(try Readme().table("Rules") == rows)
  }

  @Test func `the table of exit statuses is the program's`() throws {
    let statuses = [
      ExitStatus.done, ExitStatus.failed, ExitStatus.rejects, ExitStatus.usage,
      ExitStatus.budgetOrDamage, ExitStatus.unreachable, ExitStatus.fileAccess, ExitStatus.locked,
      ExitStatus.badPipeline,
    ]
    let signals = [SIGINT, SIGTERM].map { "\(ExitStatus.of(.interrupted($0)))" }
    let column = try Readme().table("Exit status").map { $0[0] }
    #expect(column == statuses.map(String.init) + [signals.joined(separator: ", ")])
  }

  @Test func `the keys of the report are the program's, in its order`() throws {
    let report = RunReport(
      version: "", pipelineName: "", pipelineFile: "", mode: .load, outcome: .done, target: "",
      startedAt: "", finishedAt: "")
    let keys = report.json().split(separator: "\n")
      .filter { $0.hasPrefix("  \"") }
      .compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
    let column = try Readme().table("Report").flatMap { $0[0].components(separatedBy: ", ") }
    #expect(column == keys.map { "`\($0)`" })
  }

  @Test func `every command and option that help names is in the tables`() async throws {
    let page = try Readme()
    let commands = page.tableRows("Commands").map { $0[0] }
    let options = page.tableRows("Commands").flatMap { $0[0].split(separator: " ") }
    let found = try await Self.commands([])
    #expect(commands.count { $0.hasPrefix("`convoy ") } == found.count)
    for command in found {
      #expect(commands.contains { $0.hasPrefix("`convoy \(command.joined(separator: " "))") })
      let help = try await ConvoyProcess.run(command + ["--help"]).output
      for option in help.matches(of: /--[a-z][a-z-]+/) {
        #expect(
          options.contains { $0.contains(option.output) }, "\(command): \(option.output)")
      }
    }
  }

  /// Commands below one that have none below them, as help lists them.
  private static func commands(_ command: [String]) async throws -> [[String]] {
    let help = try await ConvoyProcess.run(command + ["--help"]).output
    guard let list = help.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first else {
      return [command]
    }
    var found: [[String]] = []
    for line in list.components(separatedBy: "\n\n")[0].split(separator: "\n") {
      // A name stands two blanks in; what stands further in goes on with a description.
      guard let name = line.firstMatch(of: /^  ([a-z]+)/)?.output.1 else { continue }
      found += try await commands(command + [String(name)])
    }
    return found
  }

  @Test func `the test vectors are the ids of both implementations`() async throws {
    try await TestDatabase.with { database in
      try Ledger.prepare(try database.connect())
      let vectors = try Readme().table("Ids", last: true)
      try #require(vectors.count >= 4)
      for vector in vectors {
        let time = vector[0] == "none" ? nil : Readme.plain(vector[0])
        let parts = vector[1].components(separatedBy: " · ").map(Readme.plain)
        var milliseconds: Int64 = 0
        if let time, case .instant(let instant) = ParsedTime(Array(time.utf8).span) {
          milliseconds = instant.milliseconds
        }
        let id = RowId.make(
          scheme: .v8, milliseconds: milliseconds,
          key: Array(parts.joined(separator: "\u{1F}").utf8))
        #expect(id.text == Readme.plain(vector[2]), "\(vector)")
        let places = parts.indices.map { "$\($0 + 2)::text" }.joined(separator: ", ")
        let row = try database.query(
          "SELECT convoy.row_id($1::timestamptz, \(places))", [time] + parts)
        #expect(row == [[id.text]])
      }
    }
  }
}
