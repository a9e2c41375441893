internal import Glibc

/// An open file, FIFO, character device or pipe to read from; closed when the value ends.
public struct InputFile: ~Copyable, Sendable {
  /// The path as the caller gave it; `-` is standard input.
  public let path: String
  /// Size and modification time when opened; `nil` for anything but a regular file.
  public let fingerprint: InputFingerprint?
  /// Device number of the file system, as at opening.
  public let device: UInt64
  /// Inode number, as at opening; with `device` it names the file whatever path led to it.
  public let inode: UInt64
  /// Bytes taken from the descriptor so far.
  public private(set) var bytesRead = 0
  private let descriptor: CInt

  /// Opens `path` for reading from start to end; a FIFO blocks until it has a writer.
  /// - Parameter path: a regular file, FIFO or character device, or a link to one.
  /// - Throws: ``FileError``; a directory is refused with `EISDIR`, a block device or socket
  ///   with what the system says or `ENOTSUP`.
  public init(path: String) throws(FileError) {
    // A C string ends at its first NUL: another file than the one asked for would be opened.
    guard !path.utf8.contains(0) else { throw FileError(.open, path: path, errno: EINVAL) }
    var descriptor: CInt
    repeat {
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw FileError(.open, path: path, errno: errno) }
    try self.init(takingOwnershipOf: descriptor, path: path)
  }

  /// Takes over an open descriptor, such as the reading end of a pipe.
  /// - Parameters:
  ///   - descriptor: closed by this value, also when this initializer throws.
  ///   - path: what errors call it.
  /// - Throws: ``FileError`` as ``init(path:)`` does.
  public init(takingOwnershipOf descriptor: CInt, path: String) throws(FileError) {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(descriptor: descriptor, path: path)
      if let code = Self.refusal(of: status.kind) {
        throw FileError(.open, path: path, errno: code)
      }
    } catch {
      close(descriptor)
      throw error
    }
    if status.kind == .regular {
      // Advice only: a file system that cannot take it reads as before.
      _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }
    self.path = path
    self.fingerprint = status.kind == .regular ? InputFingerprint(status) : nil
    self.device = status.identity.device
    self.inode = status.identity.inode
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Reads standard input through a descriptor of its own, so ending the value leaves 0 open.
  /// - Returns: a file whose path is `-`.
  /// - Throws: ``FileError`` when standard input is closed or is a directory.
  public static func standardInput() throws(FileError) -> InputFile {
    let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    guard descriptor >= 0 else { throw FileError(.open, path: "-", errno: errno) }
    return try InputFile(takingOwnershipOf: descriptor, path: "-")
  }

  /// Size in bytes when opened; `nil` for anything but a regular file.
  public var size: Int? { fingerprint?.size }

  /// Modification time in nanoseconds since 1970 when opened; `nil` for a pipe or device.
  public var modificationTimeNanoseconds: Int64? { fingerprint?.modificationTimeNanoseconds }

  /// Appends what one read(2) returns to `buffer`; its spare capacity is used without zeroing.
  /// - Parameters:
  ///   - buffer: keeps what it holds, also when this throws.
  ///   - count: at most this many bytes are appended; must be above zero.
  /// - Returns: bytes appended, often fewer than asked for from a pipe; 0 is the end.
  /// - Throws: ``FileError``; an interrupted call is repeated, a non-blocking one waited for.
  public mutating func read(
    into buffer: inout [UInt8], upTo count: Int
  ) throws(FileError) -> Int {
    precondition(count > 0, "a read of nothing would look like the end")
    var received = 0
    var failure: CInt = 0
    buffer.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        repeat {
          received = unsafe Glibc.read(descriptor, target.baseAddress, count)
          failure = received < 0 ? errno : 0
          if failure == EAGAIN { waitUntilReadable() }
        } while failure == EINTR || failure == EAGAIN
        initializedCount = max(0, received)
      }
    }
    guard failure == 0 else { throw FileError(.read, path: path, errno: failure) }
    bytesRead += received
    return received
  }

  /// Reads from `offset` without moving the place where ``read(into:upTo:)`` goes on.
  /// - Parameters:
  ///   - offset: bytes from the start.
  ///   - count: at most this many bytes are returned.
  /// - Returns: fewer than `count` bytes only at the end of the file.
  /// - Throws: ``FileError``.
  public func bytes(at offset: Int, upTo count: Int) throws(FileError) -> [UInt8] {
    var result: [UInt8] = []
    var failure: CInt = 0
    result.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        while initializedCount < count {
          let start = unsafe target.baseAddress?.advanced(by: initializedCount)
          let received = unsafe pread(
            descriptor, start, count - initializedCount, off_t(offset + initializedCount))
          failure = received < 0 ? errno : 0
          if failure == EINTR { continue }
          guard received > 0 else { break }
          initializedCount += received
        }
      }
    }
    guard failure == 0 else { throw FileError(.read, path: path, errno: failure) }
    return result
  }

  /// Standard input is non-blocking when the program that started convoy left it so.
  private func waitUntilReadable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // Whatever poll answers, the next read gives the verdict.
    _ = unsafe poll(&request, 1, -1)
  }

  private static func refusal(of kind: FileStatus.Kind) -> CInt? {
    switch kind {
    case .regular, .fifo, .characterDevice: nil
    case .directory: EISDIR
    // Standard input may be a socket; opening one by path fails before this.
    case .socket: nil
    case .blockDevice, .other: ENOTSUP
    }
  }
}
