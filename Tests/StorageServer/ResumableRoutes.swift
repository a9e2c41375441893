internal import Foundation

/// Resumable uploads (TUS 1.0.0): true statuses and plain text, unlike all else.
extension StorageRoutes {
  func resumable(
    _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse {
    var response: ServerResponse
    do {
      response = try serve(request, connection)
    } catch let refusal as Refusal {
      response = refusal.plainResponse
    }
    response.headers["Tus-Resumable"] = "1.0.0"
    return response
  }

  private func serve(
    _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse {
    if request.method == "OPTIONS" {
      return ServerResponse(
        204,
        headers: [
          "Tus-Version": "1.0.0",
          "Tus-Extension": "creation,creation-with-upload,termination,expiration",
        ])
    }
    guard request.headers["tus-resumable"] == "1.0.0" else {
      return ServerResponse(412, text: "Tus-Resumable Required")
    }
    if request.method == "POST" && request.segments.count == 2 {
      return try create(request, connection)
    }
    guard let version = version(request) else { return notFound }
    // The connection of a chunk that broke off may have bytes under way when the next request comes.
    guard locks.acquire(version) else {
      return ServerResponse(503, text: "acquiring lock timeout")
    }
    defer { locks.release(version) }
    guard let upload = disk.upload(version) else { return notFound }
    switch request.method {
    case "HEAD":
      return ServerResponse(
        200,
        headers: [
          "Upload-Offset": "\(try disk.bytesThere(version))", "Upload-Length": "\(upload.length)",
          "Cache-Control": "no-store", "Upload-Expires": expiry,
        ])
    case "PATCH": return try append(upload, request, connection)
    case "DELETE":
      disk.forget(version, keepingBytes: false)
      return ServerResponse(204)
    default: throw Refusal.route(request)
    }
  }

  private func create(
    _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse {
    guard let length = request.headers["upload-length"].flatMap({ Int($0) }), length >= 0 else {
      return ServerResponse(400, text: "Upload-Length or Upload-Defer-Length header required")
    }
    guard let metadata = metadata(request), let name = metadata["bucketName"],
      let key = metadata["objectName"]
    else { return ServerResponse(400, text: "Upload-Metadata is invalid") }
    let bucket = try disk.bucket(name)
    try check(bucket, key, replaces: request.headers["x-upsert"] == "true")
    guard length <= limit(bucket) else { return ServerResponse(413, text: "Maximum size exceeded") }
    try checkMediaType(metadata["contentType"] ?? "application/octet-stream", bucket)
    let upload = StoredUpload(
      bucket: name, key: key, version: UUID().uuidString.lowercased(), length: length,
      metadata: metadata)
    try disk.begin(upload)
    let id = Data("\(name)/\(key)/\(upload.version)".utf8).base64EncodedString()
      .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
      .replacingOccurrences(of: "=", with: "")
    var headers = ["Upload-Expires": expiry]
    headers["Location"] =
      "http://\(request.headers["host"] ?? "")/storage/v1/upload/resumable/\(id)"
    if request.headers["content-type"] == "application/offset+octet-stream" {
      let written = try write(upload, at: 0, connection)
      headers["Upload-Offset"] = "\(written)"
      if written == length { try finish(upload, request) }
    } else if length == 0 {
      try finish(upload, request)
    }
    return ServerResponse(201, headers: headers)
  }

  private func append(
    _ upload: StoredUpload, _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse {
    guard request.headers["content-type"] == "application/offset+octet-stream" else {
      return ServerResponse(403, text: "Content-Type header required")
    }
    guard let offset = request.headers["upload-offset"].flatMap({ Int($0) }) else {
      return ServerResponse(403, text: "Upload-Offset header required")
    }
    // With the header of this request, whatever the first one said.
    try check(
      try disk.bucket(upload.bucket), upload.key, replaces: request.headers["x-upsert"] == "true")
    guard offset == (try disk.bytesThere(upload.version)) else {
      return ServerResponse(409, text: "Upload-Offset conflict")
    }
    let length = request.headers["content-length"].flatMap { Int($0) } ?? 0
    guard offset + length <= upload.length else {
      return ServerResponse(413, text: "upload's size exceeded")
    }
    let end = try write(upload, at: offset, connection)
    if end == upload.length { try finish(upload, request) }
    return ServerResponse(204, headers: ["Upload-Offset": "\(end)", "Upload-Expires": expiry])
  }

  /// Of a chunk that breaks off, whole parts are kept.
  private func write(
    _ upload: StoredUpload, at offset: Int, _ connection: ServerConnection
  ) throws -> Int {
    let sink = try Sink(disk, version: upload.version)
    var end = offset
    do {
      while true {
        let piece = try connection.bodyPiece()
        if piece.isEmpty { return end }
        try sink.file.write(contentsOf: piece)
        end += piece.count
      }
    } catch {
      let kept = end - (end - offset) % settings.keptPartBytes
      try sink.file.truncate(atOffset: UInt64(kept))
      throw error
    }
  }

  private func finish(_ upload: StoredUpload, _ request: ServerRequest) throws {
    let cache = upload.metadata["cacheControl"].flatMap { Int($0) }.map { "max-age=\($0)" }
    let object = StoredObject(
      bucket: upload.bucket, key: upload.key, version: upload.version, size: upload.length,
      mediaType: upload.metadata["contentType"] ?? "application/octet-stream",
      cacheControl: cache ?? "no-cache",
      userMetadata: upload.metadata["metadata"].flatMap { validated(Data($0.utf8)) })
    disk.forget(upload.version, keepingBytes: true)
    try disk.commit(object, replaces: request.headers["x-upsert"] == "true")
  }

  /// Pairs of a key and base64, keys unique, nothing behind a comma.
  private func metadata(_ request: ServerRequest) -> [String: String]? {
    var metadata: [String: String] = [:]
    for pair in (request.headers["upload-metadata"] ?? "").components(separatedBy: ",") {
      let parts = pair.components(separatedBy: " ")
      guard parts.count == 2, metadata[parts[0]] == nil, let value = Data(base64Encoded: parts[1])
      else { return nil }
      metadata[parts[0]] = String(decoding: value, as: UTF8.self)
    }
    return metadata
  }

  private func version(_ request: ServerRequest) -> String? {
    guard let name = request.segments.last else { return nil }
    var text = name.replacingOccurrences(of: "-", with: "+").replacingOccurrences(
      of: "_", with: "/")
    while text.utf8.count % 4 != 0 { text += "=" }
    guard let id = Data(base64Encoded: text) else { return nil }
    return String(decoding: id, as: UTF8.self).split(separator: "/").last.map(String.init)
  }

  private var notFound: ServerResponse {
    ServerResponse(404, text: "The file for this url was not found")
  }

  private var expiry: String { "Wed, 31 Dec 2036 00:00:00 GMT" }

  /// Forgets the upload a request is about.
  func expire(_ request: ServerRequest) {
    if let version = version(request) { disk.forget(version, keepingBytes: false) }
  }

  /// Stores somebody else's object under the key a request is about.
  func compete(_ request: ServerRequest, _ bytes: Data) throws {
    if let upload = version(request).flatMap({ disk.upload($0) }) {
      try store(upload.bucket, upload.key, bytes)
    } else if request.segments.count > 2 {
      try store(request.segments[1], request.segments.dropFirst(2).joined(separator: "/"), bytes)
    }
  }
}
