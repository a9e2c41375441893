internal import Foundation

/// A file in chunks (https://tus.io/protocols/resumable-upload, version 1.0.0), as Supabase serves it.
///
/// The offset is the server's to say: after whatever went wrong it is asked for it before anything more is
/// sent. Errors come with their true status here, and with plain text.
struct ResumableUpload {
  let client: StorageClient
  let upload: ObjectUpload
  let file: SourceFile
  let keep: @Sendable (UploadState?) -> Void

  enum End: Equatable {
    /// The server has as many bytes as there are. Unless it got every chunk in one go, and from this run, it
    /// is for the caller to make sure that they are the right ones.
    case sent(inOneGo: Bool)
    /// There is an object under the key already.
    case duplicate
    /// The server knows the upload no more.
    case forgotten
  }

  /// What to do next.
  private enum Step {
    case create
    case ask(URL)
    case send(URL, offset: Int)
    case end(End)
  }

  func run(from state: UploadState?) async throws(ObjectStoreError) -> End {
    var step = first(state)
    var attempt = 1
    var isInOneGo = true
    while true {
      do throws(ObjectStoreError) {
        switch step {
        case .create: step = try await create()
        case .ask(let url):
          isInOneGo = false
          step = try await ask(url)
        case .send(_, let offset) where offset == upload.size:
          step = .end(.sent(inOneGo: isInOneGo))
        case .send(let url, let offset):
          step = try await send(url, from: offset)
          // Each chunk has its own tries.
          attempt = 1
        case .end(let end):
          keep(nil)
          return end
        }
      } catch {
        try await client.retry.wait(after: error, attempt: attempt)
        attempt += 1
        // A chunk that broke off may have arrived in part.
        if case .send(let url, _) = step { step = .ask(url) }
      }
    }
  }

  private func first(_ state: UploadState?) -> Step {
    guard let state, state.belongs(to: upload, place: client.address.place),
      let url = client.address.upload(at: state.url)
    else { return .create }
    return .ask(url)
  }

  private func create() async throws(ObjectStoreError) -> Step {
    var request = request(.POST, try client.address.url(StorageAddress.uploads))
    request.headers["Upload-Length"] = "\(upload.size)"
    request.headers["Upload-Metadata"] = try metadata()
    let response = try await client.send(request, key: upload.key.text)
    guard response.status == 201 else {
      return try refused(response, meaning: StorageRefusal(response).isDuplicate ? .duplicate : nil)
    }
    guard let location = response.header("Location"), let url = client.address.upload(at: location)
    else { throw client.unexpected(response, key: upload.key.text) }
    return reached(0, url)
  }

  private func ask(_ url: URL) async throws(ObjectStoreError) -> Step {
    let response = try await client.send(request(.HEAD, url), key: upload.key.text)
    guard (200..<300).contains(response.status) else {
      return try refused(response, meaning: isForgotten(response) ? .forgotten : nil)
    }
    // Another length is another upload.
    guard let offset = response.number("Upload-Offset"), offset <= upload.size,
      response.number("Upload-Length") ?? upload.size == upload.size
    else { throw client.unexpected(response, key: upload.key.text) }
    return .send(url, offset: offset)
  }

  private func send(_ url: URL, from offset: Int) async throws(ObjectStoreError) -> Step {
    let end = min(offset + SupabaseStorage.chunkBytes, upload.size)
    var request = request(.PATCH, url)
    request.headers["Upload-Offset"] = "\(offset)"
    request.headers["Content-Type"] = "application/offset+octet-stream"
    request.body = .file(file, offset..<end)
    let response = try await client.send(request, key: upload.key.text)
    if response.status == 204 || response.status == 200 {
      guard let reached = response.number("Upload-Offset"), (offset + 1...end).contains(reached)
      else { throw client.unexpected(response, key: upload.key.text) }
      return self.reached(reached, url)
    }
    if isForgotten(response) { return .end(.forgotten) }
    guard StorageRefusal(response).isDuplicate else { return try refused(response, meaning: nil) }
    // Either the offset is wrong or there is an object under the key: only the offset tells.
    let now = try await ask(url)
    if case .send(_, offset) = now { return .end(.duplicate) }
    return now
  }

  private func reached(_ offset: Int, _ url: URL) -> Step {
    keep(
      UploadState(
        url: url.absoluteString, offset: offset, of: upload, place: client.address.place))
    return .send(url, offset: offset)
  }

  /// A 404 of the bucket is one too, but then none can be begun either.
  private func isForgotten(_ response: HTTPResponse) -> Bool {
    [404, 410].contains(response.status) && StorageRefusal(response).code == nil
  }

  private func refused(
    _ response: HTTPResponse, meaning end: End?
  ) throws(ObjectStoreError) -> Step {
    if let end { return .end(end) }
    let refusal = StorageRefusal(response)
    var error = refusal.error(.bucket, key: upload.key.text, place: client.address.place)
    // Plain 400 is a request that was given up for another one that holds the upload.
    if refusal.code == nil && response.status == 400 {
      error = ObjectStoreError(
        .locked, key: error.key, place: error.place, serverCode: error.serverCode,
        retryAfterSeconds: error.retryAfterSeconds)
    }
    throw error
  }

  /// Whether it replaces is said with every request: the server checks it anew each time.
  private func request(_ method: HTTPRequest.Method, _ url: URL) -> HTTPRequest {
    var headers = ["Tus-Resumable": "1.0.0"]
    if upload.replaces { headers["x-upsert"] = "true" }
    return HTTPRequest(method: method, url: url, headers: headers, responseLimitBytes: 1 << 20)
  }

  /// `filename` and `filetype` are for other servers of the protocol, some of which demand them.
  private func metadata() throws(ObjectStoreError) -> String {
    let values = [
      ("bucketName", Data(client.address.bucket.utf8)),
      ("objectName", Data(upload.key.text.utf8)),
      ("contentType", Data(upload.mediaType.utf8)),
      ("cacheControl", Data("3600".utf8)),
      ("metadata", try client.userMetadata(upload)),
      ("filename", Data((upload.key.segments.last ?? "").utf8)),
      ("filetype", Data(upload.mediaType.utf8)),
    ]
    return values.map { "\($0) \($1.base64EncodedString())" }.joined(separator: ",")
  }
}
