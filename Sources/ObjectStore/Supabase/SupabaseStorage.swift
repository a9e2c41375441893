internal import Crypto
internal import Foundation

/// A bucket of Supabase Storage, by its REST routes and its resumable uploads (TUS 1.0.0).
///
/// Files of up to 6 MiB go in one request, larger ones in chunks of 6 MiB, which the hosted service demands.
/// Memory is a chunk or two for each call under way.
public struct SupabaseStorage: ObjectStore {
  /// The largest body of one request, and the length of every chunk but the last.
  static let chunkBytes = 6 << 20
  /// How often an upload that the server has forgotten is begun anew.
  private static let beginningLimit = 4

  let client: StorageClient
  private let settings: SupabaseSettings

  /// Names a bucket; nothing is sent yet.
  ///
  /// - Parameter settings: which bucket, and how it may be used.
  /// - Throws: ``ObjectStoreError`` if the address or the bucket's name cannot be used.
  public init(_ settings: SupabaseSettings) throws(ObjectStoreError) {
    self.settings = settings
    client = try StorageClient(settings)
  }

  /// Address of the bucket.
  public var place: String { client.address.place }

  /// Makes the bucket, private and with the limit of the settings, or checks the one that is there.
  public func prepare() async throws(ObjectStoreError) -> StoreFacts {
    try await BucketPreparation(client: client, settings: settings).run()
  }

  /// Asks for the bucket's settings.
  public func inspect() async throws(ObjectStoreError) -> StoreFacts {
    try await BucketPreparation(client: client, settings: settings).look()
  }

  /// Sends a file in one request or in chunks.
  @discardableResult
  public func put(
    _ upload: ObjectUpload, resumption: UploadResumption = .none
  ) async throws(ObjectStoreError) -> PutOutcome {
    let file = try SourceFile(upload)
    if upload.size <= Self.chunkBytes {
      switch try await PlainUpload(client: client, upload: upload, file: file).run() {
      case .sent: return .stored
      case .duplicate: return try await settle(upload)
      case .emptyRefused: break
      }
    }
    var state = resumption.state
    for _ in 0..<Self.beginningLimit {
      let transfer = ResumableUpload(
        client: client, upload: upload, file: file, keep: resumption.keep)
      switch try await transfer.run(from: state) {
      case .sent(let isInOneGo):
        if try await isWhole(upload, trustingBytes: isInOneGo) { return .stored }
        state = nil
      case .duplicate:
        return try await settle(upload)
      case .forgotten:
        // A server forgets an upload that has ended, too.
        if let stored = try await info(upload.key), try await isSame(stored, upload),
          try await isWhole(upload, trustingBytes: false)
        {
          return .stored
        }
        state = nil
      }
    }
    throw ObjectStoreError(.uploadExpired, key: upload.key.text, place: place)
  }

  /// One: each is a request, and those under way at a time are for the caller to say.
  public var objectsAtATime: Int { 1 }

  /// Sends each by itself.
  public func put(_ uploads: [ObjectUpload]) async -> [Result<PutOutcome, ObjectStoreError>] {
    var outcomes: [Result<PutOutcome, ObjectStoreError>] = []
    for upload in uploads {
      do throws(ObjectStoreError) {
        outcomes.append(.success(try await put(upload, resumption: .none)))
      } catch {
        outcomes.append(.failure(error))
      }
    }
    return outcomes
  }

  /// What the bucket holds under a key, with the digest it was stored with.
  public func info(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectInfo? {
    try await client.info(key)
  }

  /// Compares what is there with what was to be sent.
  private func settle(_ upload: ObjectUpload) async throws(ObjectStoreError) -> PutOutcome {
    guard let stored = try await info(upload.key) else {
      // Removed meanwhile, or a server that refuses what it does not have; another try tells.
      throw ObjectStoreError(.locked, key: upload.key.text, place: place)
    }
    guard try await isSame(stored, upload) else {
      throw ObjectStoreError(.differs(stored), key: upload.key.text, place: place)
    }
    return .unchanged
  }

  /// Whether an object has a file's content; one stored without its digest is read for it.
  private func isSame(
    _ stored: ObjectInfo, _ upload: ObjectUpload
  ) async throws(ObjectStoreError) -> Bool {
    guard stored.size == upload.size else { return false }
    if let digest = stored.digest { return digest == upload.digest }
    return try await digest(upload.key) == upload.digest
  }

  /// Whether the object that was put together of chunks is the file; one that is not is removed.
  private func isWhole(
    _ upload: ObjectUpload, trustingBytes: Bool
  ) async throws(ObjectStoreError) -> Bool {
    guard let stored = try await info(upload.key) else { return false }
    var isWhole =
      stored.size == upload.size && (stored.digest == nil || stored.digest == upload.digest)
    if isWhole && !trustingBytes {
      isWhole = try await digest(upload.key) == upload.digest
    }
    if !isWhole { _ = try await remove([upload.key]) }
    return isWhole
  }

  /// SHA-256 of the bytes as they are, whatever they should be.
  private func digest(_ key: ObjectKey) async throws(ObjectStoreError) -> ContentDigest? {
    do throws(ObjectStoreError) {
      return try await read(key, expecting: nil) { _ in }.digest
    } catch {
      guard error.reason == .damaged else { throw error }
      return nil
    }
  }
}
