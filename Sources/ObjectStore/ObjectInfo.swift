/// What a store says of one object.
public struct ObjectInfo: Sendable, Hashable {
  /// Its key, as the store has it.
  public let key: String
  /// Its length in bytes.
  public let size: Int
  /// SHA-256 of its content as it was stored; nil where the store was not told or not asked.
  public let digest: ContentDigest?
  /// Its media type; nil where the store was not told.
  public let mediaType: String?

  /// Says what is stored.
  ///
  /// - Parameters:
  ///   - key: its key.
  ///   - size: its length in bytes.
  ///   - digest: SHA-256 of its content, if known.
  ///   - mediaType: its media type, if known.
  public init(key: String, size: Int, digest: ContentDigest?, mediaType: String?) {
    self.key = key
    self.size = size
    self.digest = digest
    self.mediaType = mediaType
  }
}
