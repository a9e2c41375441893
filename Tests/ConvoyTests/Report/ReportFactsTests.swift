internal import Foundation
internal import FoundationXML
internal import TestSupport
internal import Testing

@testable internal import Pipeline

/// What report.json says of the data, with numbers that are counted here by other means.
@Suite struct ReportFactsTests {
  private static func report(_ directory: TemporaryDirectory) throws -> [String: Any] {
    let parsed = try JSONSerialization.jsonObject(with: Data(directory.read("report/report.json")))
    return try #require(parsed as? [String: Any])
  }

  private static func member(_ path: String, of report: Any?) -> Any? {
    path.split(separator: ".").reduce(report) { value, name in
      (value as? [String: Any])?[String(name)]
    }
  }

  /// Names and totals of a breakdown.
  private static func names(_ path: String, of report: [String: Any]) -> [String: Int] {
    let list = member("\(path).names", of: report) as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: list.compactMap { entry in
        guard let name = entry["name"] as? String, let total = entry["total"] as? Int else {
          return nil
        }
        return (name, total)
      })
  }

  @Test func `rows are broken down by role, model, provider, tool, day and unknown field`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let run = try await HostileReport.run(
        in: directory, options: ["--set", "load.batchBytes=64KiB", "--set", "load.batchRows=40"])
      #expect(run.status == 3)
      let report = try Self.report(directory)
      // 31 threads an input of 6 good turns and one of another role, in two inputs.
      let threads = 62
      let rows = threads * 7
      #expect(Self.member("contents.rows.messages", of: report) as? Int == rows)
      #expect(Self.member("contents.roles.user", of: report) as? Int == threads * 4)
      #expect(Self.member("contents.roles.assistant", of: report) as? Int == threads * 3)
      #expect(Self.names("contents.sourceRoles", of: report) == ["human": threads])
      #expect(Self.names("contents.providers", of: report) == ["glm": threads * 6])
      #expect(Self.names("contents.tools", of: report) == ["chat": threads * 6])
      let models = Self.names("contents.models", of: report)
      #expect(models[HostileReport.markup] == threads)
      #expect(models["model-0"] == 20 && models["model-1"] == 10)
      #expect(Self.member("contents.models.absent", of: report) as? Int == threads)
      #expect(
        Self.names("mapping.unknownMessageFields", of: report) == [
          HostileReport.markup: threads * 6
        ])
      #expect(Self.names("mapping.unknownSessionFields", of: report) == ["workspace": threads])
      let days = Self.member("contents.timeline.entries", of: report) as? [[String: Any]] ?? []
      #expect(days.reduce(0) { $0 + ($1["messages"] as? Int ?? 0) } == threads * 6)
      #expect(Self.member("contents.timeline.undated", of: report) as? Int == threads)
    }
  }

  @Test func `rejects are grouped, and the groups add up to all of them`() async throws {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(in: directory)
      let report = try Self.report(directory)
      let lines = try #require(report["rejectLines"] as? Int)
      #expect(Self.member("rejectClusters.total", of: report) as? Int == lines)
      let clusters = try #require(
        Self.member("rejectClusters.clusters", of: report) as? [[String: Any]])
      let totals = clusters.compactMap { $0["total"] as? Int }
      #expect(totals.reduce(0, +) == lines && totals == totals.sorted(by: >))
      let moderator = try #require(clusters.first { $0["pattern"] as? String == "moderator" })
      #expect(moderator["total"] as? Int == 62)
      #expect(Self.member("change.value", of: moderator) as? String == "{moderator: system}")
      #expect(Self.member("example.line", of: moderator) as? Int == 1)
      #expect(Self.member("example.input", of: moderator) as? String == HostileReport.inputs[0])
      #expect(clusters.contains { $0["pattern"] as? String == "99/99/9999" })
      #expect(clusters.contains { $0["value"] as? String == "number" })
    }
  }

  @Test func `the setting a group names loads its records`() async throws {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(in: directory)
      let clusters = try #require(
        Self.member("rejectClusters.clusters", of: try Self.report(directory)) as? [[String: Any]])
      var settings: [String] = []
      var helped = 0
      var roles: [String] = []
      for cluster in clusters {
        guard let key = Self.member("change.key", of: cluster) as? String,
          let value = Self.member("change.value", of: cluster) as? String
        else { continue }
        helped += try #require(cluster["total"] as? Int)
        if key == "transform.roles" {
          roles.append(String(value.dropFirst().dropLast()))
        } else {
          settings += ["--set", "\(key)=\(value)"]
        }
      }
      #expect(helped == 62 * 3)
      settings += ["--set", "transform.roles={\(roles.joined(separator: ", "))}"]
      let before = try Self.report(directory)["rejectLines"] as? Int ?? 0
      _ = try await HostileReport.run(in: directory, options: settings)
      #expect(try Self.report(directory)["rejectLines"] as? Int == before - helped)
    }
  }

  @Test func `a report says what has changed since the one before of its pipeline`() async throws {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(in: directory)
      #expect(try Self.report(directory)["previous"] is NSNull)
      _ = try await HostileReport.run(
        in: directory, options: ["--set", "transform.roles={moderator: system}"])
      let changes = try #require(
        Self.member("previous.differences", of: try Self.report(directory)) as? [[String: Any]])
      let named = Dictionary(
        uniqueKeysWithValues: changes.compactMap { change in
          (change["name"] as? String).map { ($0, change) }
        })
      #expect(named["role.unknown"]?["before"] as? Int == 124)
      #expect(named["role.unknown"]?["after"] as? Int == 62)
      #expect(named["role.mapped"]?["after"] as? Int == 124)
      #expect(named["time.range"] == nil)
      _ = try await HostileReport.run(in: directory, options: ["--set", "name=another"])
      #expect(try Self.report(directory)["previous"] is NSNull)
      try directory.write("report/report.json", "damaged")
      #expect(try await HostileReport.run(in: directory).status == 3)
    }
  }

  /// A dump's rows are no JSON, and a table's in no file; their own tests have fields nobody knows.
  @Test(
    arguments: SourceFormat.allCases.filter { $0 != .messagesDump && $0 != .conversationsTable })
  func `every field the mapping names is known, and one it does not name is not`(
    format: SourceFormat
  ) async throws {
    try await TemporaryDirectory.with { directory in
      // What has a blank in it is no field but a way to say where a value comes from.
      let paths = FieldMapping.of(format).map(\.source).filter { !$0.contains(" ") }
      let list = paths.first { $0.contains("[]") }
      let unknown =
        list.map { path in String(path.prefix { $0 != "." }) + ".unheard_of" } ?? "unheard_of"
      let record = Self.record(paths + [unknown])
      let line = try JSONSerialization.data(withJSONObject: record, options: .sortedKeys)
      try directory.write("pipeline.yaml", "source: {format: \(format.rawValue)}\n")
      try directory.write("k.jsonl", [UInt8](line) + [0x0A])
      let ended = try await ConvoyProcess.run(
        [
          "run", "pipeline.yaml", "--dry-run", "--offline", "--report", "report", "--input",
          "k.jsonl",
        ], environment: ["CONVOY_HOME": "/proc/none"], directory: directory.path)
      #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
      let report = try Self.report(directory)
      let rows = try #require(Self.member("contents.rows.messages", of: report) as? Int)
      #expect(rows > 0)
      #expect(Self.names("mapping.unknownSessionFields", of: report).isEmpty)
      #expect(Self.names("mapping.unknownMessageFields", of: report) == ["unheard_of": 1])
    }
  }

  /// A record with a value at each of the paths.
  private static func record(_ paths: [String]) -> [String: Any] {
    var record: [String: Any] = [:]
    for path in paths.sorted() {
      put(path.split(separator: ".").map(String.init), into: &record)
    }
    return record
  }

  private static func put(_ path: [String], into object: inout [String: Any]) {
    let name = path[0].replacing("[]", with: "")
    let isList = path[0].hasSuffix("[]")
    guard path.count > 1 else {
      object[name] = object[name] ?? value(of: name)
      return
    }
    let there = isList ? (object[name] as? [Any])?.first : object[name]
    var inner = there as? [String: Any] ?? [:]
    put(Array(path.dropFirst()), into: &inner)
    object[name] = isList ? [inner] : inner
  }

  private static func value(of name: String) -> Any {
    switch name {
    case "role": "user"
    case "op": "call_tool"
    case "start_ts", "_ts": 1_758_300_000
    case "ts", "timestamp", "created_at", "last_updated_at": "2025-06-11T18:02:00Z"
    case "files", "images", "tools", "functions": ["x"]
    case "arguments": "{}"
    case "prompt_tokens", "completion_tokens", "cost_usd", "response_time_ms": 3
    case "usage", "model_metadata": [String: Any]()
    default: "x"
    }
  }

  @Test func `the time of a load is reckoned from earlier loads where there are enough`()
    async throws
  {
    try await RunScene.with { scene in
      try scene.directory.write("few.jsonl", ManyThreads.text(10))
      try scene.directory.write("many.jsonl", ManyThreads.text(2000, prefix: "m"))
      try await scene.run("threads", ["few.jsonl"], options: ["--dry-run"]).expect()
      let first = try Self.report(scene.directory)
      #expect(Self.member("estimate.basis", of: first) as? String == "dry-run")
      #expect(Self.member("estimate.rows", of: first) as? Int == 60)
      try await scene.run("threads", ["many.jsonl"]).expect()
      #expect(try Self.report(scene.directory)["estimate"] is NSNull)
      try await scene.run("threads", ["few.jsonl"], options: ["--dry-run"]).expect()
      let second = try Self.report(scene.directory)
      #expect(Self.member("estimate.basis", of: second) as? String == "earlier-loads")
      #expect(Self.member("estimate.runs", of: second) as? Int == 1)
    }
  }

  @Test func `JUnit XML has a case for each rule and input, which fails with its errors`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      _ = try await HostileReport.run(in: directory, options: ["--junit"])
      let cases = try JUnitCases(directory.read("report/junit.xml"))
      #expect(cases.failed.isSuperset(of: ["role.unknown", "time.range"]))
      #expect(cases.failed.isSuperset(of: HostileReport.inputs))
      #expect(cases.passed.isSuperset(of: ["time.naive", "json.depth", "dry-run"]))
      #expect(cases.failures == cases.failed.count)
      _ = try await HostileReport.run(in: directory, options: ["--junit", "ci.xml"])
      #expect(try JUnitCases(directory.read("ci.xml")).failed == cases.failed)
    }
  }
}

/// Test cases as an XML parser reads them.
private final class JUnitCases: NSObject, XMLParserDelegate {
  private(set) var passed: Set<String> = []
  private(set) var failed: Set<String> = []
  /// What the file says of itself.
  private(set) var failures = -1
  private var open = ""

  init(_ bytes: [UInt8]) throws {
    super.init()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = self
    guard parser.parse() else { throw TestFailure("no XML: \(parser.lineNumber)") }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    switch name {
    case "testsuites": failures = attributes["failures"].flatMap { Int($0) } ?? -1
    case "testcase":
      open = attributes["name"] ?? ""
      passed.insert(open)
    case "failure":
      passed.remove(open)
      failed.insert(open)
    default: break
    }
  }
}
