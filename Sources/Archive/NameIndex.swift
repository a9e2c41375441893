internal import Glibc
internal import Synchronization

/// Which names on disk count as the one that is asked for.
public enum NameMatch: Sendable, Hashable {
  /// The same characters, composed (NFC) or decomposed (NFD).
  case exact
  /// The same as Windows sees them: in letters of either case, and without dots and blanks at the end.
  case folded
}

/// Finds names in directories by more than their bytes.
///
/// A name that is there as it is asked for is the one, whatever else there is. Only for another one is the
/// directory read, and kept: 65 536 names in all, some 150 bytes each.
final class NameIndex: Sendable {
  enum Answer: Equatable {
    case none
    case one([UInt8])
    case several
  }

  private static let nameLimit = 65_536

  private struct Known {
    /// Names by what Windows makes of them; Swift's strings are equal if they are the same characters.
    var directories: [FileStatus.Identity: [String: [[UInt8]]]] = [:]
    var nameCount = 0
  }

  private let known = Mutex(Known())

  func name(
    _ name: [UInt8], in directory: CInt, matching match: NameMatch
  ) throws(FileError) -> Answer {
    guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "/")) else { return .none }
    var status = stat()
    if unsafe fstatat(directory, RawPath(name).cString, &status, AT_SYMLINK_NOFOLLOW) == 0 {
      return .one(name)
    }
    guard errno == ENOENT else {
      guard errno == ENAMETOOLONG || errno == ENOTDIR else {
        throw FileError(.open, path: RawPath(name).text, errno: errno)
      }
      return .none
    }
    // The same characters in other bytes there are only beyond ASCII.
    guard match == .folded || name.contains(where: { $0 >= 0x80 }),
      let text = String(validating: name, as: UTF8.self)
    else { return .none }
    let wanted = match == .folded ? Self.withoutTail(text) : text
    guard !wanted.isEmpty else { return .none }
    var found = try names(in: directory)[wanted.lowercased()] ?? []
    if match == .exact {
      found = found.filter { String(validating: $0, as: UTF8.self) == text }
    }
    switch found.count {
    case 0: return .none
    case 1: return .one(found[0])
    default: return .several
    }
  }

  private static func withoutTail(_ name: String) -> String {
    var name = name[...]
    while name.last == "." || name.last == " " { name.removeLast() }
    return String(name)
  }

  private func names(in directory: CInt) throws(FileError) -> [String: [[UInt8]]] {
    let identity = try FileStatus(descriptor: directory, path: ".").identity
    if let names = known.withLock({ $0.directories[identity] }) { return names }
    let names = try Self.read(directory)
    known.withLock { known in
      if known.nameCount + names.count > Self.nameLimit { known = Known() }
      known.nameCount += names.count
      known.directories[identity] = names
    }
    return names
  }

  private static func read(_ directory: CInt) throws(FileError) -> [String: [[UInt8]]] {
    // The handle is for looking names up only.
    let readable = unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard readable >= 0 else { throw FileError(.open, path: ".", errno: errno) }
    guard let stream = unsafe fdopendir(readable) else {
      let cause = errno
      close(readable)
      throw FileError(.open, path: ".", errno: cause)
    }
    defer { unsafe closedir(stream) }
    var names: [String: [[UInt8]]] = [:]
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      // A name that is no text can only be asked for by its bytes.
      guard let text = String(validating: name, as: UTF8.self) else { continue }
      names[text.lowercased(), default: []].append(name)
    }
    guard errno == 0 else { throw FileError(.read, path: ".", errno: errno) }
    return names
  }
}
