internal import Archive

/// The objects of an archive that is being made for a bucket: files of its own, or of the night that first had them.
struct BucketNight: Sendable {
  /// The archive's name.
  private let name: String
  /// Those of the pipeline's last archive, by what they hold.
  private let former: [StoredForm: ArchivedObject]

  /// Learns what can be referred to.
  ///
  /// - Parameters:
  ///   - name: the archive's.
  ///   - archive: the last one, made by the same rule; nil for none.
  ///   - nights: what is in the bucket, sizes in bytes by file, by night.
  /// - Throws: ``RunError`` where the list of the last archive's objects cannot be read.
  init(
    _ name: String, after archive: ArchiveDirectory?, in nights: [String: [String: Int]]
  ) async throws {
    self.name = name
    var former: [StoredForm: ArchivedObject] = [:]
    for object in try await archive?.objects() ?? [] {
      let path = object.reference?.split(separator: "/").map(String.init) ?? []
      guard path.count == 2, nights[path[0]]?[path[1]] == object.stored.bytes else { continue }
      former[object.content] = object
    }
    self.former = former
  }

  /// An object of an earlier night that holds as much; nil for none.
  func former(_ content: StoredForm) -> ArchivedObject? { former[content] }

  /// What the archive calls a file of its own.
  func reference(to stored: StoredForm) -> String { "\(name)/\(stored.sha256.hex)" }
}
