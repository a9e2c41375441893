internal import Glibc

/// The part of `struct stat` that convoy reads.
struct FileStatus: Sendable {
  enum Kind: Sendable {
    case regular, directory, link, fifo, characterDevice, blockDevice, socket, other
  }

  /// Names one file whatever path leads to it, as long as the file exists.
  struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
  }

  let kind: Kind
  let identity: Identity
  let size: Int
  /// Bytes that take room; fewer than `size` where the file has holes.
  let allocatedBytes: Int
  let modificationTimeNanoseconds: Int64
  let changeTimeNanoseconds: Int64

  /// Follows symbolic links.
  init(path: String) throws(FileError) {
    // A C string ends at its first NUL: another file than the one asked for would answer.
    guard !path.utf8.contains(0) else { throw FileError(.stat, path: path, errno: EINVAL) }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw FileError(.stat, path: path, errno: errno)
    }
    self.init(status)
  }

  /// Of what `path` itself is; follows a symbolic link only where told to.
  init(_ path: RawPath, followingLink: Bool) throws(FileError) {
    guard !path.bytes.contains(0) else { throw FileError(.stat, path: path.text, errno: EINVAL) }
    var status = stat()
    let flags = followingLink ? 0 : AT_SYMLINK_NOFOLLOW
    guard unsafe fstatat(AT_FDCWD, path.cString, &status, flags) == 0 else {
      throw FileError(.stat, path: path.text, errno: errno)
    }
    self.init(status)
  }

  /// Of a name in an open directory, itself where it is a symbolic link; `path` is for the error.
  init(_ name: [UInt8], in directory: CInt, path: String) throws(FileError) {
    var status = stat()
    guard unsafe fstatat(directory, RawPath(name).cString, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw FileError(.stat, path: path, errno: errno)
    }
    self.init(status)
  }

  init(descriptor: CInt, path: String) throws(FileError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(.stat, path: path, errno: errno)
    }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .link
      case S_IFIFO: .fifo
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      case S_IFSOCK: .socket
      default: .other
      }
    identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    size = Int(status.st_size)
    allocatedBytes = Int(status.st_blocks) * 512
    modificationTimeNanoseconds = Self.nanoseconds(status.st_mtim)
    changeTimeNanoseconds = Self.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
