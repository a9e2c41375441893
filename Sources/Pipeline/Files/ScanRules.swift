internal import Archive

/// Which names in a tree are passed over.
enum ScanRules: Sendable {
  /// None.
  case everything
  /// Those that no upload should hold: secrets, version control and caches, and what a pipeline names.
  case uploads([NamePattern])

  /// With names that a pipeline gives, of which letters count the same in either case.
  static func uploads(excluding names: [String]) -> ScanRules {
    .uploads(names.map { NamePattern($0.utf8, ignoringCase: true) })
  }

  func excludes(_ name: ArraySlice<UInt8>, _ kind: RawDirectory.Kind) -> Bool {
    switch self {
    case .everything: false
    case .uploads(let more):
      Self.isPrivate(name, isDirectory: kind == .directory)
        || more.contains { $0.matches(kind == .directory ? name.dropLast() : name) }
    }
  }

  /// Names of directories whose content is history, installed or made anew at need.
  private static let directories: Set<String> = [
    ".git", ".hg", ".svn", ".ssh", ".gnupg", ".aws", ".cache", ".venv", "__pycache__",
    "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".gradle", ".terraform",
    "__macosx",
  ]
  private static let files: Set<String> = [
    ".netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".git-credentials", ".ds_store",
    "thumbs.db", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials.json",
    "service-account.json",
  ]
  private static let endings = [
    ".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk",
  ]

  /// Letters count the same in either case, as these files come from systems that see no difference.
  private static func isPrivate(_ name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
    let text = String(decoding: isDirectory ? name.dropLast() : name, as: UTF8.self).lowercased()
    if text.hasPrefix(".env") { return true }
    if isDirectory { return directories.contains(text) }
    return files.contains(text) || endings.contains { text.hasSuffix($0) }
  }
}
