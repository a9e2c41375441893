internal import Glibc

/// What tells cheaply that a file is probably the one seen before: size and modification time.
public struct InputFingerprint: Hashable, Sendable {
  /// Size in bytes.
  public let size: Int
  /// Modification time in nanoseconds since 1970.
  public let modificationTimeNanoseconds: Int64

  /// Makes a fingerprint from recorded values.
  public init(size: Int, modificationTimeNanoseconds: Int64) {
    self.size = size
    self.modificationTimeNanoseconds = modificationTimeNanoseconds
  }

  /// Asks the file system, following symbolic links.
  /// - Parameter path: any path that exists.
  /// - Throws: ``FileError``.
  public init(path: String) throws(FileError) {
    self.init(try FileStatus(path: path))
  }

  init(_ status: FileStatus) {
    size = status.size
    modificationTimeNanoseconds = status.modificationTimeNanoseconds
  }

  /// Bytes of each end that a fingerprint looks at.
  public static let endBytes = 65_536

  /// Reads the first and the last bytes of a regular file; a short file has them overlap.
  /// - Parameters:
  ///   - path: a regular file.
  ///   - bytes: how many from each end; the whole file when it is shorter.
  /// - Returns: the raw bytes, compressed or not, as they are on disk.
  /// - Throws: ``FileError``; `ESPIPE` for what has no end to seek to.
  public static func headAndTail(
    path: String, bytes: Int = endBytes
  ) throws(FileError) -> (head: [UInt8], tail: [UInt8]) {
    let file = try InputFile(path: path)
    guard let size = file.size else { throw FileError(.read, path: path, errno: ESPIPE) }
    let head = try file.bytes(at: 0, upTo: min(bytes, size))
    let tail = try file.bytes(at: max(0, size - bytes), upTo: min(bytes, size))
    return (head, tail)
  }
}
