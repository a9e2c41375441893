public import Archive

/// Removes the archives of a directory that no rule keeps.
public struct ArchiveRemoval: Sendable {
  private let root: ArchiveRoot
  private let retention: Retention

  /// Prepares to remove.
  public init(_ root: ArchiveRoot, _ retention: Retention) {
    self.root = root
    self.retention = retention
  }

  /// Removes, the oldest first.
  ///
  /// - Parameter isDryRun: whether nothing is removed.
  /// - Returns: names of the archives that were, or would be, removed.
  /// - Throws: ``RunError``, of kind `locked` while a run works in the directory.
  public func run(isDryRun: Bool) throws(RunError) -> [String] {
    try RunError.onFiles { () throws(FileError) in _ = try root.names() }
    guard !isDryRun else {
      return try ArchiveHistory(root).removable(retention).map(\.name)
    }
    guard let lock = try RunError.onFiles({ () throws(FileError) in try ArchiveLock(root) }) else {
      throw RunError(.locked, "a run works in \(root.path)", hint: "wait for it, or end it")
    }
    let removable = try ArchiveHistory(root).removable(retention)
    try RunError.onFiles { () throws(FileError) in
      for archive in removable { try OutputDirectory.removeFinished(archive.path) }
    }
    try Self.sweep(root) { _ in }
    _ = consume lock
    return removable.map(\.name)
  }

  /// Removes the objects that no archive names; none as long as there is an archive that cannot be read.
  ///
  /// Whoever calls holds the lock of the root.
  static func sweep(_ root: ArchiveRoot, _ warn: (String) -> Void) throws(RunError) {
    let history = try ArchiveHistory(root)
    var needed: Set<ContentDigest> = []
    var problems = history.problems
    for archive in history.archives {
      do throws(ArchiveError) {
        needed.formUnion(try ArchivedObject.list(of: archive).map(\.stored.sha256))
      } catch { problems.append(error) }
    }
    guard problems.isEmpty else {
      for problem in problems { warn("no object was removed: \(problem)") }
      return
    }
    _ = try RunError.onFiles { () throws(FileError) in
      try ObjectVault(root).removeAll(but: needed)
    }
  }
}
