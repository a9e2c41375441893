internal import FoundationEssentials

#if canImport(Glibc)
  internal import Glibc
#endif

/// Room on the disk of a server on this machine.
enum DiskSpace {
  /// Bytes an ordinary user may still write where a server keeps its data.
  ///
  /// A directory of that name may belong to another server than the one that answers, behind a forwarded
  /// port or in a container; only its own lock file has the time it was started.
  ///
  /// - Parameters:
  ///   - directory: the server's data directory, as it says itself.
  ///   - startedAt: when the server started, in seconds since 1970.
  /// - Returns: nil when the directory cannot be seen or is another server's.
  static func freeBytes(ofServerIn directory: String, startedAt: String?) -> Int? {
    // No file, or none that may be read, means that the disk cannot be seen.
    let lock = try? String(contentsOfFile: "\(directory)/postmaster.pid", encoding: .utf8)
    let lines = (lock ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    // Lines: process, directory, time of start, …; the server takes the two times a moment apart.
    guard lines.count > 2, let written = Int(lines[2]),
      let started = startedAt.flatMap({ Int($0) }),
      abs(written - started) <= 2
    else { return nil }
    var facts = statvfs()
    guard unsafe statvfs(directory, &facts) == 0 else { return nil }
    return Int(facts.f_bavail) * Int(facts.f_frsize)
  }
}
