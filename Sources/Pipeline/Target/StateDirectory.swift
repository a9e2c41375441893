internal import FoundationEssentials
#if canImport(Glibc)
  internal import Glibc
#endif

/// Where convoy keeps what outlives a run on this machine.
///
/// `CONVOY_HOME` if set; else `/var/lib/convoy` for root, because root's own home is closed to the
/// unprivileged user a local server runs as; else `$XDG_STATE_HOME/convoy`; else
/// `~/.local/state/convoy`.
public struct StateDirectory: Sendable, Hashable {
  /// Absolute path, without symbolic links resolved.
  public let path: String

  /// Finds the directory; does not make it.
  ///
  /// - Parameters:
  ///   - environment: where the variables named above are looked up.
  ///   - isRoot: whether to decide for root; nil asks who the effective user is.
  /// - Throws: ``RunError`` when no variable tells where it is.
  public init(environment: [String: String], isRoot: Bool? = nil) throws(RunError) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let home = value("CONVOY_HOME") {
      path = Self.absolute(home)
    } else if isRoot ?? (geteuid() == 0) {
      path = "/var/lib/convoy"
    } else if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") {
      // The XDG specification has relative values ignored.
      path = Self.absolute(state) + "/convoy"
    } else if let home = value("HOME") {
      path = Self.absolute(home) + "/.local/state/convoy"
    } else {
      throw RunError(
        .fileAccess, "no place for local state: CONVOY_HOME, XDG_STATE_HOME and HOME are unset",
        hint: "set CONVOY_HOME to a directory")
    }
  }

  private static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}
