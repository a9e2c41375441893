/// A pipeline that stores files, made ready to run; nothing is read, connected to or stored yet.
public struct FilesPlan: Sendable {
  /// What the command line sets over the pipeline file.
  public struct Options: Sendable {
    /// Roots that replace the pipeline's; empty to keep them.
    public var roots: [String] = []
    /// Database that replaces the pipeline's and the environment's.
    public var target: String?
    /// Files hashed at a time that replace the pipeline's number.
    public var workers: Int?
    /// Report directory that replaces the pipeline's.
    public var reportDirectory: String?
    /// Where a report for CI systems goes; empty for `junit.xml` in the report directory, nil for none.
    public var junitPath: String?
    /// Whether nothing is stored, and only said what would be.
    public var isDryRun = false

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
  /// Where bytes go.
  public let store: StorePlan
  /// Where the report goes.
  public let reportDirectory: ReportDirectory
  let state: StateDirectory
  let roots: [String]
  /// Where paths of registries lead.
  let writtenRoots: MentionRoots
  let zones: ZoneTable<ManifestForm>
  let rules: RuleSettings
  let workers: Int

  /// Resolves a pipeline whose kind is `files`.
  ///
  /// - Parameters:
  ///   - file: its path, for messages.
  ///   - spec: what the file says.
  ///   - options: what the command line says over it.
  ///   - environment: variables that may name database, store and state directory.
  /// - Throws: ``RunError``, or `PostgresError` for a target that cannot be read.
  public init(
    file: String, spec: PipelineSpec, options: Options, environment: [String: String]
  ) throws {
    self.file = file
    self.spec = spec
    self.options = options
    roots = options.roots.isEmpty ? spec.files.roots : options.roots
    guard !roots.isEmpty else {
      throw RunError(
        .badPipeline, "\(file): files.roots: the pipeline names no directory",
        hint: "add files.roots to the file or give --input PATH")
    }
    guard !roots.contains("-") else {
      throw RunError(.badPipeline, "\(file): files.roots: - is no directory or file")
    }
    target = try TargetChoice.resolve(options.target, or: spec.load, environment: environment)
    store = try StorePlan(spec.store, environment: environment)
    // Rows on a server that others read, and bytes on a disk that they cannot, is no default.
    guard
      target.isLocal || !store.isDirectory || spec.store.kind != nil || spec.store.directory != nil
    else {
      throw RunError(
        .badPipeline, "\(file): store: the target is not local, and no bucket is named",
        hint: "set SUPABASE_URL or store.url; or store.kind: directory to keep the bytes here")
    }
    state = try StateDirectory(environment: environment)
    writtenRoots = try MentionRoots(below: roots, map: spec.files.map, key: "files.map")
    zones = try ZoneTable(spec.files.timeZone, key: "\(file): files.timeZone")
    rules = RuleSettings(spec.validate, start: .now)
    workers = options.workers ?? spec.load.workers
    reportDirectory = ReportDirectory(path: options.reportDirectory ?? spec.report.directory)
  }

  /// What the report calls inputs: the roots, then the manifests.
  var inputs: [String] { roots + spec.files.manifest }
}
