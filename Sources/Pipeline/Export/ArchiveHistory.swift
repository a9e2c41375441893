public import Archive

/// The archives of a root, as far as their manifests can be read.
public struct ArchiveHistory: Sendable {
  /// Those that can be read, the oldest first.
  public private(set) var archives: [ArchiveDirectory] = []
  /// Why others cannot.
  public private(set) var problems: [ArchiveError] = []

  /// Reads the manifest of every archive.
  ///
  /// - Throws: ``RunError`` when the root cannot be read.
  public init(_ root: ArchiveRoot) throws(RunError) {
    for name in try RunError.onFiles({ () throws(FileError) in try root.names() }) {
      do {
        archives.append(try ArchiveDirectory(path: root.path(of: name)))
      } catch {
        problems.append(error)
      }
    }
  }

  /// Whether all parts of an archive were found to be as they were written.
  public func isVerified(_ archive: ArchiveDirectory) -> Bool { VerifiedMark.isThere(archive) }

  /// What a policy removes, each pipeline's archives by themselves; what cannot be read stays.
  ///
  /// - Parameters:
  ///   - retention: the policy.
  ///   - pipeline: only this one's archives; nil for all.
  ///   - coming: an archive that is not there yet, but counts as if it were.
  ///   - willBeVerified: whether it counts as verified too.
  /// - Returns: the archives, the oldest first.
  public func removable(
    _ retention: Retention, pipeline: String? = nil, coming: String? = nil,
    willBeVerified: Bool = false
  ) -> [ArchiveDirectory] {
    let groups = Dictionary(grouping: archives, by: \.manifest.pipeline)
    let names = groups.filter { pipeline == nil || $0.key == pipeline }.flatMap { _, group in
      retention.removable(
        group.map(\.name) + (coming.map { [$0] } ?? []),
        newestVerified: willBeVerified
          ? coming : group.last { VerifiedMark.isThere($0) }?.name)
    }
    return archives.filter { names.contains($0.name) }
  }
}

/// Says in an archive's directory that all its parts were found to be as they were written.
enum VerifiedMark {
  private static let name = "verified.json"

  static func isThere(_ archive: ArchiveDirectory) -> Bool {
    // Whatever keeps it from being opened, an archive without a mark that can be read counts as not verified.
    (try? InputFile(path: "\(archive.path)/\(name)")) != nil
  }

  static func write(to directory: String, at time: String) throws(FileError) {
    var writer = JSONWriter()
    writer.object(inline: true) { writer in
      writer.member("schema", "convoy.verified/1")
      writer.member("verifiedAt", time)
    }
    writer.put("\n")
    var file = try OutputFile(path: "\(directory)/\(name)", permissions: 0o600)
    try file.write(writer.bytes.span)
    try file.finish()
  }

  /// Takes the mark back, once damage was found.
  static func remove(from archive: ArchiveDirectory) throws(FileError) {
    guard isThere(archive) else { return }
    try removeFile("\(archive.path)/\(name)")
  }
}
