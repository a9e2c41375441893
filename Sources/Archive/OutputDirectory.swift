internal import Glibc

/// A directory that appears under its name only when it is complete.
///
/// Files go into a directory of a hidden name beside it (`.convoy-….tmp`), which is removed if the value ends
/// without ``finish()``; only a killed process leaves it behind, for ``removeUnfinished(in:)``. Nobody but the
/// user may enter it. It holds files only, no directories.
public struct OutputDirectory: ~Copyable, Sendable {
  /// Where the directory will appear.
  public let path: String
  /// What the directory will be called.
  public let name: String
  /// Where its files are to be made until then.
  public let temporaryPath: String
  private let parent: String
  private var isRenamed = false

  /// Makes the hidden directory.
  /// - Parameters:
  ///   - name: what the directory will be called.
  ///   - parent: an existing directory.
  /// - Throws: ``FileError``; `EEXIST` when there is something of that name already.
  public init(_ name: String, in parent: String) throws(FileError) {
    let path = "\(parent)/\(name)"
    var status = stat()
    guard unsafe lstat(path, &status) != 0 else {
      throw FileError(.make, path: path, errno: EEXIST)
    }
    let temporaryPath = Self.hiddenPath(in: parent)
    guard unsafe mkdir(temporaryPath, 0o700) == 0 else {
      throw FileError(.make, path: path, errno: errno)
    }
    self.path = path
    self.name = name
    self.temporaryPath = temporaryPath
    self.parent = parent
  }

  deinit {
    // What cannot be removed now is removed by the next one who looks for unfinished directories.
    if !isRenamed { try? Self.remove(temporaryPath) }
  }

  /// Forces the directory to disk and moves it to its path; its files are forced there already.
  /// - Throws: ``FileError``; with operation `sync` the directory may be in place.
  public consuming func finish() throws(FileError) {
    try OutputFile.syncDirectory(temporaryPath)
    guard unsafe rename(temporaryPath, path) == 0 else {
      throw FileError(.rename, path: path, errno: errno)
    }
    isRenamed = true
    try OutputFile.syncDirectory(parent)
  }

  private static let prefix = ".convoy-"

  private static func hiddenPath(in parent: String) -> String {
    "\(parent)/\(prefix)\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
  }

  /// Removes what killed processes left behind; whoever calls must know that none is at work there.
  /// - Parameter parent: the directory to look in.
  /// - Throws: ``FileError``.
  public static func removeUnfinished(in parent: String) throws(FileError) {
    for name in try unfinished(in: parent) { try remove("\(parent)/\(name)") }
  }

  /// Names of the hidden directories that are there, of killed processes or of ones at work.
  /// - Parameter parent: the directory to look in.
  /// - Returns: none where it is not there.
  /// - Throws: ``FileError``.
  public static func unfinished(in parent: String) throws(FileError) -> [String] {
    do throws(FileError) {
      return try DirectoryEntries.hidden(in: parent)
        .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".tmp") }
    } catch {
      guard error.errno == ENOENT else { throw error }
      return []
    }
  }

  /// Removes a directory of files, the directory's own name first, so that a half-removed one is seen by nobody.
  /// - Parameter path: a directory that was made by this type.
  /// - Throws: ``FileError``.
  public static func removeFinished(_ path: String) throws(FileError) {
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let hidden = hiddenPath(in: parent)
    guard unsafe rename(path, hidden) == 0 else {
      throw FileError(.remove, path: path, errno: errno)
    }
    try remove(hidden)
  }

  private static func remove(_ path: String) throws(FileError) {
    let entries = try DirectoryEntries(path: path)
    for name in entries.names + (try DirectoryEntries.hidden(in: path)) {
      guard unsafe unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
        throw FileError(.remove, path: "\(path)/\(name)", errno: errno)
      }
    }
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
      throw FileError(.remove, path: path, errno: errno)
    }
  }
}

/// Gives a file a second name, which shares its bytes.
/// - Parameters:
///   - path: the file.
///   - name: the second name, on the same file system.
/// - Returns: false where the file system or its limits do not allow it, so that the bytes have to be copied.
/// - Throws: ``FileError`` for any other reason.
public func hardLink(_ path: String, as name: String) throws(FileError) -> Bool {
  guard unsafe link(path, name) != 0 else { return true }
  switch errno {
  case EXDEV, EMLINK, EPERM, ENOTSUP, ENOSYS: return false
  default: throw FileError(.link, path: name, errno: errno)
  }
}

/// Removes a file.
/// - Parameter path: the file.
/// - Throws: ``FileError``.
public func removeFile(_ path: String) throws(FileError) {
  guard unsafe unlink(path) == 0 else { throw FileError(.remove, path: path, errno: errno) }
}
