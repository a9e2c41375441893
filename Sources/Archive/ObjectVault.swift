internal import Glibc

/// The objects that the archives of one root share: each a file named by the SHA-256 of its bytes.
public struct ObjectVault: Sendable {
  /// The directory.
  public let path: String

  /// Names the directory of a root.
  public init(_ root: ArchiveRoot) { path = "\(root.path)/objects" }

  /// Where an object is.
  public func path(of digest: ContentDigest) -> String {
    "\(path)/\(digest.hex.prefix(2))/\(digest.hex)"
  }

  /// Whether a file of some length is there.
  /// - Throws: ``FileError``.
  public func has(_ stored: StoredForm) throws(FileError) -> Bool {
    do throws(FileError) {
      let status = try FileStatus(path: path(of: stored.sha256))
      return status.kind == .regular && status.size == stored.bytes
    } catch {
      guard error.errno == ENOENT else { throw error }
      return false
    }
  }

  /// Makes the directory of an object, for the user alone.
  /// - Throws: ``FileError``.
  public func makeRoom(for digest: ContentDigest) throws(FileError) {
    for directory in [path, "\(path)/\(digest.hex.prefix(2))"] {
      guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
        throw FileError(.make, path: directory, errno: errno)
      }
    }
  }

  /// Where a file can be made whose digest is not known yet; ``removeAll(but:)`` removes what is left there.
  /// - Parameter digest: its directory is there.
  /// - Returns: a path that nothing is at.
  public func temporaryPath(beside digest: ContentDigest) -> String {
    let name = String(UInt64.random(in: 0 ... .max), radix: 16)
    return "\(path)/\(digest.hex.prefix(2))/.convoy-\(name).tmp"
  }

  /// Gives a finished file the name of its digest.
  /// - Parameters:
  ///   - temporary: from ``temporaryPath(beside:)``.
  ///   - digest: of its bytes.
  /// - Throws: ``FileError``.
  public func place(_ temporary: String, as digest: ContentDigest) throws(FileError) {
    try makeRoom(for: digest)
    let path = path(of: digest)
    guard unsafe rename(temporary, path) == 0 else {
      throw FileError(.rename, path: path, errno: errno)
    }
    try OutputFile.syncDirectory("\(self.path)/\(digest.hex.prefix(2))")
  }

  /// Removes every object that is not needed, and what killed processes left.
  /// - Parameter needed: the objects that stay.
  /// - Returns: how many objects were removed.
  /// - Throws: ``FileError``.
  @discardableResult
  public func removeAll(but needed: Set<ContentDigest>) throws(FileError) -> Int {
    var removed = 0
    for directory in try Self.names(in: path) where directory.utf8.count == 2 {
      let place = "\(path)/\(directory)"
      for name in try DirectoryEntries(path: place).names {
        guard let digest = ContentDigest(hex: name), !needed.contains(digest) else { continue }
        try removeFile("\(place)/\(name)")
        removed += 1
      }
      for name in try DirectoryEntries.hidden(in: place) where name.hasPrefix(".convoy-") {
        try removeFile("\(place)/\(name)")
      }
      // One that still has something in it stays.
      unsafe rmdir(place)
    }
    return removed
  }

  private static func names(in path: String) throws(FileError) -> [String] {
    do throws(FileError) {
      return try DirectoryEntries(path: path).names
    } catch {
      guard error.errno == ENOENT else { throw error }
      return []
    }
  }
}
