public import Archive

/// Where a command finds archives: a directory, or a bucket.
public enum ArchivePlace: Sendable {
  /// A directory of archives.
  case directory(ArchiveRoot)
  /// A bucket of them.
  case bucket(BucketPlan)

  /// Reads what stands for all archives of a place.
  ///
  /// - Parameters:
  ///   - text: a directory's path, or `store:BUCKET/PREFIX`.
  ///   - store: address of the project; nil for `SUPABASE_URL`.
  ///   - environment: as for ``StorePlan``.
  /// - Throws: ``RunError``.
  public init(
    root text: String, store: String?, environment: [String: String]
  ) throws(RunError) {
    let bucket = try BucketPlan(text, Self.spec(store), environment: environment)
    self = bucket.map { .bucket($0) } ?? .directory(ArchiveRoot(path: text))
  }

  /// Opens one archive.
  ///
  /// - Parameters:
  ///   - text: its directory, or `store:BUCKET/PREFIX/<UTC time>`.
  ///   - store: address of the project; nil for `SUPABASE_URL`.
  ///   - environment: as for ``StorePlan``.
  /// - Returns: the archive, without a key.
  /// - Throws: ``RunError``, of kind `overBudget` where the manifest is damaged or missing.
  public static func open(
    _ text: String, store: String?, environment: [String: String]
  ) async throws(RunError) -> ArchiveDirectory {
    let path = text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    guard let whole = try BucketRoot(path) else {
      return try RunError.onArchive { () throws(ArchiveError) in try ArchiveDirectory(path: path) }
    }
    guard let (root, name) = whole.archive else {
      throw RunError(
        .failed, "\(path): names no archive",
        hint: "convoy archive list \(path) shows those there are")
    }
    return try await BucketPlan(root, spec(store), environment: environment).open().open(name)
  }

  private static func spec(_ store: String?) -> StoreSpec {
    var spec = StoreSpec()
    spec.url = store
    return spec
  }

  /// Reads the manifest of every archive.
  ///
  /// - Returns: those that can be read, and why others cannot.
  /// - Throws: ``RunError`` when the place cannot be read.
  public func history() async throws(RunError) -> ArchiveHistory {
    switch self {
    case .directory(let root): try ArchiveHistory(root)
    case .bucket(let plan): try await plan.open().history()
    }
  }

  /// Removes the archives that no rule keeps, the oldest first.
  ///
  /// - Parameters:
  ///   - retention: the policy.
  ///   - isDryRun: whether nothing is removed.
  ///   - warn: told why something that may not be needed stays.
  /// - Returns: names of those that were, or would be, removed.
  /// - Throws: ``RunError``, of kind `locked` while a run works in the directory.
  public func prune(
    _ retention: Retention, isDryRun: Bool, _ warn: (String) -> Void
  ) async throws -> [String] {
    switch self {
    case .directory(let root): try ArchiveRemoval(root, retention).run(isDryRun: isDryRun)
    case .bucket(let plan):
      try await BucketRemoval(plan.open(), retention).run(isDryRun: isDryRun, warn)
    }
  }
}
