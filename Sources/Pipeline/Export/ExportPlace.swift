internal import Archive
internal import ObjectStore

/// What is where an export's archives go, before there is another one.
struct ExportPlace: Sendable {
  /// The archives that are there.
  let history: ArchiveHistory
  /// The bucket; nil for a directory.
  let bucket: ArchiveBucket?
  /// Of a bucket, sizes in bytes by file, by night.
  let nights: [String: [String: Int]]
  /// Largest file that the bucket takes, in bytes; nil for no limit.
  let sizeLimitBytes: Int?

  /// Looks.
  ///
  /// - Parameters:
  ///   - plan: names the place.
  ///   - isWriting: whether a bucket that is missing is made.
  /// - Throws: ``RunError``.
  init(_ plan: ExportPlan, isWriting: Bool) async throws(RunError) {
    guard let place = plan.bucket else {
      history = try ArchiveHistory(plan.root)
      (bucket, nights, sizeLimitBytes) = (nil, [:], nil)
      return
    }
    let bucket = try await place.open()
    let facts: StoreFacts
    do throws(ObjectStoreError) {
      facts = try await isWriting ? bucket.store.prepare() : bucket.store.inspect()
    } catch { throw RunError(store: error) }
    self.bucket = bucket
    sizeLimitBytes = facts.sizeLimitBytes
    nights = facts.isNew ? [:] : try await bucket.nights()
    history = try await bucket.history(nights)
  }

  /// The last archive of a pipeline whose parts a night can take over, because they are made by the same rule.
  ///
  /// In a bucket it is the pipeline's newest or none: only that one no prune removes meanwhile.
  func former(_ plan: ExportPlan) -> ArchiveDirectory? {
    let own = history.archives.filter { $0.manifest.pipeline == plan.spec.name }
    return (bucket == nil ? own[...] : own.suffix(1)).last {
      $0.manifest.level == plan.spec.export.level
        && $0.manifest.format == plan.spec.export.format.rawValue
        && $0.manifest.memberBytes == ExportPlan.memberBytes
        && $0.manifest.encryption == plan.encryption
    }
  }

  /// What the policy would remove behind the next archive.
  ///
  /// - Parameters:
  ///   - plan: has the policy.
  ///   - coming: that archive's name.
  /// - Returns: names, the oldest first.
  func removable(_ plan: ExportPlan, coming: String) -> [String] {
    let export = plan.spec.export
    let found = history.removable(
      Retention(export.keep), pipeline: plan.spec.name, coming: coming,
      willBeVerified: export.verify != .none)
    return found.map(\.name)
  }

  /// A part of an archive of the bucket, if its object is there.
  func referred(_ part: ArchivedPart, of archive: ArchiveDirectory) -> FormerPart? {
    let reference = part.reference ?? "\(archive.name)/\(part.file)"
    let path = reference.split(separator: "/").map(String.init)
    guard path.count == 2, nights[path[0]]?[path[1]] == part.stored.bytes else { return nil }
    return FormerPart(part, referringTo: reference)
  }
}
