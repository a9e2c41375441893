internal import Glibc

/// A file without a name, for what a run must remember and memory should not; gone when the value ends.
public struct ScratchFile: ~Copyable, Sendable {
  /// Bytes appended so far.
  public private(set) var size = 0
  private let directory: String
  private let descriptor: CInt

  /// A path under which this process and those it starts can open the file, as long as the value lives.
  public var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Makes an empty file.
  ///
  /// - Parameter directory: must exist; its file system takes the bytes.
  /// - Throws: ``FileError``.
  public init(in directory: String) throws(FileError) {
    var template = Array("\(directory)/.convoy-XXXXXX".utf8CString)
    let descriptor = unsafe template.withUnsafeMutableBufferPointer { name in
      guard let path = name.baseAddress else { return CInt(-1) }
      let made = unsafe mkstemp(path)
      // Without a name it cannot be left behind, whatever ends the process.
      if made >= 0 {
        unsafe unlink(path)
        _ = fcntl(made, F_SETFD, FD_CLOEXEC)
      }
      return made
    }
    guard descriptor >= 0 else { throw FileError(.open, path: directory, errno: errno) }
    self.descriptor = descriptor
    self.directory = directory
  }

  deinit { close(descriptor) }

  /// Appends bytes.
  ///
  /// - Parameter bytes: all of them are written.
  /// - Throws: ``FileError``, as when the file system is full.
  public mutating func append(_ bytes: Span<UInt8>) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 || errno == EINTR else {
        throw FileError(.write, path: directory, errno: errno)
      }
      written += max(0, count)
    }
    size += bytes.count
  }

  /// Reads bytes that were appended.
  ///
  /// - Parameters:
  ///   - offset: where they begin.
  ///   - count: how many they are.
  /// - Returns: exactly that many.
  /// - Throws: ``FileError``.
  public func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    precondition(offset >= 0 && count >= 0 && offset + count <= size, "range outside the file")
    var result: [UInt8] = []
    var failure: CInt = 0
    result.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        while initializedCount < count {
          let received = unsafe pread(
            descriptor, target.baseAddress?.advanced(by: initializedCount),
            count - initializedCount, off_t(offset + initializedCount))
          failure = received < 0 ? errno : 0
          if failure == EINTR { continue }
          guard received > 0 else { break }
          initializedCount += received
        }
      }
    }
    guard failure == 0, result.count == count else {
      throw FileError(.read, path: directory, errno: failure == 0 ? EIO : failure)
    }
    return result
  }
}
