internal import Glibc

/// What one directory holds, whatever the names are, read whole and closed again.
///
/// The names stand in one array and are sorted by their place in it: a directory of a hundred thousand
/// files costs no allocation for each.
public struct RawDirectory: Sendable {
  /// What an entry is.
  public enum Kind: Sendable, Hashable {
    /// Bytes at rest.
    case file
    /// A directory.
    case directory
    /// A symbolic link itself, wherever it leads.
    case link
    /// A pipe with a name.
    case fifo
    /// A socket with a name.
    case socket
    /// A character or block device.
    case device
  }

  private struct Entry {
    let start: Int
    /// Of a directory with a slash behind the name, so that sorted entries are sorted paths.
    let length: UInt16
    let kind: Kind
  }

  private var names: [UInt8] = []
  private var entries: [Entry] = []
  /// Entries that cannot be looked at, in no order.
  public private(set) var unreadable: [FileError] = []

  /// Reads the directory at `path`; a symbolic link there is followed.
  /// - Throws: ``FileError``.
  public init(path: RawPath) throws(FileError) {
    guard !path.bytes.contains(0) else { throw FileError(.open, path: path.text, errno: EINVAL) }
    guard let directory = unsafe opendir(path.cString) else {
      throw FileError(.open, path: path.text, errno: errno)
    }
    defer { unsafe closedir(directory) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else { break }
      let start = names.count
      unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
        unsafe names.append(contentsOf: name.prefix { $0 != 0 })
      }
      let name = names[start...]
      guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else {
        names.removeSubrange(start...)
        continue
      }
      do throws(FileError) {
        let kind = try Self.kind(unsafe entry.pointee.d_type, Array(name), in: path)
        if kind == .directory { names.append(UInt8(ascii: "/")) }
        entries.append(
          Entry(
            start: start,
            length: UInt16(truncatingIfNeeded: names.count - start), kind: kind))
      } catch {
        unreadable.append(error)
      }
    }
    guard errno == 0 else { throw FileError(.read, path: path.text, errno: errno) }
    sort()
  }

  /// Whether `path` leads to a directory, over links too.
  /// - Throws: ``FileError`` when it leads nowhere.
  public static func isDirectory(_ path: RawPath) throws(FileError) -> Bool {
    try FileStatus(path, followingLink: true).kind == .directory
  }

  /// How many entries there are.
  public var count: Int { entries.count }

  /// An entry, in the byte order of the paths of all files below this directory.
  /// - Parameter index: from 0 to ``count``.
  /// - Returns: its name, of a directory with a slash behind it, and what it is.
  public func entry(_ index: Int) -> (name: ArraySlice<UInt8>, kind: Kind) {
    let entry = entries[index]
    return (names[entry.start..<entry.start + Int(entry.length)], entry.kind)
  }

  private mutating func sort() {
    unsafe names.withUnsafeBytes { bytes in
      entries.sort { left, right in
        let shared = min(left.length, right.length)
        guard let start = bytes.baseAddress else { return false }
        let order = unsafe memcmp(
          start + left.start, start + right.start, Int(shared))
        return order != 0 ? order < 0 : left.length < right.length
      }
    }
  }

  /// Asks for the kind only where the file system does not keep it with the name.
  private static func kind(
    _ type: UInt8, _ name: [UInt8], in path: RawPath
  ) throws(FileError) -> Kind {
    switch Int(type) {
    case DT_REG: return .file
    case DT_DIR: return .directory
    case DT_LNK: return .link
    case DT_FIFO: return .fifo
    case DT_SOCK: return .socket
    case DT_CHR, DT_BLK: return .device
    default:
      let whole = RawPath(path.bytes + [UInt8(ascii: "/")] + name)
      switch try FileStatus(whole, followingLink: false).kind {
      case .regular: return .file
      case .directory: return .directory
      case .link: return .link
      case .fifo: return .fifo
      case .socket: return .socket
      case .characterDevice, .blockDevice, .other: return .device
      }
    }
  }
}
