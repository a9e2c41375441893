internal import Archive
internal import Crypto
internal import FoundationEssentials

/// A pipeline made ready to run: inputs found, sections checked, target chosen; nothing is written yet.
public struct RunPlan: Sendable {
  /// What the command line sets over the pipeline file.
  public struct Options: Sendable {
    /// Inputs that replace the pipeline's; empty to keep them.
    public var inputs: [String] = []
    /// Target that replaces the pipeline's and the environment's.
    public var target: String?
    /// Workers that replace the pipeline's.
    public var workers: Int?
    /// Report directory that replaces the pipeline's.
    public var reportDirectory: String?
    /// Where a report for CI systems goes; empty for `junit.xml` in the report directory, nil for none.
    public var junitPath: String?
    /// Whether everything is done but the keeping.
    public var isDryRun = false
    /// Whether a dry run asks no target.
    public var isOffline = false
    /// Whether batches the ledger has are loaded again; rows that are there stay unchanged.
    public var isRestart = false
    /// Path of the plan that a load is held to; nil for none.
    public var heldPlan: String?

    /// Makes options that set nothing.
    public init() {}
  }

  /// The pipeline file, as its path was given.
  public let file: String
  /// The pipeline as written.
  public let spec: PipelineSpec
  /// What the command line said.
  public let options: Options
  /// Where rows go.
  public let target: TargetChoice
  /// Batches worked on at a time.
  public let workers: Int
  /// Where the report goes.
  public let reportDirectory: ReportDirectory
  private(set) var inputs: [PlannedInput]
  let unreadable: [String]
  let skipped: [String]
  let transform: TransformPlan
  /// How much each rule weighs in this run.
  let rules: RuleSettings
  /// How the files that messages name are stored; nil where they are not.
  let attach: AttachPlan?
  /// The database whose tables are the inputs; nil where files are.
  private(set) var source: SourcePlan?
  /// What a file of rejects holds, where that is what is loaded.
  let retry: RetryIndex?

  /// Resolves a pipeline.
  ///
  /// - Parameters:
  ///   - file: its path, for messages.
  ///   - spec: what the file says.
  ///   - options: what the command line says over it.
  ///   - environment: variables that may name the target.
  /// - Throws: ``RunError``, or `PostgresError` for a target that cannot be read.
  public init(
    file: String, spec: PipelineSpec, options: Options, environment: [String: String]
  ) throws {
    self.file = file
    self.spec = spec
    self.options = options
    guard spec.kind == .load else {
      throw RunError(
        .badPipeline, "\(file): the pipeline \(spec.kind.work), and loads no records",
        hint: "convoy run \(file) --dry-run says what it would do")
    }
    workers = options.workers ?? spec.load.workers
    source = try SourcePlan.resolve(
      spec, connections: workers, of: file, environment: environment)
    let found = try Self.find(spec, options, source, file)
    target =
      options.isOffline
      ? .offline
      : try TargetChoice.resolve(options.target, or: spec.load, environment: environment)
    transform = try TransformPlan(spec.transform)
    rules = RuleSettings(spec.validate, start: .now)
    attach = try AttachPlan.resolve(
      spec, target: target, isOffline: options.isOffline, environment: environment)
    retry = nil
    inputs = found.inputs
    unreadable = found.unreadable
    skipped = found.skipped
    reportDirectory = ReportDirectory(path: options.reportDirectory ?? spec.report.directory)
  }

  /// The inputs a pipeline names: files, or the tables of its database.
  private static func find(
    _ spec: PipelineSpec, _ options: Options, _ source: SourcePlan?, _ file: String
  ) throws(RunError) -> InputFinder.Found {
    if let source {
      guard options.inputs.isEmpty else {
        throw RunError(
          .badPipeline,
          "\(file): --input does not go with source.database, whose tables are the input")
      }
      var found = InputFinder.Found()
      found.inputs = source.inputs
      return found
    }
    let names = options.inputs.isEmpty ? spec.source.inputs : options.inputs
    guard !names.isEmpty else {
      throw RunError(
        .badPipeline, "\(file): source.inputs: the pipeline names no input",
        hint: "add source.inputs to the file or give --input PATH")
    }
    var found = try InputFinder.find(names, format: spec.source.format)
    for index in found.inputs.indices {
      found.inputs[index].encoding = TextEncoding(spec.source.encoding)
    }
    guard spec.source.format != .auto || !found.inputs.isEmpty || !found.unreadable.isEmpty else {
      throw RunError(
        .fileAccess, "\(names.joined(separator: ", ")): no file there is a conversation",
        hint: "convoy detect says of each file what it is")
    }
    return found
  }

  /// The same plan with what is known of the tables once they have been looked at.
  func reading(_ database: SourceDatabase) -> RunPlan {
    var plan = self
    plan.inputs = database.inputs
    plan.source = database.plan
    return plan
  }

  /// Resolves a pipeline for the lines of a file of rejects, in place of its inputs.
  ///
  /// - Parameters:
  ///   - rejects: path of the file; it is read through once here, and never written.
  ///   - file: the pipeline's path, for messages.
  ///   - spec: what the pipeline says.
  ///   - options: what the command line says over it; the report goes to `retry` below the pipeline's
  ///     directory unless it names another.
  ///   - environment: variables that may name the target.
  /// - Throws: ``RunError``, or `PostgresError` for a target that cannot be read.
  public init(
    retrying rejects: String, file: String, spec: PipelineSpec, options: Options,
    environment: [String: String]
  ) throws {
    self.file = file
    self.spec = spec
    self.options = options
    guard spec.kind == .load else {
      throw RunError(.badPipeline, "\(file): the pipeline \(spec.kind.work), and loads no records")
    }
    target = try TargetChoice.resolve(
      options.target ?? spec.load.target?.connectionText, environment: environment)
    transform = try TransformPlan(spec.transform)
    rules = RuleSettings(spec.validate, start: .now)
    attach = try AttachPlan.resolve(spec, target: target, environment: environment)
    workers = options.workers ?? spec.load.workers
    reportDirectory = ReportDirectory(
      path: options.reportDirectory ?? spec.report.directory + "/retry")
    if PlannedInput.identity(rejects) == PlannedInput.identity(reportDirectory.rejectsPath) {
      throw RunError(
        .fileAccess, "\(rejects): the rejects that remain would be written over it",
        hint: "give them another place with --report DIR")
    }
    source = nil
    let index = try RetryIndex(rejects, format: spec.source.format)
    retry = index
    inputs = index.inputs
    unreadable = []
    skipped = []
  }

  /// The dialects of the inputs, in one order whatever theirs is.
  var dialects: [SourceFormat] {
    SourceFormat.allCases.filter { dialect in
      spec.source.format == .one(dialect)
        || spec.source.format == .auto && inputs.contains { $0.dialect == dialect }
    }
  }

  /// What the command says before a run of files that were told by their content and are left alone.
  public var skippedNote: String? {
    guard spec.source.format == .auto, !skipped.isEmpty else { return nil }
    let files = skipped.count == 1 ? "1 file is" : "\(skipped.count) files are"
    return "\(files) left alone; convoy plan \(file) says which"
  }

  /// Bytes of all inputs on disk; nil when one of them is a pipe, or a table that has not been looked at.
  public var inputBytes: Int? {
    var sum = 0
    for input in inputs {
      guard let size = input.size else { return nil }
      sum += size
    }
    return sum
  }

  /// What the run's memory stays below, unless a single record is larger than a batch.
  ///
  /// A worker holds a segment, its tape, the encoded rows and libpq's buffer; the reader holds the next
  /// segment and the part of a record left over.
  public var memoryCeilingBytes: Int {
    32 << 20 + (workers * 6 + 3) * spec.load.batchBytes
  }

  /// What makes two runs the same work, a line each: dialect, mapping, the rule batches are cut by, and
  /// what becomes of rows that are there.
  var ruleText: String {
    let conflict = spec.load.conflict
    return String(decoding: spec.fingerprintBytes(), as: UTF8.self)
      + "load.batchBytes=\(spec.load.batchBytes)\nload.batchRows=\(spec.load.batchRows)\nids=1\n"
      + (conflict.sessions == .skip ? "" : "load.conflict.sessions=\(conflict.sessions.rawValue)\n")
      + (conflict.messages == .skip ? "" : "load.conflict.messages=\(conflict.messages.rawValue)\n")
  }

  /// The same as bytes of one length, for keys of the ledger.
  var batchRule: [UInt8] { Array(SHA256.hash(data: Array(ruleText.utf8))) }
}

extension Timestamp {
  /// The present.
  static var now: Timestamp {
    Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
  }
}

extension TextEncoding {
  fileprivate init(_ encoding: InputEncoding) {
    self =
      switch encoding {
      case .utf8: .utf8
      case .windows1252: .windows1252
      }
  }
}
