public import Archive

/// The archives of a root, as far as their manifests can be read.
public struct ArchiveHistory: Sendable {
  /// Those that can be read, the oldest first.
  public private(set) var archives: [ArchiveDirectory] = []
  /// Why others cannot.
  public private(set) var problems: [ArchiveError] = []
  /// Names of those that are marked as verified.
  private var verified: Set<String> = []

  /// One to which archives are added, the oldest first.
  init() {}

  mutating func add(_ archive: ArchiveDirectory, isVerified: Bool) {
    archives.append(archive)
    if isVerified { verified.insert(archive.name) }
  }

  mutating func add(_ problem: ArchiveError) { problems.append(problem) }

  /// Reads the manifest of every archive.
  ///
  /// - Throws: ``RunError`` when the root cannot be read.
  public init(_ root: ArchiveRoot) throws(RunError) {
    for name in try RunError.onFiles({ () throws(FileError) in try root.names() }) {
      do {
        let archive = try ArchiveDirectory(path: root.path(of: name))
        add(archive, isVerified: VerifiedMark.isThere(archive))
      } catch {
        add(error)
      }
    }
  }

  /// Whether all parts of an archive were found to be as they were written.
  public func isVerified(_ archive: ArchiveDirectory) -> Bool { verified.contains(archive.name) }

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
          ? coming : group.last { verified.contains($0.name) }?.name)
    }
    return archives.filter { names.contains($0.name) }
  }
}

/// Says in an archive's directory that all its parts were found to be as they were written.
enum VerifiedMark {
  static let name = "verified.json"

  static func isThere(_ archive: ArchiveDirectory) -> Bool {
    // Whatever keeps it from being opened, an archive without a mark that can be read counts as not verified.
    (try? InputFile(path: "\(archive.path)/\(name)")) != nil
  }

  static func bytes(at time: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(inline: true) { writer in
      writer.member("schema", "convoy.verified/1")
      writer.member("verifiedAt", time)
    }
    writer.put("\n")
    return Array(writer.bytes)
  }

  static func write(to directory: String, at time: String) throws(FileError) {
    var file = try OutputFile(path: "\(directory)/\(name)", permissions: 0o600)
    try file.write(bytes(at: time).span)
    try file.finish()
  }

  /// Takes the mark back, once damage was found.
  static func remove(from archive: ArchiveDirectory) throws(FileError) {
    guard isThere(archive) else { return }
    try removeFile("\(archive.path)/\(name)")
  }
}
