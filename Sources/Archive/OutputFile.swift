internal import Glibc

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary file in the same directory (`.convoy-….tmp`), which is removed if the
/// value ends without ``finish()``; only a killed process leaves it behind. Every write is a system
/// call: collect small pieces first.
public struct OutputFile: ~Copyable, Sendable {
  /// Where the file will appear.
  public let path: String
  /// Bytes written so far.
  public private(set) var bytesWritten = 0
  private let temporaryPath: String
  private var descriptor: CInt
  private var isRenamed = false

  /// Creates the temporary file.
  /// - Parameters:
  ///   - path: a file there is replaced when finished, a symbolic link itself and not its target.
  ///   - permissions: mode bits before the umask; `0o600` for what nobody else may read.
  /// - Throws: ``FileError``; a directory at `path` is refused with `EISDIR`, a device, FIFO or
  ///   socket with `ENOTSUP`, because renaming would replace it.
  public init(path: String, permissions: UInt32 = 0o666) throws(FileError) {
    try Self.refuseUnlessReplaceable(path)
    let directory = Self.directory(of: path)
    var temporaryPath: String
    var descriptor: CInt
    repeat {
      let name = String(UInt64.random(in: 0 ... .max), radix: 16)
      temporaryPath = "\(directory)/.convoy-\(name).tmp"
      descriptor = unsafe open(
        temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
    } while descriptor < 0 && (errno == EEXIST || errno == EINTR)
    guard descriptor >= 0 else { throw FileError(.open, path: path, errno: errno) }
    self.path = path
    self.temporaryPath = temporaryPath
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isRenamed { unsafe unlink(temporaryPath) }
  }

  /// Writes all of `bytes`.
  /// - Throws: ``FileError``; how much was written then is unknown, so the file is to be dropped.
  public mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      let count = unsafe rest.withUnsafeBufferPointer { source in
        unsafe Glibc.write(descriptor, source.baseAddress, source.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.write, path: path, errno: errno) }
      written += count
    }
    bytesWritten += written
  }

  /// Forces the bytes to disk and moves the file to its path, replacing what was there.
  /// - Parameter isDurable: false leaves it to the system when the bytes go to disk, for what can be
  ///   made again: a power failure may then leave a file of the right length with wrong bytes.
  /// - Throws: ``FileError``. The old file is then untouched, except with operation `sync` for the
  ///   directory: the new file is in place, but a power failure could still undo that.
  public consuming func finish(isDurable: Bool = true) throws(FileError) {
    guard !isDurable || fsync(descriptor) == 0 else {
      throw FileError(.sync, path: path, errno: errno)
    }
    // Closed even when it fails, so never twice.
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw FileError(.close, path: path, errno: errno) }
    guard unsafe rename(temporaryPath, path) == 0 else {
      throw FileError(.rename, path: path, errno: errno)
    }
    isRenamed = true
    if isDurable { try Self.syncDirectory(Self.directory(of: path)) }
  }

  static func syncDirectory(_ path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.sync, path: path, errno: errno) }
    defer { close(descriptor) }
    // EINVAL: a file system without directory sync, which has nothing better to offer.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileError(.sync, path: path, errno: errno)
    }
  }

  private static func refuseUnlessReplaceable(_ path: String) throws(FileError) {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(path: path)
    } catch {
      // An empty path would fail only when the file is finished.
      guard error.errno == ENOENT && !path.isEmpty else { throw error }
      return
    }
    switch status.kind {
    case .regular: return
    case .directory: throw FileError(.open, path: path, errno: EISDIR)
    default: throw FileError(.open, path: path, errno: ENOTSUP)
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
