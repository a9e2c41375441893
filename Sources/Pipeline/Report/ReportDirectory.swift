public import Archive
internal import Glibc

/// The directory of one run's report and rejects.
public struct ReportDirectory: Sendable, Hashable {
  /// The directory as the caller named it.
  public let path: String

  /// Names a directory, without touching it.
  public init(path: String) {
    self.path = path
  }

  /// Where the report goes.
  public var reportPath: String { path + "/report.json" }

  /// Where the report for people goes.
  public var pagePath: String { path + "/report.html" }

  /// Where the report for CI systems goes, unless it is given another place.
  public var junitPath: String { path + "/junit.xml" }

  /// Where rejected records go.
  public var rejectsPath: String { path + "/rejects.jsonl" }

  /// Where a dry run's plan goes.
  public var planPath: String { path + "/plan.json" }

  /// Makes the directory and those above it, where they are missing.
  /// - Throws: ``FileError`` for the first one that could not be made.
  public func create() throws(FileError) {
    guard !path.utf8.contains(0) else { throw FileError(.open, path: path, errno: EINVAL) }
    var made = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? name : "/" + name
      // A file in the way is found when something is opened below it.
      guard unsafe mkdir(made, 0o777) == 0 || errno == EEXIST else {
        throw FileError(.write, path: made, errno: errno)
      }
    }
  }

  /// Removes a former run's report, which would speak for this one if this one never got to write its own.
  func removeReport() throws(FileError) {
    for path in [reportPath, pagePath, junitPath] { try remove(path) }
  }

  /// Removes a former dry run's plan.
  func removePlan() throws(FileError) { try remove(planPath) }

  private func remove(_ path: String) throws(FileError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw FileError(.write, path: path, errno: errno)
    }
  }
}
