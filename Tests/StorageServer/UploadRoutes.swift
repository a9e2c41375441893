internal import Foundation

extension StorageRoutes {
  /// Where bytes are written that may become an object.
  struct Sink {
    let version: String
    let file: FileHandle

    init(_ disk: StorageDisk, version: String = UUID().uuidString.lowercased()) throws {
      self.version = version
      let path = disk.bytes(version)
      if !FileManager.default.fileExists(atPath: path) {
        try Data().write(to: URL(fileURLWithPath: path))
      }
      file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seekToEnd()
    }
  }

  /// Checks in the server's order: bucket, size and media type, key, duplicate; then takes the bytes.
  func upload(
    _ bucketName: String, _ key: String, replaces: Bool, _ request: ServerRequest,
    _ connection: ServerConnection
  ) throws -> ServerResponse {
    let bucket = try disk.bucket(bucketName)
    let type = request.headers["content-type"] ?? "application/octet-stream"
    if type.hasPrefix("multipart/form-data") {
      return try uploadForm(bucket, key, replaces: replaces, type, connection)
    }
    guard type.contains("/") else {
      throw Refusal(
        statusCode: 415, error: "invalid_mime_type", code: "InvalidMimeType",
        message: "Invalid Content-Type header")
    }
    // A body of unknown length is never refused for its size.
    let length = request.headers["content-length"].flatMap { Int($0) }
    guard length ?? 0 <= limit(bucket) else { throw Refusal.tooLarge }
    try checkMediaType(type, bucket)
    try check(bucket, key, replaces: replaces)
    if length == 0 && settings.refusesEmptyBodies { throw Refusal.invalid("No content provided") }
    let sink = try Sink(disk)
    var size = 0
    do {
      while true {
        let piece = try connection.bodyPiece()
        if piece.isEmpty { break }
        try sink.file.write(contentsOf: piece)
        size += piece.count
      }
    } catch {
      try FileManager.default.removeItem(atPath: disk.bytes(sink.version))
      throw error
    }
    let metadata = request.headers["x-metadata"].flatMap { Data(base64Encoded: $0) }
    return try commit(
      StoredObject(
        bucket: bucket.id, key: key, version: sink.version, size: size, mediaType: type,
        cacheControl: request.headers["cache-control"] ?? "no-cache",
        userMetadata: metadata.flatMap(validated)), replaces: replaces)
  }

  private func uploadForm(
    _ bucket: StoredBucket, _ key: String, replaces: Bool, _ type: String,
    _ connection: ServerConnection
  ) throws -> ServerResponse {
    let form = MultipartForm(try connection.body(limit: 64 << 20), contentType: type)
    guard let file = form.file else { throw Refusal.invalid("No content provided") }
    guard file.bytes.count <= limit(bucket) else { throw Refusal.tooLarge }
    let mediaType = form.fields["contentType"] ?? file.mediaType
    try checkMediaType(mediaType, bucket)
    try check(bucket, key, replaces: replaces)
    let sink = try Sink(disk)
    try sink.file.write(contentsOf: file.bytes)
    let metadata = form.fields["metadata"] ?? form.fields["userMetadata"]
    return try commit(
      StoredObject(
        bucket: bucket.id, key: key, version: sink.version, size: file.bytes.count,
        mediaType: mediaType,
        cacheControl: form.fields["cacheControl"].map { "max-age=\($0)" } ?? "no-cache",
        userMetadata: metadata.flatMap { validated(Data($0.utf8)) }), replaces: replaces)
  }

  func check(_ bucket: StoredBucket, _ key: String, replaces: Bool) throws {
    try checkKey(key)
    guard replaces || disk.object(bucket.id, key) == nil else { throw Refusal.objectExists }
  }

  private func commit(_ object: StoredObject, replaces: Bool) throws -> ServerResponse {
    try disk.commit(object, replaces: replaces)
    return ServerResponse(json: ["Id": object.id, "Key": "\(object.bucket)/\(object.key)"])
  }

  /// Metadata that is not a JSON object is dropped without a word.
  func validated(_ metadata: Data) -> Data? {
    let json = try? JSONSerialization.jsonObject(with: metadata) as? [String: Any]
    return json == nil ? nil : metadata
  }

  func store(_ bucket: String, _ key: String, _ bytes: Data) throws {
    let sink = try Sink(disk)
    try sink.file.write(contentsOf: bytes)
    let object = StoredObject(
      bucket: bucket, key: key, version: sink.version, size: bytes.count,
      mediaType: "application/octet-stream", cacheControl: "no-cache")
    try disk.commit(object, replaces: true)
  }
}
