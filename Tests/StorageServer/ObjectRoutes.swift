internal import Foundation

extension StorageRoutes {
  func find(_ bucket: String, _ key: String) throws -> StoredObject {
    _ = try disk.bucket(bucket)
    guard let object = disk.object(bucket, key) else { throw Refusal.noObject }
    return object
  }

  func info(_ bucket: String, _ key: String) throws -> ServerResponse {
    let object = try find(bucket, key)
    // What was kept was an object of JSON when it came.
    let metadata = object.userMetadata.flatMap { try? JSONSerialization.jsonObject(with: $0) }
    return ServerResponse(json: [
      "id": object.id, "name": object.key, "version": object.version, "bucket_id": object.bucket,
      "size": object.size, "content_type": object.mediaType,
      "cache_control": object.cacheControl, "etag": "\"\(object.version)\"",
      "metadata": metadata ?? NSNull(), "last_modified": time(object.updated),
      "created_at": time(object.created),
    ])
  }

  func content(_ bucket: String, _ key: String, _ request: ServerRequest) throws -> ServerResponse {
    let object = try find(bucket, key)
    let tag = "\"\(object.version)\""
    var response = ServerResponse(
      200,
      headers: [
        "Content-Type": object.mediaType, "Cache-Control": object.cacheControl, "ETag": tag,
        "Accept-Ranges": "bytes",
      ])
    if let name = request.parameters["download"] {
      response.headers["Content-Disposition"] = "attachment; filename=\"\(name)\""
    }
    if request.headers["if-none-match"] == tag {
      response.status = 304
      return response
    }
    if request.method == "HEAD" {
      response.headers["Content-Length"] = "\(object.size)"
      return response
    }
    var range = 0..<object.size
    if let asked = request.headers["range"], !settings.ignoresRanges {
      guard let part = part(asked, of: object.size) else {
        throw Refusal(
          httpStatus: 416, statusCode: 416, error: "InvalidRange", code: "InvalidRange",
          message: "The requested range is not satisfiable")
      }
      range = part
      response.status = 206
      response.headers["Content-Range"] =
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
    }
    let file = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: disk.bytes(object.version)))
    try file.seek(toOffset: UInt64(range.lowerBound))
    response.body = range.isEmpty ? Data() : try file.read(upToCount: range.count) ?? Data()
    return response
  }

  private func part(_ header: String, of size: Int) -> Range<Int>? {
    guard header.hasPrefix("bytes=") else { return nil }
    let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Int(ends[0]), first < size else { return nil }
    return first..<min((Int(ends[1]) ?? size - 1) + 1, size)
  }

  func removeMany(_ bucket: String, _ connection: ServerConnection) throws -> ServerResponse {
    _ = try disk.bucket(bucket)
    guard let keys = try object(connection)["prefixes"] as? [String] else {
      throw Refusal.schema("body must have required property 'prefixes'")
    }
    guard (1...1000).contains(keys.count) else {
      throw Refusal.schema("body/prefixes must NOT have more than 1000 items")
    }
    return ServerResponse(json: keys.compactMap { disk.remove(bucket, $0) }.map(row))
  }

  func removeOne(_ bucket: String, _ key: String) throws -> ServerResponse {
    _ = try find(bucket, key)
    _ = disk.remove(bucket, key)
    return ServerResponse(json: ["message": "Successfully deleted"])
  }

  func moveOrCopy(_ verb: String, _ connection: ServerConnection) throws -> ServerResponse {
    let body = try object(connection)
    guard let bucket = body["bucketId"] as? String, let source = body["sourceKey"] as? String,
      let destination = body["destinationKey"] as? String
    else { throw Refusal.schema("body must have required property 'bucketId'") }
    let old = try find(bucket, source)
    let target = body["destinationBucket"] as? String ?? bucket
    try check(try disk.bucket(target), destination, replaces: false)
    var new = old
    new.id = UUID().uuidString.lowercased()
    new.version = UUID().uuidString.lowercased()
    new.bucket = target
    new.key = destination
    try FileManager.default.copyItem(
      atPath: disk.bytes(old.version), toPath: disk.bytes(new.version))
    try disk.commit(new, replaces: false)
    guard verb == "move" else {
      return ServerResponse(json: ["Id": new.id, "Key": "\(target)/\(destination)"])
    }
    _ = disk.remove(bucket, source)
    return ServerResponse(json: ["message": "Successfully moved"])
  }
}
