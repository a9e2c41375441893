internal import Glibc

/// A directory of archives, each named by the time of its export: `20261125T021500Z`.
public struct ArchiveRoot: Sendable {
  /// The directory.
  public let path: String

  /// Names the directory.
  public init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Makes the directory for the user alone, and those above it, where they are missing.
  /// - Throws: ``FileError``.
  public func create() throws(FileError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw FileError(.make, path: path, errno: errno)
      }
    }
    let status = try FileStatus(path: path)
    guard status.kind == .directory else { throw FileError(.make, path: path, errno: ENOTDIR) }
  }

  /// Names of the archives, the oldest first; nothing is said about what is in them.
  /// - Returns: none where the directory is not there.
  /// - Throws: ``FileError``.
  public func names() throws(FileError) -> [String] {
    do throws(FileError) {
      return try DirectoryEntries(path: path).names.filter(Self.isName)
    } catch {
      guard error.errno == ENOENT else { throw error }
      return []
    }
  }

  /// Where an archive is.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Whether text is a time as archives are named by: `YYYYMMDDTHHMMSSZ`.
  public static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 16 && bytes[8] == UInt8(ascii: "T") && bytes[15] == UInt8(ascii: "Z")
      && (Array(0..<8) + Array(9..<15)).allSatisfy { (0x30...0x39).contains(bytes[$0]) }
  }

  /// Bytes an ordinary user may still write there, or where it will be made.
  /// - Throws: ``FileError``.
  public func freeBytes() throws(FileError) -> Int {
    var facts = statvfs()
    var place = path
    while unsafe statvfs(place, &facts) != 0 {
      guard errno == ENOENT, let slash = place.lastIndex(of: "/"), slash > place.startIndex else {
        guard errno == ENOENT, place != "." else {
          throw FileError(.stat, path: path, errno: errno)
        }
        place = path.hasPrefix("/") ? "/" : "."
        continue
      }
      place = String(place[..<slash])
    }
    return Int(facts.f_bavail) * Int(facts.f_frsize)
  }
}

/// Keeps others from working in a directory of archives, until the value or the process ends.
public struct ArchiveLock: ~Copyable, Sendable {
  private let descriptor: CInt

  /// Takes the lock without waiting; nil while somebody else has it.
  /// - Parameter root: an existing directory; a file `.lock` in it stands for the lock.
  /// - Throws: ``FileError``.
  public init?(_ root: ArchiveRoot) throws(FileError) {
    let path = "\(root.path)/.lock"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(.open, path: path, errno: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno
      close(descriptor)
      guard failure == EWOULDBLOCK else { throw FileError(.open, path: path, errno: failure) }
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
