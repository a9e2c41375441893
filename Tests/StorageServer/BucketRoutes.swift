internal import Foundation

extension StorageRoutes {
  func json(_ bucket: StoredBucket) -> [String: Any] {
    [
      "id": bucket.id, "name": bucket.id, "owner": "", "public": bucket.isPublic,
      "file_size_limit": bucket.sizeLimit.map { $0 as Any } ?? NSNull(),
      "allowed_mime_types": bucket.mediaTypes.map { $0 as Any } ?? NSNull(),
      "created_at": time(bucket.created), "updated_at": time(bucket.updated),
    ]
  }

  func makeBucket(_ connection: ServerConnection) throws -> ServerResponse {
    let body = try object(connection)
    guard let name = body["name"] as? String else {
      throw Refusal.schema("body must have required property 'name'")
    }
    let isNamed =
      name.utf8.count <= 100 && !name.contains("/")
      && name.trimmingCharacters(in: .whitespaces) == name
    do {
      try checkKey(name)
    } catch { throw Refusal.bucketName }
    guard isNamed else { throw Refusal.bucketName }
    var bucket = StoredBucket(id: body["id"] as? String ?? name, isPublic: false)
    try apply(body, to: &bucket)
    try disk.make(bucket)
    return ServerResponse(json: ["name": bucket.id])
  }

  func bucket(
    _ request: ServerRequest, _ connection: ServerConnection, _ segments: [String]
  ) throws -> ServerResponse {
    var bucket = try disk.bucket(segments[1])
    switch (request.method, segments.dropFirst(2).first) {
    case ("GET", nil): return ServerResponse(json: json(bucket))
    case ("PUT", nil):
      try apply(try object(connection), to: &bucket)
      bucket.updated = Date()
      try disk.update(bucket)
      return ServerResponse(json: ["message": "Successfully updated"])
    case ("POST", "empty"):
      for object in disk.objects(bucket.id, prefix: "") { _ = disk.remove(bucket.id, object.key) }
      return ServerResponse(json: ["message": "Successfully emptied"])
    case ("DELETE", nil):
      try disk.removeBucket(bucket.id)
      return ServerResponse(json: ["message": "Successfully deleted"])
    default: throw Refusal.route(request)
    }
  }

  private func apply(_ body: [String: Any], to bucket: inout StoredBucket) throws {
    if let isPublic = body["public"] as? Bool { bucket.isPublic = isPublic }
    if let types = body["allowed_mime_types"] as? [String] { bucket.mediaTypes = types }
    switch body["file_size_limit"] {
    case let number as NSNumber: bucket.sizeLimit = number.intValue
    case let text as String: bucket.sizeLimit = try bytes(text)
    case is NSNull: bucket.sizeLimit = nil
    default: break
    }
    guard bucket.sizeLimit ?? 0 <= settings.projectLimitBytes else { throw Refusal.tooLarge }
  }

  /// Sizes as text are decimal: `50MB` are 50 000 000 bytes.
  private func bytes(_ text: String) throws -> Int {
    let units = ["B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000]
    let digits = text.prefix { $0.isNumber }
    guard let number = Int(digits),
      let unit = digits.count == text.count ? 1 : units[text.dropFirst(digits.count).uppercased()]
    else { throw Refusal.invalid("file_size_limit") }
    return number * unit
  }
}
