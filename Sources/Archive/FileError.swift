internal import Glibc

/// A call on a file or directory failed.
public struct FileError: Error, Sendable, Hashable {
  /// What was being done, worded to follow "cannot".
  public enum Operation: String, Sendable {
    /// Opening a file or directory.
    case open
    /// Reading bytes or directory entries.
    case read
    /// Writing bytes.
    case write
    /// Asking for size, times or type.
    case stat
    /// Moving the finished temporary file into place.
    case rename
    /// Forcing bytes or a directory entry to disk.
    case sync
    /// Making a directory.
    case make
    /// Giving a file a second name.
    case link
    /// Removing a file or directory.
    case remove
    /// Closing a written file, where some file systems report a failed write.
    case close
    /// Expanding a pattern into paths.
    case expand
    /// Turning a name on disk into text.
    case decode = "represent as UTF-8"
  }

  /// What was being done.
  public let operation: Operation
  /// The path as the caller gave it; `-` is standard input.
  public let path: String
  /// The cause, as `errno` had it.
  public let errno: Int32

  /// Whether nothing is at the path, or no longer.
  public var isMissing: Bool { errno == ENOENT || errno == ENOTDIR }

  /// Makes an error from a cause saved right after the failing call.
  public init(_ operation: Operation, path: String, errno: Int32) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }
}

extension FileError: CustomStringConvertible {
  /// The path, what could not be done, and the system's words for why.
  public var description: String {
    let place = path == "-" ? "standard input" : path
    return "\(place): cannot \(operation.rawValue): \(reason)"
  }

  private var reason: String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}
