/// Where the bytes of files go: a local directory or a bucket of Supabase Storage.
///
/// An object is whole under its key or not there at all, whatever breaks while it is sent. Every call may
/// be made from many tasks at a time; each holds at most a few chunks of one object in memory.
public protocol ObjectStore: Sendable {
  /// Names the store in errors and plans; holds no secret.
  var place: String { get }

  /// Makes the directory or bucket if it is missing, else checks it.
  ///
  /// - Returns: what the store takes.
  /// - Throws: ``ObjectStoreError``, as for a public bucket, which everybody could read.
  func prepare() async throws(ObjectStoreError) -> StoreFacts

  /// Looks at the directory or bucket without making it.
  ///
  /// - Returns: what the store takes, or would take; ``StoreFacts/isNew`` where it would have to be made.
  /// - Throws: ``ObjectStoreError``, as ``prepare()`` does.
  func inspect() async throws(ObjectStoreError) -> StoreFacts

  /// Stores a file under its key, and returns once the store has all of it.
  ///
  /// - Parameters:
  ///   - upload: the file. Its bytes are compared with those that were hashed while they are sent, by sum or
  ///     digest, so that a file that changed since never becomes an object.
  ///   - resumption: where a broken upload of it left off, and who keeps that.
  /// - Returns: whether it was sent, or had been there with the same content.
  /// - Throws: ``ObjectStoreError``; another content under the key is ``ObjectStoreError/Reason/differs(_:)``
  ///   unless the upload replaces.
  @discardableResult
  func put(
    _ upload: ObjectUpload, resumption: UploadResumption
  ) async throws(ObjectStoreError) -> PutOutcome

  /// How many small objects are best given to ``put(_:)`` at a time, by all callers together.
  var objectsAtATime: Int { get }

  /// Stores some objects, none of which is large, and returns once the store has all of each.
  ///
  /// - Parameter uploads: under different keys, as for ``put(_:resumption:)``.
  /// - Returns: what became of each, in their order.
  func put(_ uploads: [ObjectUpload]) async -> [Result<PutOutcome, ObjectStoreError>]

  /// What is stored under a key.
  ///
  /// - Parameter key: the key.
  /// - Returns: nil if there is no such object.
  /// - Throws: ``ObjectStoreError``.
  func info(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectInfo?

  /// Reads an object from its start to its end and verifies it.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - expected: the digest it must have; nil takes the one it was stored with, if it has one.
  ///   - body: gets the bytes in order, in pieces of at most 6 MiB. They are verified only when this call
  ///     returns: what was made of them is to be thrown away if it throws.
  /// - Returns: what was read; its digest is of the bytes as they came.
  /// - Throws: ``ObjectStoreError``; other bytes than expected are ``ObjectStoreError/Reason/damaged``.
  func read(
    _ key: ObjectKey, expecting expected: ContentDigest?,
    _ body: (borrowing Span<UInt8>) throws(ObjectStoreError) -> Void
  ) async throws(ObjectStoreError) -> ObjectInfo

  /// Lists objects in the order of their keys, at most 1000 at a time.
  ///
  /// - Parameters:
  ///   - prefix: what their keys begin with; empty for all.
  ///   - cursor: of the page before; nil for the first.
  /// - Returns: a page, whose objects have no digest where asking for each would cost a request.
  /// - Throws: ``ObjectStoreError``.
  func list(
    prefix: String, after cursor: String?
  ) async throws(ObjectStoreError) -> ObjectPage

  /// Removes objects; one that is not there is no error.
  ///
  /// - Parameter keys: any number of them.
  /// - Returns: how many were there.
  /// - Throws: ``ObjectStoreError``; some of them may then be gone.
  func remove(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> Int
}

/// What a prepared store takes.
public struct StoreFacts: Sendable, Hashable {
  /// Largest object in bytes; nil where only the disk sets a limit.
  public let sizeLimitBytes: Int?
  /// Whether ``ObjectStore/prepare()`` made the directory or bucket, or would make it.
  public let isNew: Bool

  /// Says what a store takes.
  ///
  /// - Parameters:
  ///   - sizeLimitBytes: largest object; nil for no limit of its own.
  ///   - isNew: whether it was made just now.
  public init(sizeLimitBytes: Int?, isNew: Bool) {
    self.sizeLimitBytes = sizeLimitBytes
    self.isNew = isNew
  }
}

/// How an object came to be in the store.
public enum PutOutcome: Sendable, Hashable {
  /// Its bytes were sent.
  case stored
  /// The same content was there already.
  case unchanged
}

/// One page of a listing.
public struct ObjectPage: Sendable, Hashable {
  /// What is stored, in the order of the keys.
  public let objects: [ObjectInfo]
  /// Gets the next page; nil on the last.
  public let cursor: String?
}
