public import Archive

/// An export made ready to run: root and target chosen; nothing is connected to or written yet.
public struct ExportPlan: Sendable {
  /// What the command line sets over the pipeline file.
  public struct Options: Sendable {
    /// Database that replaces the pipeline's and the environment's.
    public var target: String?
    /// Connections that replace the pipeline's.
    public var connections: Int?
    /// Report directory that replaces the pipeline's.
    public var reportDirectory: String?
    /// Whether nothing is written, and only said what would be.
    public var isDryRun = false

    /// Makes options that set nothing.
    public init() {}
  }

  /// The pipeline file, as its path was given.
  public let file: String
  /// The pipeline as written.
  public let spec: PipelineSpec
  /// Where rows come from.
  public let target: TargetChoice
  /// Where archives go; where those of a bucket are put together before they are sent.
  public let root: ArchiveRoot
  /// The bucket that archives go to; nil where they stay in the directory.
  public let bucket: BucketPlan?
  /// For whom parts are encrypted; nil for nobody.
  public let encryption: ArchiveEncryption?
  /// Where the objects are that are kept; nil where only their rows are.
  public let store: StorePlan?
  /// Parts read at a time.
  public let connections: Int
  /// Where the report goes.
  public let reportDirectory: ReportDirectory
  /// Whether nothing is written.
  public let isDryRun: Bool

  /// Raw bytes after which a member is cut.
  static let memberBytes = 1 << 20

  /// Resolves a pipeline whose kind is `export`.
  ///
  /// - Parameters:
  ///   - file: its path, for messages.
  ///   - spec: what the file says.
  ///   - options: what the command line says over it.
  ///   - environment: variables that may name the database.
  /// - Throws: ``RunError``, as where nothing names a database, or `PostgresError` for a target that cannot be read.
  public init(
    file: String, spec: PipelineSpec, options: Options, environment: [String: String]
  ) throws {
    self.file = file
    self.spec = spec
    target = try TargetChoice.resolve(
      options.target, or: spec.export, of: file, environment: environment)
    bucket = try BucketPlan(spec.export.root, spec.store, environment: environment)
    root = ArchiveRoot(path: try Self.directory(spec.export.root, bucket, environment))
    encryption = try spec.export.encrypt.encryption(file)
    store = try Self.store(file, spec, environment)
    connections = options.connections ?? spec.export.connections
    reportDirectory = ReportDirectory(path: options.reportDirectory ?? spec.report.directory)
    isDryRun = options.isDryRun
  }

  private static func directory(
    _ path: String, _ bucket: BucketPlan?, _ environment: [String: String]
  ) throws(RunError) -> String {
    guard let bucket else { return path }
    let place = bucket.root.description.replacing(":", with: "-").replacing("/", with: "-")
    return try StateDirectory(environment: environment).path + "/archives/\(place)"
  }

  private static func store(
    _ file: String, _ spec: PipelineSpec, _ environment: [String: String]
  ) throws(RunError) -> StorePlan? {
    guard spec.export.files == .objects else { return nil }
    guard
      spec.export.tables.contains(where: { QualifiedName($0).sql == QualifiedName("files").sql })
    else {
      throw RunError(
        .badPipeline, "\(file): export.files: objects are named by rows of files",
        hint: "add files to export.tables")
    }
    return try StorePlan(spec.store, environment: environment)
  }

  /// Where archives go, as it was written.
  var place: String { spec.export.root }

  var tables: [QualifiedName] { spec.export.tables.map { QualifiedName($0) } }

  /// Members of one part that are rendered and not yet written, at most.
  static let window = LoadSpec.defaultWorkers + 1

  /// What the run's memory stays below, unless a single row is larger than a member.
  ///
  /// A member is held as rows and compressed.
  public var memoryCeilingBytes: Int {
    32 << 20 + connections * (Self.window + 1) * Self.memberBytes * 2
  }
}

extension EncryptSpec {
  fileprivate func encryption(_ file: String) throws(RunError) -> ArchiveEncryption? {
    switch (age.isEmpty, gpg.isEmpty) {
    case (true, true): nil
    case (false, true): ArchiveEncryption(.age, recipients: age)
    case (true, false): ArchiveEncryption(.gpg, recipients: gpg)
    case (false, false):
      throw RunError(
        .badPipeline, "\(file): export.encrypt has recipients of age and of gpg",
        hint: "one program encrypts all parts; keep one list")
    }
  }
}
