internal import Glibc

/// Expands shell patterns (`*`, `?`, `[…]`) into paths; no braces, no tilde, no `**`.
public enum Glob {
  /// Whether `text` has a character that ``paths(matching:)`` gives a meaning to.
  public static func isPattern(_ text: String) -> Bool {
    text.utf8.contains { byte in
      byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
    }
  }

  /// Finds what exists under the pattern: files, directories or anything else.
  ///
  /// `*` does not match a leading dot or a slash. A backslash takes a character literally.
  /// - Parameter pattern: relative patterns start at the working directory.
  /// - Returns: paths in byte order; names that are not UTF-8 as errors, because no path can be
  ///   made of them. Both are empty when nothing matches.
  /// - Throws: ``FileError`` when a directory on the way cannot be read.
  public static func paths(
    matching pattern: String
  ) throws(FileError) -> (paths: [String], unreadable: [FileError]) {
    guard !pattern.utf8.contains(0) else { throw FileError(.expand, path: pattern, errno: EINVAL) }
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    errno = 0
    // Without the callback a directory that cannot be read would count as empty.
    let status = unsafe glob(pattern, GLOB_NOSORT, { _, code in code == ENOENT ? 0 : 1 }, &found)
    switch status {
    case 0: break
    case GLOB_NOMATCH: return ([], [])
    case GLOB_NOSPACE: throw FileError(.expand, path: pattern, errno: ENOMEM)
    default: throw FileError(.expand, path: pattern, errno: errno == 0 ? EIO : errno)
    }
    var paths: [String] = []
    var unreadable: [FileError] = []
    for index in 0..<Int(unsafe found.gl_pathc) {
      guard let path = unsafe found.gl_pathv[index] else { continue }
      if let text = unsafe String(validatingCString: path) {
        paths.append(text)
      } else {
        let bytes = unsafe Array(UnsafeBufferPointer(start: path, count: strlen(path)))
        let name = escapedName(bytes.map { UInt8(bitPattern: $0) })
        unreadable.append(FileError(.decode, path: name, errno: EILSEQ))
      }
    }
    paths.sort(by: precedesBytewise)
    unreadable.sort { precedesBytewise($0.path, $1.path) }
    return (paths, unreadable)
  }
}
