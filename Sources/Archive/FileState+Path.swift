internal import Glibc

extension FileState {
  /// The state of the regular file at a path, without opening it; a link is not followed.
  ///
  /// - Parameter path: the file.
  /// - Throws: ``FileError``; for anything that is no regular file, with `ENOTSUP`.
  public init(regularFile path: RawPath) throws(FileError) {
    let status = try FileStatus(path, followingLink: false)
    guard status.kind == .regular else {
      throw FileError(.stat, path: path.text, errno: ENOTSUP)
    }
    self.init(status)
  }
}

extension RawPath {
  /// Whether a symbolic link is there, wherever it leads.
  public var isLink: Bool {
    // Of what cannot be asked nothing is known, and nothing is read either.
    (try? FileStatus(self, followingLink: false))?.kind == .link
  }
}
