internal import Glibc

/// An open file, FIFO, character device or pipe to read from; closed when the value ends.
public struct InputFile: ~Copyable, Sendable {
  /// The path as the caller gave it; `-` is standard input.
  public let path: String
  /// Whether it is a file with bytes at rest, not a pipe or device.
  public let isRegular: Bool
  /// The file as it was when opened; of a pipe or device only the numbers that name it mean something.
  public let openedState: FileState
  /// Whether a regular file had places without bytes when opened, which read as zeros.
  public let hasHoles: Bool
  /// Bytes taken from the descriptor so far.
  public private(set) var bytesRead = 0
  private let descriptor: CInt

  /// Linux' SEEK_DATA (include/uapi/linux/fs.h), which Glibc hides behind a feature macro.
  private static let seekData: CInt = 3
  /// Linux reads this far ahead by itself.
  private static let readAheadBytes = 131_072

  /// Opens the regular file at `path` itself: neither what a symbolic link there leads to, nor a FIFO, on
  /// which the opening would wait.
  /// - Parameter path: a regular file.
  /// - Throws: ``FileError``; `ELOOP` for a symbolic link, `ENOTSUP` for what is no regular file.
  public init(regularFile path: RawPath) throws(FileError) {
    let descriptor = try Self.open(path, O_NOFOLLOW | O_NONBLOCK)
    try self.init(descriptor, path: path.text, isRegularOnly: true)
  }

  /// Opens what `path` leads to, as ``init(path:)-(String)`` does.
  /// - Parameter path: a regular file, FIFO or character device, or a link to one.
  /// - Throws: ``FileError``.
  public init(path: RawPath) throws(FileError) {
    try self.init(takingOwnershipOf: try Self.open(path, 0), path: path.text)
  }

  /// Opens `path` for reading from start to end; a FIFO blocks until it has a writer.
  /// - Parameter path: a regular file, FIFO or character device, or a link to one.
  /// - Throws: ``FileError``; a directory is refused with `EISDIR`, a block device or socket
  ///   with what the system says or `ENOTSUP`.
  public init(path: String) throws(FileError) {
    try self.init(path: RawPath(path))
  }

  /// Takes over an open descriptor, such as the reading end of a pipe.
  /// - Parameters:
  ///   - descriptor: closed by this value, also when this initializer throws.
  ///   - path: what errors call it.
  /// - Throws: ``FileError`` as ``init(path:)`` does.
  public init(takingOwnershipOf descriptor: CInt, path: String) throws(FileError) {
    try self.init(descriptor, path: path, isRegularOnly: false)
  }

  private init(_ descriptor: CInt, path: String, isRegularOnly: Bool) throws(FileError) {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(descriptor: descriptor, path: path)
      let isRefused = isRegularOnly && status.kind != .regular
      if let code = isRefused ? ENOTSUP : Self.refusal(of: status.kind) {
        throw FileError(.open, path: path, errno: code)
      }
    } catch {
      close(descriptor)
      throw error
    }
    if status.kind == .regular && status.size > Self.readAheadBytes {
      // Advice only: a file system that cannot take it reads as before.
      _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }
    self.path = path
    self.isRegular = status.kind == .regular
    self.openedState = FileState(status)
    self.hasHoles = status.kind == .regular && status.allocatedBytes < status.size
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

  /// Device number of the file system, as at opening.
  public var device: UInt64 { openedState.device }

  /// Inode number, as at opening; with `device` it names the file whatever path led to it.
  public var inode: UInt64 { openedState.inode }

  /// Size and modification time when opened; `nil` for anything but a regular file.
  public var fingerprint: InputFingerprint? {
    guard isRegular else { return nil }
    return InputFingerprint(
      size: openedState.size,
      modificationTimeNanoseconds: openedState.modificationTimeNanoseconds)
  }

  /// Size in bytes when opened; `nil` for anything but a regular file.
  public var size: Int? { fingerprint?.size }

  /// Modification time in nanoseconds since 1970 when opened; `nil` for a pipe or device.
  public var modificationTimeNanoseconds: Int64? { fingerprint?.modificationTimeNanoseconds }

  /// The file as it is now, even if its path leads elsewhere by now.
  /// - Returns: ``openedState`` if nothing has changed.
  /// - Throws: ``FileError``.
  public func state() throws(FileError) -> FileState {
    FileState(try FileStatus(descriptor: descriptor, path: path))
  }

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
    _ = try read(into: &result, at: offset, upTo: count)
    return result
  }

  /// Appends bytes from `offset` on to `buffer`, whose spare capacity is used without zeroing.
  ///
  /// The place where ``read(into:upTo:)`` goes on stays, so several threads may read one file.
  /// - Parameters:
  ///   - buffer: keeps what it holds, also when this throws.
  ///   - offset: bytes from the start.
  ///   - count: at most this many bytes are appended.
  /// - Returns: bytes appended; fewer than `count` only at the end of the file.
  /// - Throws: ``FileError``; `ESPIPE` for a pipe.
  public func read(
    into buffer: inout [UInt8], at offset: Int, upTo count: Int
  ) throws(FileError) -> Int {
    var failure: CInt = 0
    var received = 0
    buffer.append(addingCapacity: count) { tail in
      unsafe tail.withUnsafeMutableBufferPointer { target, initializedCount in
        while received < count {
          let start = unsafe target.baseAddress?.advanced(by: received)
          let piece = unsafe pread(descriptor, start, count - received, off_t(offset + received))
          failure = piece < 0 ? errno : 0
          if failure == EINTR { continue }
          guard piece > 0 else { break }
          received += piece
        }
        initializedCount = received
      }
    }
    guard failure == 0 else { throw FileError(.read, path: path, errno: failure) }
    return received
  }

  /// Where the next bytes at rest begin, at `offset` or behind the hole that it lies in.
  ///
  /// The place where ``read(into:upTo:)`` goes on is lost.
  /// - Parameter offset: bytes from the start, within the file.
  /// - Returns: `offset` itself where the file system does not tell; the size where only a hole follows.
  public func nextBytes(from offset: Int) -> Int {
    let found = lseek(descriptor, off_t(offset), Self.seekData)
    if found >= 0 { return Int(found) }
    return errno == ENXIO ? max(offset, openedState.size) : offset
  }

  /// Asks the system to have a range in memory soon; it may decline.
  public func prefetch(from offset: Int, bytes: Int) {
    _ = posix_fadvise(descriptor, off_t(offset), off_t(bytes), POSIX_FADV_WILLNEED)
  }

  private static func open(_ path: RawPath, _ flags: CInt) throws(FileError) -> CInt {
    // A C string ends at its first NUL: another file than the one asked for would be opened.
    guard !path.bytes.contains(0) else { throw FileError(.open, path: path.text, errno: EINVAL) }
    let name = path.cString
    var descriptor: CInt
    repeat {
      descriptor = unsafe Glibc.open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw FileError(.open, path: path.text, errno: errno) }
    return descriptor
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
    case .blockDevice, .link, .other: ENOTSUP
    }
  }
}
