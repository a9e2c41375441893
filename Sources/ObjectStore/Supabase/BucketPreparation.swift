internal import Foundation

/// Makes a bucket or checks the one that is there.
struct BucketPreparation {
  let client: StorageClient
  let settings: SupabaseSettings

  private struct Bucket: Decodable {
    let `public`: Bool
    let file_size_limit: Int?
  }

  private struct Creation: Encodable {
    let id: String
    let name: String
    let `public` = false
    // A number of bytes: the text "50MB" would be decimal.
    let file_size_limit: Int
  }

  private struct Created: Decodable { let name: String }

  func run() async throws(ObjectStoreError) -> StoreFacts {
    if let bucket = try await find() { return try facts(bucket, isNew: false) }
    guard settings.makesBucket else { throw error(.bucketMissing) }
    let isNew = try await make()
    // What the server made of it, which may not be what it was asked for.
    guard let bucket = try await find() else { throw error(.bucketMissing) }
    return try facts(bucket, isNew: isNew)
  }

  /// What the bucket takes, or one that is yet to be made.
  func look() async throws(ObjectStoreError) -> StoreFacts {
    if let bucket = try await find() { return try facts(bucket, isNew: false) }
    guard settings.makesBucket else { throw error(.bucketMissing) }
    return StoreFacts(sizeLimitBytes: settings.bucketLimitBytes, isNew: true)
  }

  private func find() async throws(ObjectStoreError) -> Bucket? {
    do throws(ObjectStoreError) {
      return try await client.call(
        .GET, client.address.url("/bucket/\(percentEncode(settings.bucket))"), .bucket)
    } catch {
      guard error.reason == .bucketMissing else { throw error }
      return nil
    }
  }

  /// - Returns: false if somebody else was faster, or an answer was lost.
  private func make() async throws(ObjectStoreError) -> Bool {
    let creation = Creation(
      id: settings.bucket, name: settings.bucket, file_size_limit: settings.bucketLimitBytes)
    var request = HTTPRequest(method: .POST, url: try client.address.url("/bucket"))
    request.headers["Content-Type"] = "application/json"
    request.body = .bytes(try client.encoded(creation))
    return try await client.retry.run { () async throws(ObjectStoreError) in
      let response = try await client.send(request, key: nil)
      if (200..<300).contains(response.status) {
        let _: Created = try client.decoded(response, key: nil)
        return true
      }
      let refusal = StorageRefusal(response)
      if refusal.isDuplicate { return false }
      throw refusal.error(.bucket, key: nil, place: client.address.place)
    }
  }

  private func facts(_ bucket: Bucket, isNew: Bool) throws(ObjectStoreError) -> StoreFacts {
    guard !bucket.public || settings.allowsPublicBucket else { throw error(.bucketIsPublic) }
    return StoreFacts(sizeLimitBytes: bucket.file_size_limit, isNew: isNew)
  }

  private func error(_ reason: ObjectStoreError.Reason) -> ObjectStoreError {
    ObjectStoreError(reason, key: nil, place: client.address.place)
  }
}
