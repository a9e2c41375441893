import Foundation
import Testing

@testable import Pipeline

@Suite struct PipelineSpecTests {
  /// What `text` is refused with, one line a mistake; empty when it is not refused.
  static func refusal(
    _ text: String, overrides: [String] = [], environment: [String: String] = [:]
  ) -> String {
    do {
      _ = try PipelineSpec.parse(
        text, file: "p.yaml", overrides: overrides, environment: environment)
      return ""
    } catch {
      return error.description
    }
  }

  static func spec(
    _ text: String, file: String = "p.yaml", overrides: [String] = [],
    environment: [String: String] = [:]
  ) throws -> PipelineSpec {
    try PipelineSpec.parse(text, file: file, overrides: overrides, environment: environment)
  }

  static let pipelines = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "pipelines")

  @Test func `a file with only a format has every default`() throws {
    let spec = try Self.spec("source: {format: threads}", file: "dir/Legacy_Threads v2.yaml")
    var expected = PipelineSpec(name: "legacy-threads-v2", format: .threads)
    #expect(spec == expected)
    #expect(spec.report.directory == "convoy-report/legacy-threads-v2")
    #expect(spec.load.target == nil)
    #expect((1...8).contains(spec.load.workers))
    expected.load.batchRows = 7
    #expect(spec != expected)
  }

  @Test func `every key is read into its own property`() throws {
    let spec = try Self.spec(
      """
      name: all-keys
      description: every key once
      source:
        format: openai-chat
        inputs: [a.jsonl, "b/*.gz", -]
      transform:
        userId: 42
        title: none
        titleLength: 500
        timeZone: Australia/Melbourne
        earliest: 2021-02-03
        latest: 2022-02-03T04:05:06.5+01:00
        since: 2021-05-01T00:00:00Z
        until: 2021-06-01
        roles: {critic: assistant, tool: user}
        text: mark
        historyBlocks: strip
        ids: v5
        metadata:
          unmapped: drop
          provenance: drop
          add: {batch: "7", a.b: x}
      load:
        target: service=prod
        batchBytes: 64KiB
        batchRows: 1_000
        workers: 3
      report:
        directory: out
        samples: 0
      """)
    var expected = PipelineSpec(
      name: "all-keys", format: .openAIChat, inputs: ["a.jsonl", "b/*.gz", "-"])
    expected.description = "every key once"
    expected.transform.userId = "42"
    expected.transform.title = .none
    expected.transform.titleLength = 500
    expected.transform.timeZone = TimeZones("Australia/Melbourne")
    expected.transform.earliestMicroseconds = 1_612_310_400_000_000
    expected.transform.latestMicroseconds = 1_643_857_506_500_000
    expected.transform.sinceMicroseconds = 1_619_827_200_000_000
    expected.transform.untilMicroseconds = 1_622_505_600_000_000
    expected.transform.roles = [
      "critic": .assistant, "tool": .user, "function": .system, "developer": .system,
      "human": .user, "ai": .assistant, "model": .assistant,
    ]
    expected.transform.text = .mark
    expected.transform.historyBlocks = .strip
    expected.transform.ids = .v5
    expected.transform.metadata.unmapped = .drop
    expected.transform.metadata.provenance = .drop
    expected.transform.metadata.add = ["batch": "7", "a.b": "x"]
    expected.load.target = .service("prod")
    expected.load.batchBytes = 65_536
    expected.load.batchRows = 1000
    expected.load.workers = 3
    expected.report.directory = "out"
    expected.report.samples = 0
    #expect(spec == expected)
  }

  @Test func `an empty key or section means its default`() throws {
    let spec = try Self.spec(
      "name:\nsource: {format: threads}\ntransform:\nload: {target: ~, batchRows: null}\n")
    #expect(spec == PipelineSpec(name: "p", format: .threads))
  }

  @Test(arguments: [
    ("legacy-threads", SourceFormat.threads, "samples/threads"),
    ("chat-history", SourceFormat.chatHistory, "samples/chat-history"),
    ("openai-chat", SourceFormat.openAIChat, "samples/openai-chat"),
    ("request-response", SourceFormat.requestResponse, "samples/request-response"),
    ("tool-calls", SourceFormat.toolCalls, "samples/tool-calls"),
    ("auggie", SourceFormat.auggie, "samples/auggie"),
    ("conversation-tracker", SourceFormat.conversationTracker, "samples/conversation-tracker"),
    ("agent-memory", SourceFormat.agentMemory, "samples/agent-memory"),
    ("legacy-messages-dump", SourceFormat.messagesDump, "samples/messages-dump"),
    ("legacy-threads-table", SourceFormat.messagesDump, "samples/threads-table"),
    ("message-bus", SourceFormat.messagesDump, "samples/message-bus"),
    ("legacy-files-tables", SourceFormat.messagesDump, "samples/files-tables"),
  ])
  func `a shipped pipeline reads its sample, or the input a variable names`(
    name: String, format: SourceFormat, sample: String
  ) throws {
    let path = Self.pipelines.appending(path: "\(name).yaml").path()
    let spec = try PipelineSpec.load(path: path, overrides: [], environment: [:])
    #expect(spec.name == name)
    #expect(spec.source == PipelineSpec(name: name, format: format, inputs: [sample]).source)
    #expect(spec.transform.userId == "legacy-import")
    #expect(spec.load == LoadSpec())
    let other = try PipelineSpec.load(
      path: path, overrides: [], environment: ["CONVOY_INPUT": "my/*.jsonl"])
    #expect(other.source.inputs == ["my/*.jsonl"])
  }

  @Test func `every default in the reference is what its key, written out, is read as`() throws {
    let worded = [
      "the file's name", "", "no limit", "convoy-report/<name>", "CONVOY_PASSWORD_COMMAND", "none",
      "those of the format", "each format's own", "each form's own",
    ]
    var written = ["source.format=threads"]
    for key in PipelineSpec.reference
    where !worded.contains(key.defaultText)
      && !["load.target", "load.workers"].contains(key.keyPath)
      && !["export.", "files.", "store."].contains(where: key.keyPath.hasPrefix)
    {
      written.append("\(key.keyPath)=\(key.defaultText)")
    }
    #expect(written.count == 40)
    let spec = try Self.spec("", overrides: written)
    #expect(spec == PipelineSpec(name: "p", format: .threads))
  }

  @Test func `every default of an export is what its key, written out, is read as`() throws {
    var written = ["export.root=archives"]
    for key in PipelineSpec.reference
    where key.keyPath.hasPrefix("export.") && !key.defaultText.isEmpty
      && !["target", "passwordCommand", "connections", "every", "metricsFile"]
        .contains(String(key.keyPath.dropFirst(7)))
    {
      written.append("\(key.keyPath)=\(key.defaultText)")
    }
    #expect(written.count == 16)
    var expected = PipelineSpec(name: "p", format: .threads)
    expected.kind = .export
    expected.export.root = "archives"
    #expect(try Self.spec("", overrides: written) == expected)
  }

  @Test(arguments: [
    ("export: {root: a}\nsource: {format: threads}", "2: source: does not go with export"),
    ("export: {root: a}\nload: {workers: 3}", "2: load: does not go with export"),
    ("export: {level: 6}", "1: export.root: is missing; must be directory of the archives"),
    ("export: {root: a, tables: []}", "1: export.tables: must be a list such as"),
    ("export: {root: a, tables: [t, u, t]}", "1: export.tables[2]: is in the list already"),
    ("export: {root: a, level: 10}", "1: export.level: must be 1…9, is 10"),
    (
      "export: {root: a, keep: {dayly: 2}}",
      "1: export.keep.dayly: unknown key; did you mean export.keep.daily?"
    ),
  ])
  func `an export has no input and no load, and a root`(text: String, expected: String) {
    #expect(Self.refusal(text).hasPrefix("p.yaml:\(expected)"), "\(Self.refusal(text))")
  }

  @Test func `the shipped export keeps sessions, messages and files`() throws {
    let path = Self.pipelines.appending(path: "nightly-export.yaml").path()
    let spec = try PipelineSpec.load(path: path, overrides: [], environment: [:])
    #expect(spec.kind == .export)
    #expect(spec.export.root == "convoy-archives")
    #expect(spec.export.tables == ["exai_sessions", "exai_messages", "files"])
    #expect(!spec.export.keep.keepsAll)
  }

  @Test func `reference rows give key, type, default, allowed values and meaning`() throws {
    let row = try #require(PipelineSpec.reference.first { $0.keyPath == "load.batchBytes" })
    #expect(row.type == "size")
    #expect(row.defaultText == "4MiB")
    #expect(row.allowed == "64KiB…64MiB")
    #expect(row.meaning == "source bytes after which a batch is cut")
    #expect(PipelineSpec.reference.allSatisfy { !$0.meaning.isEmpty })
  }

  @Test func `the fingerprint text holds format and transform with their defaults`() throws {
    let spec = try Self.spec("source: {format: threads}")
    #expect(
      String(decoding: spec.fingerprintBytes(), as: UTF8.self) == """
        source.format=threads
        transform.userId=legacy-import
        transform.title=stored
        transform.titleLength=50
        transform.timeZone=UTC
        transform.earliest=2020-01-01T00:00:00Z
        transform.latest=2035-12-31T23:59:59Z
        transform.since=null
        transform.until=null
        transform.roles={ai: assistant, developer: system, function: system, human: user, \
        model: assistant, tool: system}
        transform.text=replace
        transform.historyBlocks=keep
        transform.redact=false
        transform.ids=v8
        transform.metadata.unmapped=keep
        transform.metadata.provenance=keep
        transform.metadata.add={}

        """)
  }

  @Test func `the fingerprint forgets order, comments, load and report, and nothing else`() throws {
    let base = try Self.spec(
      """
      source: {format: threads}
      transform: {ids: v8, metadata: {add: {a: "1", b: "2"}}}
      """)
    let same = try Self.spec(
      """
      # a comment
      name: other
      load: {batchRows: 5, target: local}
      report: {samples: 9}
      transform:
        metadata: {add: {b: "2", a: "1"}}
        roles: {tool: system}
        ids: "v8"
      source: {inputs: [x], format: threads}
      """)
    #expect(base.fingerprintBytes() == same.fingerprintBytes())
    for change in [
      "source.format=chat-history", "source.encoding=windows-1252", "transform.userId=u",
      "transform.title=none",
      "transform.titleLength=51", "transform.timeZone=Asia/Tokyo", "transform.earliest=2019-01-01",
      "transform.latest=2036-01-01", "transform.since=2024-01-01", "transform.until=2024-01-01",
      "transform.roles.critic=user", "transform.text=mark", "transform.ids=v5",
      "transform.historyBlocks=strip",
      "transform.metadata.unmapped=drop", "transform.metadata.provenance=drop",
      "transform.metadata.add.a=2", "transform.metadata.add.c=\"\\n\"",
    ] {
      let changed = try Self.spec(
        "source: {format: threads}\ntransform: {metadata: {add: {a: \"1\", b: \"2\"}}}",
        overrides: [change])
      #expect(changed.fingerprintBytes() != base.fingerprintBytes(), "\(change)")
    }
  }
}
