/// One key of the pipeline file: everything the checks, the defaults, the fingerprint and the README say of it.
struct SpecKey: Sendable {
  let reference: SpecKeyReference
  let isRequired: Bool
  let isMap: Bool
  /// Reads a node that is not null into the spec, or refuses it.
  let read: @Sendable (SpecNode, inout PipelineSpec, inout SpecCheck) -> Void
  /// The value in a form that only equal values share, except for a target.
  let canonicalText: @Sendable (PipelineSpec) -> String

  /// Makes a key; its default is what a new spec has unless `default` says it in words.
  init<Value>(
    _ keyPath: String, _ type: SpecType<Value>,
    _ property: any WritableKeyPath<PipelineSpec, Value> & Sendable,
    default defaultText: String? = nil, isRequired: Bool = false, _ meaning: String
  ) {
    let show = type.show
    reference = SpecKeyReference(
      keyPath: keyPath, type: type.name,
      defaultText: isRequired
        ? "" : defaultText ?? show(PipelineSpec(name: "", format: .threads)[keyPath: property]),
      allowed: type.allowed ?? "", meaning: meaning)
    self.isRequired = isRequired
    isMap = type.isMap
    read = { [read = type.read] node, spec, check in
      guard let value = read(node, &check) else { return }
      spec[keyPath: property] = value
    }
    canonicalText = { show($0[keyPath: property]) }
  }

  /// Whether it is one of some keys, or in one of some sections.
  func isIn(_ paths: [String]) -> Bool {
    paths.contains { reference.keyPath == $0 || reference.keyPath.hasPrefix("\($0).") }
  }
}

/// One row of the key reference.
public struct SpecKeyReference: Sendable, Hashable {
  /// Dotted path of the key.
  public let keyPath: String
  /// Kind of value, in a word or two.
  public let type: String
  /// What an absent key means; empty for a key that must be there.
  public let defaultText: String
  /// Allowed values in a few words; empty when any of the type will do.
  public let allowed: String
  /// What the key does, on one line.
  public let meaning: String
}

extension PipelineSpec {
  /// Every key of a pipeline file, in the order of the sections.
  public static let reference: [SpecKeyReference] = keys.map(\.reference)

  /// The one list of keys; a key that is not here is refused as unknown.
  static let keys: [SpecKey] =
    commonKeys + sourceKeys + loadKeys + exportKeys + filesKeys + storeKeys + attachKeys
    + reportKeys

  private static let commonKeys: [SpecKey] = [
    SpecKey("name", .name, \.name, default: "the file's name", "name in reports and logs"),
    SpecKey("description", .text, \.description, default: "", "one line for people"),
  ]

  private static let loadKeys: [SpecKey] = [
    SpecKey("transform.userId", .text, \.transform.userId, "owner of every session"),
    SpecKey("transform.title", .choice, \.transform.title, "where titles come from"),
    SpecKey(
      "transform.titleLength", .integer(1...500), \.transform.titleLength,
      "characters a title is cut to"),
    SpecKey(
      "transform.timeZone", .timeZones(), \.transform.timeZone,
      default: "each format's own",
      "zone of times written without one: for all formats, or for some, such as {agent-memory: Asia/Tokyo}"
    ),
    SpecKey(
      "transform.earliest", .time, \.transform.earliestMicroseconds,
      "times before it are impossible"),
    SpecKey(
      "transform.latest", .time, \.transform.latestMicroseconds, "times after it are impossible"),
    SpecKey(
      "transform.since", SpecType.time.optional, \.transform.sinceMicroseconds,
      default: "no limit", "messages before it are filtered"),
    SpecKey(
      "transform.until", SpecType.time.optional, \.transform.untilMicroseconds,
      default: "no limit", "messages at it or later are filtered"),
    SpecKey(
      "transform.roles",
      .map(of: SpecType<StoredRole>.choice, over: TransformSpec.defaultRoles), \.transform.roles,
      "stored role for each role of the source; added to the default, and wins"),
    SpecKey(
      "transform.text", .choice, \.transform.text, "what to do with text Postgres cannot hold"),
    SpecKey(
      "transform.historyBlocks", .choice, \.transform.historyBlocks,
      "the conversation so far inside what a user said: stored with it, or in metadata only"),
    SpecKey(
      "transform.nullText", .choice, \.transform.nullText,
      "a row of a conversations table that has no text: rejected, or stored with an empty one"),
    SpecKey(
      "transform.embeddings", .choice, \.transform.embeddings,
      "embeddings of a conversations table: left there and counted, stored in metadata, or a file of each session"
    ),
    SpecKey(
      "transform.redact", .secretKinds, \.transform.redact,
      "secrets that are replaced by [redacted:<kind>] in what is stored; ids stay as they are"),
    SpecKey("transform.ids", .choice, \.transform.ids, "kind of UUID made from the data"),
    SpecKey(
      "transform.metadata.unmapped", .choice, \.transform.metadata.unmapped,
      "fields without a column: stored in metadata, or left out and counted"),
    SpecKey(
      "transform.metadata.provenance", .choice, \.transform.metadata.provenance,
      "file, line and index of the source: stored in metadata, or left out"),
    SpecKey(
      "transform.metadata.add", .map(of: SpecType<String>.text), \.transform.metadata.add,
      "fixed values put on every session"),

    SpecKey(
      "validate.severity", .severityOfRules, \.validate.severity,
      "severity of rules in place of their own, such as {secret.found: error}"),
    SpecKey(
      "validate.futureSeconds", .integer(0...31_536_000), \.validate.futureSeconds,
      "how far ahead of the run's start a time may be"),
    SpecKey(
      "validate.zoneShiftSeconds", .integer(1...1_200), \.validate.zoneShiftSeconds,
      "how near to whole hours a time must be off to count as one of another zone"),
    SpecKey(
      "validate.twoWritersMilliseconds", .integer(0...3_600_000),
      \.validate.twoWritersMilliseconds,
      "time within which an answer of the same text counts as written twice"),
    SpecKey(
      "validate.roleDifferenceMessages", .integer(0...1_000_000),
      \.validate.roleDifferenceMessages,
      "messages by which user or assistant may be ahead of the other"),
    SpecKey(
      "validate.repeatedContentBytes", .integer(1...Int.max), \.validate.repeatedContentBytes,
      "shortest text that is looked for in other sessions"),
    SpecKey(
      "validate.outlierTokens", .integer(1...Int.max), \.validate.outlierTokens,
      "tokens of a message beyond which a count is unlikely"),
    SpecKey(
      "validate.outlierCostDollars", .integer(0...9_999), \.validate.outlierCostDollars,
      "cost of a message beyond which it is unlikely"),
    SpecKey(
      "validate.fileRoots", .directories, \.validate.fileRoots,
      "directories in which the files that messages name are looked for; none to look for none"),

    SpecKey(
      "load.target", SpecType.target.optional, \.load.target,
      default: "DATABASE_URL, else PG*, else local", "the database; never with its password"),
    SpecKey(
      "load.passwordCommand", SpecType.command.optional, \.load.passwordCommand,
      default: "CONVOY_PASSWORD_COMMAND",
      "shell command that prints the password, where neither target nor PGPASSWORD holds one"),
    SpecKey(
      "load.batchBytes", .bytes((64 << 10)...(64 << 20)), \.load.batchBytes,
      "source bytes after which a batch is cut"),
    SpecKey(
      "load.batchRows", .integer(1...1_000_000), \.load.batchRows,
      "rows and rejects after which a batch is cut"),
    SpecKey(
      "load.conflict.sessions", .choice, \.load.conflict.sessions,
      "a session the target has already: left but for its times, updated if older, or the run ends"),
    SpecKey(
      "load.conflict.messages", .choice, \.load.conflict.messages,
      "a message the target has already: left, updated if older, or the run ends"),
    SpecKey(
      "load.strategy", .choice, \.load.strategy,
      "whether indexes and keys are dropped for the load and made again"),
    SpecKey(
      "load.maxRejects", SpecType.integer(0...Int.max).optional, \.load.maxRejects,
      default: "no limit", "rejects after which the run stops, with status 65"),
    SpecKey(
      "load.maxRejectRatio", SpecType.ratio.optional, \.load.maxRejectRatio, default: "no limit",
      "rejects for each record read after which the run stops"),
    SpecKey(
      "load.maxRejectRatioAfter", .integer(1...Int.max), \.load.maxRejectRatioAfter,
      "records read before the ratio counts"),
    SpecKey(
      "load.maxFindings", .limitOfRules, \.load.maxFindings,
      "findings of a rule after which the run stops, such as {text.replaced: 100}"),
    SpecKey(
      "load.workers", .integer(1...64), \.load.workers,
      default: "number of cores and one, at most 8",
      "batches worked on at a time, each with its own connection"),

    SpecKey(
      "ledger.keep", .duration(0...(36_500 * 86_400)), \.ledger.keepSeconds,
      "time after which the ledger forgets the batches of a finished run"),
  ]

  private static let reportKeys: [SpecKey] = [
    SpecKey(
      "report.directory", .text, \.report.directory, default: "convoy-report/<name>",
      "directory the report is written to"),
    SpecKey(
      "report.samples", .integer(0...1000), \.report.samples, "findings shown for each rule"),
  ]

  /// The sections and keys a pipeline of a kind cannot have.
  static func foreignKeys(of kind: PipelineKind) -> [String] {
    switch kind {
    case .load: ["export", "files"]
    case .export: ["source", "transform", "load", "ledger", "files", "attach"]
    case .files:
      [
        "source", "transform", "load.batchBytes", "load.conflict", "load.strategy", "export",
        "attach",
      ]
    }
  }
}
