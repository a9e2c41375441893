/// A pipeline file as written, with the default of every key left out; nothing is opened or connected.
///
/// Keys, ranges and meanings are in ``reference``; a property has the name of its key, with the unit
/// where it has one.
public struct PipelineSpec: Sendable, Hashable {
  /// Name in reports and logs: `a-z`, `0-9` and `-`.
  public var name: String
  /// One line for people.
  public var description = ""
  /// Where the conversations come from.
  public var source: SourceSpec
  /// What becomes of them.
  public var transform = TransformSpec()
  /// What is looked at, and how much it weighs.
  public var validate = ValidateSpec()
  /// Where and how rows are stored.
  public var load = LoadSpec()
  /// What is written to archives.
  public var export = ExportSpec()
  /// Which files are stored.
  public var files = FilesSpec()
  /// Where the bytes of files go.
  public var store = StoreSpec()
  /// Which files that messages name are stored.
  public var attach = AttachSpec()
  /// What the pipeline does; the sections of the other kinds are as if empty.
  public var kind = PipelineKind.load
  /// What the target remembers of runs.
  public var ledger = LedgerSpec()
  /// What is told about the run.
  public var report: ReportSpec

  /// Makes the pipeline that a file with only these keys describes.
  public init(name: String, format: SourceFormat, inputs: [String] = []) {
    self.name = name
    source = SourceSpec(format: .one(format), inputs: inputs)
    report = ReportSpec(directory: "convoy-report/\(name)")
  }
}

/// Section `transform`: everything here decides what the rows are.
public struct TransformSpec: Sendable, Hashable {
  /// Owner of every session.
  public var userId = "legacy-import"
  /// Where a session's title comes from.
  public var title = TitleRule.stored
  /// Characters a title is cut to.
  public var titleLength = 50
  /// Zones of times written without one.
  public var timeZone = TimeZones<SourceFormat>()
  /// First possible time, in microseconds since 1970 in UTC.
  public var earliestMicroseconds: Int64 = 1_577_836_800_000_000
  /// Last possible time, in microseconds since 1970 in UTC.
  public var latestMicroseconds: Int64 = 2_082_758_399_000_000
  /// Messages before it are filtered; in microseconds since 1970 in UTC.
  public var sinceMicroseconds: Int64?
  /// Messages at it or later are filtered; in microseconds since 1970 in UTC.
  public var untilMicroseconds: Int64?
  /// Stored role for each role of the source that is not itself one of the stored ones.
  public var roles = TransformSpec.defaultRoles
  /// What to do with text that Postgres cannot hold.
  public var text = TextPolicy.replace
  /// What becomes of the conversation so far in what a user said.
  public var historyBlocks = HistoryBlockPolicy.keep
  /// What becomes of rows whose text is NULL.
  public var nullText = NullText.reject
  /// What becomes of embeddings.
  public var embeddings = EmbeddingPolicy.drop
  /// Secrets that are replaced in what is stored.
  public var redact: Set<SecretKind> = []
  /// How ids are made.
  public var ids = IdScheme.v8
  /// What goes to the metadata column.
  public var metadata = MetadataSpec()

  /// Makes the section as an empty one is read.
  public init() {}

  /// The roles known without any in the file; a file's own are added and win.
  public static let defaultRoles: [String: StoredRole] = [
    "tool": .system, "function": .system, "developer": .system,
    "human": .user, "ai": .assistant, "model": .assistant,
  ]
}

/// Section `transform.metadata`.
public struct MetadataSpec: Sendable, Hashable {
  /// Whether fields without a column are stored.
  public var unmapped = Keep.keep
  /// Whether file, line and index of the source are stored.
  public var provenance = Keep.keep
  /// Fixed values put on every session.
  public var add: [String: String] = [:]

  /// Makes the section as an empty one is read.
  public init() {}
}

/// Section `load`.
public struct LoadSpec: Sendable, Hashable {
  /// The database; nil leaves it to the environment.
  public var target: LoadTarget?
  /// Shell command that prints the password of a target that gives none.
  public var passwordCommand: String?
  /// Source bytes after which a batch is cut.
  public var batchBytes = 4 << 20
  /// Rows after which a batch is cut.
  public var batchRows = 20_000
  /// What becomes of rows the target has already.
  public var conflict = ConflictSpec()
  /// What becomes of indexes and foreign keys meanwhile.
  public var strategy = LoadStrategy.auto
  /// Lines of rejects after which the run stops; nil for any number.
  public var maxRejects: Int?
  /// Share of rejects in the records read after which the run stops; nil for any.
  public var maxRejectRatio: Double?
  /// Records to read before the share counts.
  public var maxRejectRatioAfter = 1000
  /// Findings of a rule after which the run stops.
  public var maxFindings: [String: Int] = [:]
  /// Batches worked on at a time, each with its own connection.
  public var workers = LoadSpec.defaultWorkers

  /// Makes the section as an empty one is read.
  public init() {}
}

/// Section `load.conflict`.
public struct ConflictSpec: Sendable, Hashable {
  /// For sessions.
  public var sessions = ConflictPolicy.skip
  /// For messages.
  public var messages = ConflictPolicy.skip

  /// Makes the section as an empty one is read.
  public init() {}
}

/// Section `ledger`.
public struct LedgerSpec: Sendable, Hashable {
  /// Seconds after which the batches of a finished run are forgotten.
  public var keepSeconds = 90 * 86_400

  /// Makes the section as an empty one is read.
  public init() {}
}

/// Section `report`.
public struct ReportSpec: Sendable, Hashable {
  /// Directory the report is written to.
  public var directory: String
  /// Findings shown for each rule; totals are always exact.
  public var samples = 5
}
