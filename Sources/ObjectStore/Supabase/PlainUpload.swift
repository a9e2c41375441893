internal import Foundation

/// A file in one request.
struct PlainUpload {
  let client: StorageClient
  let upload: ObjectUpload
  let file: SourceFile

  enum End {
    case sent
    /// There is an object under the key already.
    case duplicate
    /// The server takes no body of no bytes.
    case emptyRefused
  }

  private struct Answer: Decodable { let Key: String }

  func run() async throws(ObjectStoreError) -> End {
    var request = HTTPRequest(
      method: .POST, url: try client.address.url("/object", upload.key),
      headers: try headers(), body: .file(file, 0..<upload.size))
    request.responseLimitBytes = 1 << 20
    var attempt = 1
    var mayBeStored = false
    while true {
      do throws(ObjectStoreError) {
        // The answer to an upload that broke off may have been lost, or have come too early to be read.
        if mayBeStored, !upload.replaces, try await client.info(upload.key) != nil {
          return .duplicate
        }
        return try await send(request)
      } catch {
        mayBeStored =
          mayBeStored || error.reason == .unreachable || error.reason == .unexpectedAnswer
        try await client.retry.wait(after: error, attempt: attempt)
        attempt += 1
      }
    }
  }

  private func send(_ request: HTTPRequest) async throws(ObjectStoreError) -> End {
    let response = try await client.send(request, key: upload.key.text)
    if (200..<300).contains(response.status) {
      let answer: Answer = try client.decoded(response, key: upload.key.text)
      guard answer.Key == "\(client.address.bucket)/\(upload.key)" else {
        throw client.unexpected(response, key: upload.key.text)
      }
      return .sent
    }
    let refusal = StorageRefusal(response)
    if refusal.isDuplicate { return .duplicate }
    let error = refusal.error(.object, key: upload.key.text, place: client.address.place)
    if upload.size == 0 && error.reason == .refused { return .emptyRefused }
    throw error
  }

  private func headers() throws(ObjectStoreError) -> [String: String] {
    [
      "Content-Type": upload.mediaType,
      "Cache-Control": "max-age=3600",
      "x-upsert": upload.replaces ? "true" : "false",
      "x-metadata": try client.userMetadata(upload).base64EncodedString(),
    ]
  }
}

extension StorageClient {
  /// What is kept with an object, so that a later run can compare it without reading it.
  func userMetadata(_ upload: ObjectUpload) throws(ObjectStoreError) -> Data {
    try encoded(["sha256": upload.digest.description])
  }
}
