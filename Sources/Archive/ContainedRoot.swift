internal import Glibc

/// A directory below which files are found by their names, and outside of which nothing ever is.
///
/// Every name is looked up in the directory before it, held open, and is never followed by the system: a
/// symbolic link is taken apart here, and its parts are looked up in the same way. So no name, link or exchange
/// of one for the other while a path is walked leads out, as it may where a path is checked first and opened
/// afterwards. Only hard links and mounts are taken as they are, for they are made by who owns the tree.
public final class ContainedRoot: Sendable {
  /// What a path below the root leads to.
  public enum Found: Sendable, Equatable {
    /// A regular file.
    case file(ContainedFile)
    /// A directory.
    case directory
    /// A FIFO, socket or device.
    case special
    /// Nothing has the name.
    case missing
    /// Several names differ from the one asked for in nothing that counts.
    case ambiguous
    /// A link on the way leads out of the root.
    case outside
    /// A directory on the way cannot be looked into, or links lead in a circle.
    case unreadable(FileError)
  }

  /// Links followed for one path, as Linux has it.
  private static let linkLimit = 40
  /// `O_PATH`, which the module of Glibc leaves out: a handle for looking names up.
  ///
  /// No right to list the directory is needed for it. The number is the same on x86-64 and AArch64.
  private static let lookUpOnly: CInt = 0o1000_0000

  /// The real path, without links.
  public let path: RawPath
  private let descriptor: CInt
  private let names = NameIndex()

  /// Opens a root.
  ///
  /// - Parameter path: a directory; links in this path itself are followed.
  /// - Throws: ``FileError``, also where it is no directory.
  public init(path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw FileError(.open, path: path, errno: EINVAL) }
    guard let real = unsafe realpath(path, nil) else {
      throw FileError(.open, path: path, errno: errno)
    }
    defer { unsafe free(real) }
    self.path = unsafe RawPath(Array(UnsafeRawBufferPointer(start: real, count: strlen(real))))
    descriptor = unsafe Glibc.open(real, Self.lookUpOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, path: path, errno: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Finds what is below the root.
  ///
  /// - Parameters:
  ///   - names: of the directories on the way, and last of the file; none is `.`, `..` or empty.
  ///   - match: which names on disk are the same as those asked for.
  /// - Returns: what is there now; a file with its real path, on which there is no link.
  public func find(_ names: some Collection<[UInt8]>, matching match: NameMatch) -> Found {
    var walk = Walk(pending: names.reversed().map { Step(name: $0, match: match) })
    do throws(FileError) {
      return try find(&walk)
    } catch {
      return error.isMissing ? .missing : .unreadable(error)
    }
  }

  private struct Step {
    let name: [UInt8]
    let match: NameMatch
  }

  /// A path on its way: what is left of it, and the real names so far.
  private struct Walk {
    /// The next step is the last one.
    var pending: [Step]
    var names: [[UInt8]] = []
    var links = 0
  }

  private func find(_ walk: inout Walk) throws(FileError) -> Found {
    var directory = try HeldDirectory(descriptor)
    while let step = walk.pending.popLast() {
      if step.name == Array("..".utf8) {
        guard walk.names.popLast() != nil else { return .outside }
        directory = try reopen(walk.names)
        continue
      }
      let name: [UInt8]
      switch try self.names.name(step.name, in: directory.descriptor, matching: step.match) {
      case .none: return .missing
      case .several: return .ambiguous
      case .one(let real): name = real
      }
      let path = realPath(walk.names + [name])
      let status = try FileStatus(name, in: directory.descriptor, path: path.text)
      switch status.kind {
      case .directory:
        directory = try directory.open(name, path)
        walk.names.append(name)
      case .link:
        walk.links += 1
        guard walk.links <= Self.linkLimit else {
          return .unreadable(FileError(.open, path: path.text, errno: ELOOP))
        }
        guard try follow(directory.target(of: name, path), &walk) else { return .outside }
        directory = try reopen(walk.names)
      case .regular:
        guard walk.pending.isEmpty else { return .missing }
        return .file(ContainedFile(path: path, state: FileState(status)))
      case .fifo, .characterDevice, .blockDevice, .socket, .other:
        return walk.pending.isEmpty ? .special : .missing
      }
    }
    return .directory
  }

  /// Puts the parts of a link's target before what is left; false where it is seen to lead out.
  private func follow(_ target: [UInt8], _ walk: inout Walk) -> Bool {
    var rest = target[...]
    if target.first == UInt8(ascii: "/") {
      guard target.starts(with: path.bytes),
        path.bytes == [UInt8(ascii: "/")] || target.count == path.bytes.count
          || target[path.bytes.count] == UInt8(ascii: "/")
      else { return false }
      rest = target.dropFirst(path.bytes.count)
      walk.names = []
    }
    let parts = rest.split(separator: UInt8(ascii: "/")).map(Array.init)
    for part in parts.reversed() where part != [UInt8(ascii: ".")] {
      walk.pending.append(Step(name: part, match: .exact))
    }
    return true
  }

  private func reopen(_ names: [[UInt8]]) throws(FileError) -> HeldDirectory {
    var directory = try HeldDirectory(descriptor)
    for name in names { directory = try directory.open(name, path) }
    return directory
  }

  private func realPath(_ names: [[UInt8]]) -> RawPath {
    let slash = UInt8(ascii: "/")
    let prefix = path.bytes.last == slash ? Array(path.bytes.dropLast()) : path.bytes
    return RawPath(names.reduce(prefix) { $0 + [slash] + $1 })
  }

  /// One directory on the way, held open.
  private struct HeldDirectory: ~Copyable {
    let descriptor: CInt

    /// Holds a directory that is open a second time.
    init(_ other: CInt) throws(FileError) {
      let own = fcntl(other, F_DUPFD_CLOEXEC, 0)
      guard own >= 0 else { throw FileError(.open, path: ".", errno: errno) }
      descriptor = own
    }

    private init(owning descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func open(_ name: [UInt8], _ path: RawPath) throws(FileError) -> HeldDirectory {
      let own = unsafe openat(
        descriptor, RawPath(name).cString, lookUpOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard own >= 0 else { throw FileError(.open, path: path.text, errno: errno) }
      return HeldDirectory(owning: own)
    }

    /// Where a link leads.
    func target(of name: [UInt8], _ path: RawPath) throws(FileError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        let target = unsafe buffer.assumingMemoryBound(to: CChar.self)
        guard let start = target.baseAddress else { return -1 }
        return unsafe readlinkat(descriptor, RawPath(name).cString, start, target.count)
      }
      guard count >= 0 else { throw FileError(.open, path: path.text, errno: errno) }
      return Array(bytes.prefix(count))
    }
  }
}

/// A regular file that was found below a root.
public struct ContainedFile: Hashable, Sendable {
  /// Its path, on which there was no link when it was found.
  public let path: RawPath
  /// Which file it is, and in which state.
  ///
  /// What is opened at the path later is this file only if its device and inode are the same.
  public let state: FileState
}
