internal import Archive
internal import Glibc

/// A file that comes into being with its first write and grows at its end; closed with the value.
struct AppendFile: ~Copyable, Sendable {
  let path: String
  private let permissions: mode_t
  private var descriptor: CInt = -1

  /// Names the file; nothing is on disk yet.
  init(path: String, permissions: UInt32) throws(FileError) {
    // A C string ends at its first NUL: another file than the one asked for would be written.
    guard !path.utf8.contains(0) else { throw FileError(.open, path: path, errno: EINVAL) }
    self.path = path
    self.permissions = mode_t(permissions)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Removes a file of this name that is there from before.
  borrowing func removeFormer() throws(FileError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw FileError(.write, path: path, errno: errno)
    }
  }

  /// Writes all of `bytes`, and makes the file if this is the first write.
  ///
  /// A file that appeared under the name meanwhile belongs to somebody else and is refused.
  mutating func write(_ bytes: borrowing Span<UInt8>) throws(FileError) {
    if descriptor < 0 {
      descriptor = unsafe open(
        path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, permissions)
      guard descriptor >= 0 else { throw FileError(.open, path: path, errno: errno) }
    }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.extracting(written...).withUnsafeBufferPointer { rest in
        unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.write, path: path, errno: errno) }
      written += count
    }
  }

  /// Forces what was written to disk.
  borrowing func sync() throws(FileError) {
    guard descriptor < 0 || fsync(descriptor) == 0 else {
      throw FileError(.sync, path: path, errno: errno)
    }
  }
}
