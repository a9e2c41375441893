/// A file to be stored, as it was when it was hashed, or a content in memory.
public struct ObjectUpload: Sendable, Hashable {
  /// Where it goes.
  public let key: ObjectKey
  /// Where it is; the key of what is in memory.
  public let path: String
  /// Which file, and which state of it; another one is ``ObjectStoreError/Reason/sourceChanged``.
  public let identity: FileIdentity
  /// All of its bytes, where they are in memory and in no file.
  let content: [UInt8]?
  /// SHA-256 of its content.
  public let digest: ContentDigest
  /// Sum of its content, if whoever hashed it summed it as well: it is then by this that the bytes that are sent
  /// are compared with those that were hashed.
  public let sum: UInt64?
  /// Its media type, such as `image/png`.
  public let mediaType: String
  /// Whether it takes the place of another content under the key.
  public let replaces: Bool

  /// Says what to store.
  ///
  /// - Parameters:
  ///   - key: where it goes.
  ///   - path: where it is.
  ///   - identity: of the file that was hashed.
  ///   - digest: of its content.
  ///   - sum: ``ContentSum`` of the same bytes; nil has the digest made again while they are sent.
  ///   - mediaType: its media type.
  ///   - replaces: whether it takes the place of another content.
  public init(
    key: ObjectKey, path: String, identity: FileIdentity, digest: ContentDigest,
    sum: UInt64? = nil,
    mediaType: String = "application/octet-stream", replaces: Bool = false
  ) {
    self.key = key
    self.path = path
    self.identity = identity
    content = nil
    self.digest = digest
    self.sum = sum
    self.mediaType = mediaType
    self.replaces = replaces
  }

  /// Says what to store of memory; nothing that is there is replaced by it.
  ///
  /// - Parameters:
  ///   - key: where it goes.
  ///   - content: all of it; shared, not copied.
  ///   - digest: of the content, which is not hashed again.
  ///   - mediaType: its media type.
  public init(key: ObjectKey, content: [UInt8], digest: ContentDigest, mediaType: String) {
    self.key = key
    path = key.text
    identity = FileIdentity(
      device: 0, inode: 0, size: content.count, modificationTimeNanoseconds: 0)
    self.content = content
    self.digest = digest
    sum = nil
    self.mediaType = mediaType
    replaces = false
  }

  /// Its length in bytes.
  public var size: Int { identity.size }
}

/// One state of one file: if all of it is as before, so is the content, as far as the file system tells.
public struct FileIdentity: Sendable, Hashable, Codable {
  /// Number of the file system.
  public let device: UInt64
  /// Number of the file in it.
  public let inode: UInt64
  /// Length in bytes.
  public let size: Int
  /// When the content was last written, in nanoseconds since 1970.
  public let modificationTimeNanoseconds: Int64

  /// Names a state of a file.
  ///
  /// - Parameters:
  ///   - device: number of the file system.
  ///   - inode: number of the file in it.
  ///   - size: length in bytes.
  ///   - modificationTimeNanoseconds: modification time in nanoseconds since 1970.
  public init(device: UInt64, inode: UInt64, size: Int, modificationTimeNanoseconds: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modificationTimeNanoseconds = modificationTimeNanoseconds
  }
}
