internal import Glibc

/// Finds the input files in a directory and everything below it.
public enum InputTree {
  /// What a scan found: every entry with a visible name is in one of three lists.
  public struct Listing: Sendable {
    /// Readable regular files in byte order of their paths.
    public fileprivate(set) var files: [String] = []
    /// Files and directories that could not be looked at, with the cause; in byte order.
    public fileprivate(set) var unreadable: [FileError] = []
    /// Entries that are no input by their nature; in byte order.
    public fileprivate(set) var skipped: [(path: String, reason: SkipReason)] = []
  }

  /// Why an entry is no input.
  public enum SkipReason: String, Sendable {
    /// Reading one in passing would block or take what is meant for another reader.
    case fifo = "a FIFO"
    /// It has no bytes at rest.
    case socket = "a socket"
    /// It has no bytes at rest.
    case device = "a device"
    /// A link leads to a directory that is scanned under another path already.
    case directoryAlreadyScanned = "a directory already scanned under another path"
  }

  /// Scans without reading any file; nothing found there stops it.
  ///
  /// Names that begin with a dot and `__MACOSX` are passed over. Links are followed, but each
  /// directory is scanned once, under its real path if that lies in the tree.
  /// - Parameter path: a directory; anything else that opens is listed as the only file.
  /// - Returns: paths that begin with `path`.
  public static func files(under path: String) -> Listing {
    var scan = Scan()
    scan.visitRoot(path)
    var listing = scan.listing
    listing.files.sort(by: precedesBytewise)
    listing.unreadable.sort { precedesBytewise($0.path, $1.path) }
    listing.skipped.sort { precedesBytewise($0.path, $1.path) }
    return listing
  }

  /// One scan under way; directories wait in lists, as a deep tree would exhaust the stack.
  private struct Scan {
    var listing = Listing()
    private var scanned: Set<FileStatus.Identity> = []
    private var directories: [(path: String, identity: FileStatus.Identity)] = []
    /// Taken up when no real directory is left, so that a link never takes a directory's place.
    private var linkedDirectories: [(path: String, identity: FileStatus.Identity)] = []

    mutating func visitRoot(_ path: String) {
      do throws(FileError) {
        let status = try FileStatus(path: path)
        guard status.kind == .directory else {
          try checkReadable(path)
          listing.files.append(path)
          return
        }
        directories.append((path, status.identity))
      } catch {
        listing.unreadable.append(error)
        return
      }
      while let next = directories.popLast() ?? takeLinkedDirectory() {
        visitDirectory(next.path, next.identity)
      }
    }

    private mutating func takeLinkedDirectory() -> (path: String, identity: FileStatus.Identity)? {
      guard let index = linkedDirectories.indices.min(by: isBefore) else { return nil }
      return linkedDirectories.remove(at: index)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
      precedesBytewise(linkedDirectories[left].path, linkedDirectories[right].path)
    }

    private mutating func visitDirectory(_ path: String, _ identity: FileStatus.Identity) {
      guard scanned.insert(identity).inserted else {
        listing.skipped.append((path, .directoryAlreadyScanned))
        return
      }
      do throws(FileError) {
        let entries = try DirectoryEntries(path: path)
        let prefix = path.hasSuffix("/") ? path : path + "/"
        for name in entries.undecodable {
          listing.unreadable.append(FileError(.decode, path: prefix + name, errno: EILSEQ))
        }
        for name in entries.names where name != "__MACOSX" { visitEntry(prefix + name) }
      } catch {
        listing.unreadable.append(error)
      }
    }

    private mutating func visitEntry(_ path: String) {
      do throws(FileError) {
        let status = try FileStatus(path: path)
        switch status.kind {
        case .regular:
          try checkReadable(path)
          listing.files.append(path)
        case .directory where isLink(path): linkedDirectories.append((path, status.identity))
        case .directory: directories.append((path, status.identity))
        case .fifo: listing.skipped.append((path, .fifo))
        case .socket: listing.skipped.append((path, .socket))
        case .characterDevice, .blockDevice, .link, .other:
          listing.skipped.append((path, .device))
        }
      } catch {
        listing.unreadable.append(error)
      }
    }

    private func isLink(_ path: String) -> Bool {
      var byte: CChar = 0
      return unsafe readlink(path, &byte, 1) >= 0
    }

    private func checkReadable(_ path: String) throws(FileError) {
      // AT_EACCESS: the rights this process has now, not those of who started it.
      guard unsafe faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 else {
        throw FileError(.open, path: path, errno: errno)
      }
    }
  }
}
