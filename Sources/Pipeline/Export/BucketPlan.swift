/// Where archives in a bucket are, as `export.root` or a command line say; nothing is opened yet.
public struct BucketPlan: Sendable {
  /// Which archives.
  public let root: BucketRoot
  /// The bucket.
  public let store: StorePlan

  /// Reads a text; nil where it names a directory.
  ///
  /// - Parameters:
  ///   - text: a root, as `store:BUCKET/PREFIX`.
  ///   - spec: section `store`, whose project and key count; its bucket is that of files.
  ///   - environment: as for ``StorePlan``.
  /// - Throws: ``RunError`` of kind `badPipeline` where it names no bucket, or the one of files: whoever checks
  ///   these would take archives for objects without rows.
  public init?(
    _ text: String, _ spec: StoreSpec, environment: [String: String]
  ) throws(RunError) {
    guard let root = try BucketRoot(text) else { return nil }
    try self.init(root, spec, environment: environment)
  }

  init(
    _ root: BucketRoot, _ spec: StoreSpec, environment: [String: String]
  ) throws(RunError) {
    guard root.bucket != spec.bucket else {
      throw RunError(
        .badPipeline, "\(root): bucket \(root.bucket) is that of files",
        hint: "archives need a bucket of their own, such as store:convoy-archives")
    }
    guard spec.kind != .directory, spec.directory == nil else {
      throw RunError(
        .badPipeline, "\(root): the store is a directory",
        hint: "give the archives' root as a directory too, without store:")
    }
    var own = spec
    own.kind = .supabase
    own.bucket = root.bucket
    self.root = root
    store = try StorePlan(own, environment: environment)
  }

  /// The bucket's archives, of which nothing has been read yet.
  ///
  /// - Throws: ``RunError`` where there is no key, or the address cannot be used.
  public func open() async throws(RunError) -> ArchiveBucket {
    try await ArchiveBucket(root, store)
  }
}
