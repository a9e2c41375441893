/// What one run did: every number exact, samples capped beside their true totals.
public struct RunReport: Sendable {
  /// Whether rows were written.
  public enum Mode: String, Sendable {
    /// Rows were written.
    case load
    /// All was read and checked and nothing written; counts are what a load would have.
    case dryRun = "dry-run"
  }

  /// How the run ended.
  public enum Outcome: String, Sendable {
    /// Everything was loaded, or was there already.
    case done
    /// The run finished, and some records were rejected.
    case rejects
    /// The run stopped, because more was wrong than the pipeline allows.
    case overBudget = "over-budget"
    /// The run gave up.
    case failed
    /// The run was stopped by a signal, between two batches.
    case interrupted
  }

  /// One input and what became of its records.
  public struct Input: Sendable {
    /// Path as the plan names it.
    public var path: String
    /// The dialect it was read as; nil when it held nothing to tell by.
    public var dialect: String?
    /// Bytes read, after inflating.
    public var bytes: Int
    /// Bytes on disk of a compressed input; nil for others.
    public var compressedBytes: Int?
    /// What became of its records.
    public var tally: Tally

    /// Makes an input's part of the report.
    public init(
      path: String, dialect: String?, bytes: Int = 0, compressedBytes: Int? = nil,
      tally: Tally = Tally()
    ) {
      self.path = path
      self.dialect = dialect
      self.bytes = bytes
      self.compressedBytes = compressedBytes
      self.tally = tally
    }
  }

  /// Rows written to one table, as the server counted them.
  public struct TableRows: Sendable {
    /// Name of the table.
    public var table: String
    /// Rows inserted or updated.
    public var rows: Int

    /// Makes a table's part of the report.
    public init(table: String, rows: Int) {
      self.table = table
      self.rows = rows
    }
  }

  /// Batches by what became of them.
  public struct Batches: Sendable {
    /// Batches the inputs were cut into, as far as they were read.
    public var total = 0
    /// Committed by this run.
    public var committed = 0
    /// Skipped because the ledger has them from a former run.
    public var alreadyCommitted = 0
    /// Committed by way of a temporary table, because rows of theirs were in the target.
    public var merged = 0
    /// Tries of batches that failed in a way that passed, or that were halved.
    public var retries = 0

    /// Makes counts of nothing.
    public init() {}
  }

  /// The plan of a run: what a dry run leaves, or a load is held to.
  public struct Plan: Sendable {
    /// Path of the plan.
    public var file: String
    /// Where the load came out other than the plan says, a line each; nil for a dry run, and for a load
    /// that did not get to its end.
    public var differences: [String]?

    /// Whether the load came out as the plan says; nil where that is not known.
    public var isAsPredicted: Bool? { differences.map(\.isEmpty) }
  }

  /// Version of convoy.
  public var version: String
  /// Name of the pipeline.
  public var pipelineName: String
  /// Path of the pipeline file.
  public var pipelineFile: String
  /// Whether rows were written.
  public var mode: Mode
  /// How the run ended.
  public var outcome: Outcome
  /// Place and reason, when the run failed.
  public var failure: String?
  /// The target, without password or other secrets.
  public var target: String
  /// When the run began, RFC 3339.
  public var startedAt: String
  /// When the run ended, RFC 3339.
  public var finishedAt: String
  /// Time from beginning to end.
  public var seconds: Double = 0
  /// The inputs, in the order of their index in a ``Place``.
  public var inputs: [Input] = []
  /// Rows written to each table.
  public var rowsWritten: [TableRows] = []
  /// Records and times of the stages, summed over the workers.
  public var stages = StageTotals()
  /// Problems in the data.
  public var findings = FindingLog()
  /// How bad breaking each rule is in this run.
  public var rules = RuleSettings.defaults
  /// What the rows are made of.
  var facts = RunFacts()
  /// Rejects by what is wrong with them.
  var clusters = RejectClusters()
  /// Where the fields of the source went.
  var mapping: [MappedField] = []
  /// How long a load would take; nil for a load, and where nothing would be loaded.
  var estimate: LoadEstimate?
  /// What the report that was in its place said, where that was of the same pipeline.
  var previous: PreviousReport?
  /// Lines in rejects.jsonl.
  public var rejectLines = 0
  /// Batches by what became of them.
  public var batches = Batches()
  /// Bytes read from disk or standard input, before inflating.
  public var bytesRead = 0
  /// Most resident memory of the process, in bytes.
  public var peakMemoryBytes = 0
  /// What became of indexes and the foreign key meanwhile; nil for a dry run.
  var strategy: BulkLoad?
  /// The plan it left or was held to; nil for none.
  public var plan: Plan?
  /// What became of files, beside the counts; nil for a run without any.
  var files: FileFigures?
  /// Workers that ran at a time.
  public var workers = 0
  /// Limit of a batch in bytes.
  public var batchBytes = 0
  /// Limit of a batch in rows.
  public var batchRows = 0

  /// Makes the report of a run that has done nothing yet.
  public init(
    version: String, pipelineName: String, pipelineFile: String, mode: Mode, outcome: Outcome,
    target: String, startedAt: String, finishedAt: String
  ) {
    self.version = version
    self.pipelineName = pipelineName
    self.pipelineFile = pipelineFile
    self.mode = mode
    self.outcome = outcome
    self.target = target
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}
