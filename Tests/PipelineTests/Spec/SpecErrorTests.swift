import Foundation
import Testing

@testable import Pipeline

@Suite struct SpecErrorTests {
  static let start = "source:\n  format: threads\n"

  /// YAML below a whole `source` section of two lines, and the refusal after `p.yaml:`.
  @Test(arguments: [
    ("load: {batchRows: 0}", "3: load.batchRows: must be 1…1000000, is 0"),
    ("load:\n  batchRows: 1000001", "4: load.batchRows: must be 1…1000000, is 1000001"),
    (
      "load:\n  batchRows: lots", "4: load.batchRows: must be a whole number 1…1000000, is \"lots\""
    ),
    ("load:\n  batchRows: '20'", "4: load.batchRows: must be a whole number 1…1000000, is \"20\""),
    ("load:\n  batchRows: 1.5", "4: load.batchRows: must be a whole number 1…1000000, is \"1.5\""),
    (
      "load:\n  batchRows:\n    - 1",
      "4: load.batchRows: must be a whole number 1…1000000, is a list"
    ),
    ("load:\n  workers: 65", "4: load.workers: must be 1…64, is 65"),
    (
      "ledger:\n  keep: 90",
      "4: ledger.keep: must be 0 or a number with s, m, h or d, 0…36500d, is 90"
    ), ("ledger:\n  keep: -1d", "4: ledger.keep: must be 0…36500d, is -1d"),
    ("load:\n  batchBytes: 63KiB", "4: load.batchBytes: must be 64KiB…64MiB, is 63KiB"),
    ("load:\n  batchBytes: 1GiB", "4: load.batchBytes: must be 64KiB…64MiB, is 1GiB"),
    (
      "load:\n  batchBytes: 4MB",
      "4: load.batchBytes: must be bytes, or a number with KiB, MiB or GiB, 64KiB…64MiB, is \"4MB\""
    ),
    ("report: {samples: -1}", "3: report.samples: must be 0…1000, is -1"),
    ("report: {directory: ''}", "3: report.directory: must be text that is not empty, is \"\""),
    ("transform:\n  titleLength: 501", "4: transform.titleLength: must be 1…500, is 501"),
    (
      "transform:\n  title: newest",
      "4: transform.title: must be one of stored, first-user-message, none, is \"newest\""
    ),
    ("transform: {ids: v4}", "3: transform.ids: must be one of v8, v5, is \"v4\""),
    (
      "transform: {text: drop}",
      "3: transform.text: must be one of reject, replace, mark, is \"drop\""
    ),
    (
      "transform:\n  roles:\n    critic: judge",
      "5: transform.roles.critic: must be one of user, assistant, system, is \"judge\""
    ),
    (
      "transform:\n  roles: system",
      "4: transform.roles: must be a mapping such as {key: value}, is \"system\""
    ),
    (
      "transform:\n  metadata:\n    add:\n      by:",
      "6: transform.metadata.add.by: must be text that is not empty, is empty"
    ),
    (
      "transform: {userId: \"a\\0b\"}",
      "3: transform.userId: must be text that is not empty, is \"a\\u0000b\""
    ),
    (
      "transform: {timeZone: Melbourne}",
      "3: transform.timeZone: must be an IANA zone such as Australia/Melbourne, is \"Melbourne\""
    ),
    (
      "transform: {timeZone: {threads: Melbourne}}",
      "3: transform.timeZone.threads: must be an IANA zone such as Australia/Melbourne, is \"Melbourne\""
    ),
    (
      "transform: {timeZone: {agent-memroy: UTC}}",
      "3: transform.timeZone.agent-memroy: no store has this name; did you mean agent-memory?"
    ),
    (
      "transform: {timeZone: GMT+3}",
      "3: transform.timeZone: must be an IANA zone such as Australia/Melbourne, is \"GMT+3\""
    ),
    (
      "transform:\n  since: 2024-02-30",
      "4: transform.since: must be a date such as 2024-01-31 or a time such as "
        + "2024-01-31T09:30:00Z, is \"2024-02-30\""
    ),
    (
      "transform:\n  since: 2024-02-01\n  until: 2024-02-01",
      "5: transform.until: must be after transform.since, which is 2024-02-01T00:00:00Z"
    ),
    (
      "transform:\n  earliest: 2040-01-01",
      "4: transform.earliest: leaves no possible time: transform.latest is before transform.earliest"
    ),
    ("name: My Pipe", "3: name: must be a name of a-z, 0-9 and -, is \"My Pipe\""),
    ("load: fast", "3: load: must be a mapping of keys, is \"fast\""),
    ("load:\n  - fast", "3: load: must be a mapping of keys, is a list"),
  ])
  func `a wrong value is refused with line, key path and what is allowed`(
    yaml: String, refusal: String
  ) {
    #expect(PipelineSpecTests.refusal(Self.start + yaml) == "p.yaml:\(refusal)")
  }

  @Test(arguments: [
    ("load:\n  batchRow: 5", "4: load.batchRow: unknown key; did you mean load.batchRows?"),
    ("load:\n  batch_bytes: 5", "4: load.batch_bytes: unknown key; did you mean load.batchBytes?"),
    ("batchRows: 5", "3: batchRows: unknown key; did you mean load.batchRows?"),
    ("tranform: {ids: v8}", "3: tranform: unknown key; did you mean transform?"),
    (
      "transform:\n  metadata:\n    store: all",
      "5: transform.metadata.store: unknown key; known here: unmapped, provenance, add"
    ),
    (
      "version: 2",
      "3: version: unknown key; known here: name, description, source, transform, validate, load, ledger, export, files, store, attach, report"
    ),
    (
      "<<: {load: {}}",
      "3: <<: unknown key; known here: name, description, source, transform, validate, load, ledger, export, files, store, attach, report"
    ),
    ("[a]: 5", "3: has a key that is not text"),
    (
      "load:\n  postgres://u:secret@h: local",
      "4: load.…: unknown key; known here: target, passwordCommand, batchBytes, batchRows, "
        + "conflict, strategy, maxRejects, maxRejectRatio, maxRejectRatioAfter, maxFindings, workers"
    ),
  ])
  func `an unknown key is refused with the one probably meant, else those there are`(
    yaml: String, refusal: String
  ) {
    #expect(PipelineSpecTests.refusal(Self.start + yaml) == "p.yaml:\(refusal)")
  }

  @Test func `a repeated key is refused with its path and both lines, at every depth`() {
    let yaml = """
      source:
        format: threads
      load:
        batchRows: 5
        workers: 1
        "batchRows": 6
        batchRows: 7
      transform:
        roles: {a: user, b: user, a: system}
      load: {}
      """
    #expect(
      PipelineSpecTests.refusal(yaml) == """
        p.yaml:6: load.batchRows: is given more than once, first on line 4
        p.yaml:7: load.batchRows: is given more than once, first on line 4
        p.yaml:9: transform.roles.a: is given more than once, first on line 9
        p.yaml:10: load: is given more than once, first on line 3
        """)
  }

  @Test(arguments: [
    ("name: a\n&x load: {}\n&x load: {}", "p.yaml:2: has a key more than once: load"),
    ("name: a\n\"l\\u006Fad\": {}\nload: {}", "p.yaml:2: has a key more than once: load"),
  ])
  func `a repeated key behind an anchor or an escape is refused with its name`(
    yaml: String, refusal: String
  ) {
    #expect(PipelineSpecTests.refusal(yaml) == refusal)
  }

  @Test(arguments: [
    (
      "",
      "p.yaml: source.format: is missing; must be one of threads, chat-history, openai-chat, request-response, tool-calls, auggie, conversation-tracker, agent-memory, messages-dump, conversations-table, auto"
    ),
    (
      "# nothing\nsource:\n  inputs: [x]",
      "p.yaml:2: source.format: is missing; must be one of threads, chat-history, openai-chat, request-response, tool-calls, auggie, conversation-tracker, agent-memory, messages-dump, conversations-table, auto"
    ),
    (
      "source:\n  format: thread",
      "p.yaml:2: source.format: must be one of threads, chat-history, openai-chat, request-response, tool-calls, auggie, conversation-tracker, agent-memory, messages-dump, conversations-table, auto, is \"thread\""
    ),
    (
      "source: {format: threads, inputs: samples}",
      "p.yaml:1: source.inputs: must be a list such as [samples/threads], is \"samples\""
    ),
    (
      "source:\n  format: threads\n  inputs:\n  - a\n  - ''",
      "p.yaml:5: source.inputs[1]: must be text that is not empty, is \"\""
    ),
    ("threads", "p.yaml:1: must be a mapping of keys, is \"threads\""),
    ("source: threads", "p.yaml:1: source: must be a mapping of keys, is \"threads\""),
  ])
  func `a source that names no format or no paths is refused`(yaml: String, refusal: String) {
    #expect(PipelineSpecTests.refusal(yaml) == refusal)
  }

  @Test(arguments: [
    ("source:\n\tformat: threads", "p.yaml:2: is not YAML: "),
    ("source: {format: threads", "p.yaml:2: is not YAML: "),
    ("source:\r\n  format: 'threads\r\n", "p.yaml:3: is not YAML: "),
    ("a: 1\n---\nb: 2", "p.yaml:2: is not one YAML document: "),
    ("a: *nowhere", "p.yaml:1: is not one YAML document: "),
    ("a: 1\nb: \u{1}", "p.yaml:2: is not YAML: "),
  ])
  func `text that is not one YAML document is refused with its line`(yaml: String, start: String) {
    let refusal = PipelineSpecTests.refusal(yaml)
    #expect(refusal.hasPrefix(start), "\(refusal)")
    #expect(!refusal.contains("\n"))
  }

  @Test func `a variable in a flow list without quotes is refused with the remedy`() {
    let refusal = PipelineSpecTests.refusal("source: {format: threads, inputs: [${INPUT}]}")
    #expect(refusal.hasSuffix("; inside [ ] and { } put quotes around ${…}"), "\(refusal)")
  }

  @Test func `all mistakes are told at once, in the order of the file, overrides last`() {
    let yaml = "load:\n  workers: 0\n  batchRows: x\nsource:\n  format: threads\n  input: [a]\n"
    #expect(
      PipelineSpecTests.refusal(yaml, overrides: ["report.samples=-1"]) == """
        p.yaml:2: load.workers: must be 1…64, is 0
        p.yaml:3: load.batchRows: must be a whole number 1…1000000, is "x"
        p.yaml:6: source.input: unknown key; did you mean source.inputs?
        --set report.samples: must be 0…1000, is -1
        """)
  }

  @Test func `an error holds its place, key path and allowed values`() throws {
    let error = #expect(throws: SpecErrors.self) {
      try PipelineSpecTests.spec(Self.start + "load:\n  batchRows: 0")
    }
    let first = try #require(error?.errors.first)
    #expect(error?.errors.count == 1)
    #expect(first.file == "p.yaml")
    #expect(first.line == 4)
    #expect(first.column == 14)
    #expect(first.keyPath == "load.batchRows")
    #expect(first.problem == "must be 1…1000000, is 0")
    #expect(first.allowed == "1…1000000")
    #expect(!first.isOverride)
  }

  @Test func `a file that cannot be a pipeline is refused by its path`() throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "spec-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }  // A leftover is harmless.
    let cases: [(String, [UInt8]?, String)] = [
      ("missing.yaml", nil, "no such file"),
      (
        "large.jsonl", Array(repeating: 0x20, count: 1 << 20 + 1),
        "is larger than 1 MiB: not a pipeline file"
      ),
      ("latin1.yaml", Array("name: caf".utf8) + [0xE9], "is not UTF-8 text"),
    ]
    for (name, bytes, problem) in cases {
      let file = directory.appending(path: name)
      if let bytes { try Data(bytes).write(to: file) }
      let error = #expect(throws: SpecErrors.self) {
        try PipelineSpec.load(path: file.path(), overrides: [], environment: [:])
      }
      #expect(error?.description == "\(file.path()): \(problem)")
    }
    let error = #expect(throws: SpecErrors.self) {
      try PipelineSpec.load(path: directory.path(), overrides: [], environment: [:])
    }
    #expect(error?.description == "\(directory.path()): is a directory, must be a YAML file")
    let marked = directory.appending(path: "bom.yaml")
    try Data("\u{FEFF}source: {format: threads}".utf8).write(to: marked)
    let spec = try PipelineSpec.load(path: marked.path(), overrides: [], environment: [:])
    #expect(spec.name == "bom")
  }
}
