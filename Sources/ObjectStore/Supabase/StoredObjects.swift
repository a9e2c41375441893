internal import Crypto
internal import Foundation

extension StorageClient {
  private struct Info: Decodable {
    let name: String
    let size: Int
    let content_type: String?
    let metadata: UserMetadata?
  }

  /// What others keep with an object may be anything.
  private struct UserMetadata: Decodable {
    let digest: ContentDigest?

    enum CodingKeys: String, CodingKey { case sha256 }

    init(from decoder: any Decoder) throws {
      // Metadata of another shape says nothing of a digest.
      let fields = try? decoder.container(keyedBy: CodingKeys.self)
      digest = (try? fields?.decode(String.self, forKey: .sha256)).flatMap(ContentDigest.init(hex:))
    }
  }

  /// What is stored under a key; a failed HEAD has no body to tell missing from forbidden.
  func info(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectInfo? {
    do throws(ObjectStoreError) {
      let info: Info = try await call(
        .GET, address.url("/object/info", key), .object, key: key.text)
      return ObjectInfo(
        key: info.name, size: info.size, digest: info.metadata?.digest,
        mediaType: info.content_type)
    } catch {
      guard error.reason == .objectMissing else { throw error }
      return nil
    }
  }
}

extension SupabaseStorage {
  /// Reads an object in ranges of 6 MiB, each of which is asked for again if it breaks off.
  public func read(
    _ key: ObjectKey, expecting expected: ContentDigest?,
    _ body: (borrowing Span<UInt8>) throws(ObjectStoreError) -> Void
  ) async throws(ObjectStoreError) -> ObjectInfo {
    guard let stored = try await info(key) else {
      throw ObjectStoreError(.objectMissing, key: key.text, place: place)
    }
    var hash = SHA256()
    var offset = 0
    var version: String?
    while offset < stored.size {
      let range = offset..<min(offset + Self.chunkBytes, stored.size)
      let response = try await client.retry.run { () async throws(ObjectStoreError) in
        try await piece(range, of: key, stored.size)
      }
      // Pieces of two contents make neither.
      if let version, response.header("ETag") != version {
        throw ObjectStoreError(.damaged, key: key.text, place: place)
      }
      version = response.header("ETag")
      hash.update(data: response.body)
      try body(response.body.span)
      offset = range.upperBound
    }
    let digest = ContentDigest(hash.finalize())
    guard (expected ?? stored.digest ?? digest) == digest else {
      throw ObjectStoreError(.damaged, key: key.text, place: place)
    }
    return ObjectInfo(key: key.text, size: offset, digest: digest, mediaType: stored.mediaType)
  }

  private func piece(
    _ range: Range<Int>, of key: ObjectKey, _ size: Int
  ) async throws(ObjectStoreError) -> HTTPResponse {
    var request = HTTPRequest(method: .GET, url: try client.address.url("/object", key))
    request.headers["Range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
    request.responseLimitBytes = Self.chunkBytes
    let response = try await client.succeed(request, .object, key: key.text)
    let isAll = response.status == 200 && range == 0..<size
    let place = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    let isRange = response.status == 206 && response.header("Content-Range") == place
    guard isAll || isRange, response.body.count == range.count else {
      throw client.unexpected(response, key: key.text)
    }
    return response
  }

  private struct Listing: Encodable {
    let prefix: String
    let limit = 1000
    let cursor: String?
    let with_delimiter = false
  }

  private struct Listed: Decodable {
    struct Object: Decodable {
      struct Metadata: Decodable {
        let size: Int
        let mimetype: String?
      }
      let name: String
      let metadata: Metadata
    }
    let hasNext: Bool
    let nextCursor: String?
    let objects: [Object]
  }

  /// Lists objects whatever folders they are in, 1000 at a time and without digests.
  public func list(
    prefix: String, after cursor: String?
  ) async throws(ObjectStoreError) -> ObjectPage {
    let url = try client.address.url("/object/list-v2/\(percentEncode(client.address.bucket))")
    let listed: Listed = try await client.call(
      .POST, url, json: client.encoded(Listing(prefix: prefix, cursor: cursor)), .bucket)
    return ObjectPage(
      objects: listed.objects.map {
        ObjectInfo(
          key: $0.name, size: $0.metadata.size, digest: nil, mediaType: $0.metadata.mimetype)
      },
      cursor: listed.hasNext ? listed.nextCursor : nil)
  }

  private struct Removal: Encodable { let prefixes: [String] }
  private struct Removed: Decodable {}

  /// Removes objects, 1000 in a request.
  ///
  /// A request that is repeated because its answer was lost counts what the first one left.
  public func remove(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> Int {
    let url = try client.address.url("/object/\(percentEncode(client.address.bucket))")
    var count = 0
    for start in stride(from: 0, to: keys.count, by: 1000) {
      let batch = keys[start..<min(start + 1000, keys.count)].map(\.text)
      let removed: [Removed] = try await client.call(
        .DELETE, url, json: client.encoded(Removal(prefixes: batch)), .bucket)
      count += removed.count
    }
    return count
  }
}
