internal import Foundation

/// Finds what answers a request, once the key is checked.
struct StorageRoutes: Sendable {
  let disk: StorageDisk
  let settings: StorageSettings
  let locks = UploadLocks()

  /// - Throws: what ends the connection; a refusal is an answer.
  func answer(_ request: ServerRequest, _ connection: ServerConnection) throws -> ServerResponse {
    do {
      if let signed = try answerSigned(request, connection) { return signed }
      try authorize(request)
      if request.path.hasPrefix("/upload/resumable") {
        return try resumable(request, connection)
      }
      return try dispatch(request, connection)
    } catch let refusal as Refusal {
      return refusal.response
    }
  }

  private func dispatch(
    _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse {
    let segments = request.segments
    let rest = segments.dropFirst(2).joined(separator: "/")
    switch (request.method, segments.first ?? "", segments.count) {
    case ("POST", "bucket", 1): return try makeBucket(connection)
    case ("GET", "bucket", 1): return ServerResponse(json: disk.buckets.map(json))
    case (_, "bucket", 2...): return try bucket(request, connection, segments)
    case ("POST", "object", 2) where segments[1] == "move" || segments[1] == "copy":
      return try moveOrCopy(segments[1], connection)
    case ("POST", "object", 3) where segments[1] == "list":
      return try list(segments[2], connection)
    case ("POST", "object", 3) where segments[1] == "list-v2":
      return try listFlat(segments[2], connection)
    case ("POST", "object", 3...) where segments[1] == "sign":
      return try sign(segments[2], segments.dropFirst(3).joined(separator: "/"), connection)
    case ("POST", "object", 5...) where segments[1] == "upload" && segments[2] == "sign":
      return try signUpload(segments[3], segments.dropFirst(4).joined(separator: "/"), request)
    case ("GET", "object", 4...) where segments[1] == "info":
      return try info(segments[2], segments.dropFirst(3).joined(separator: "/"))
    case ("GET", "object", 4...) where segments[1] == "authenticated":
      return try content(segments[2], segments.dropFirst(3).joined(separator: "/"), request)
    case ("POST", "object", 3...):
      return try upload(
        segments[1], rest, replaces: request.headers["x-upsert"] == "true", request, connection)
    case ("PUT", "object", 3...):
      return try upload(segments[1], rest, replaces: true, request, connection)
    case ("GET", "object", 3...), ("HEAD", "object", 3...):
      return try content(segments[1], rest, request)
    case ("DELETE", "object", 2): return try removeMany(segments[1], connection)
    case ("DELETE", "object", 3...): return try removeOne(segments[1], rest)
    default: throw Refusal.route(request)
    }
  }

  /// What the gateway and then the server make of the two headers.
  private func authorize(_ request: ServerRequest) throws {
    let isSecret = settings.key.hasPrefix("sb_")
    let given = request.headers["apikey"]
    var token = request.headers["authorization"]
    if settings.hasGateway {
      guard given != nil || token != nil else {
        throw Refusal(
          httpStatus: 401, statusCode: 401, error: "Unauthorized", code: "InvalidRequest",
          message: "No API key found in request")
      }
      let agent = request.headers["user-agent"] ?? ""
      if isSecret && agent.hasPrefix("Mozilla") {
        throw Refusal(
          httpStatus: 401, statusCode: 401, error: "Unauthorized", code: "InvalidRequest",
          message: "Forbidden use of secret API key in browser")
      }
      if isSecret && given == settings.key && token == nil { token = "Bearer minted" }
    }
    guard let token else {
      throw Refusal.schema("headers must have required property 'authorization'")
    }
    // The server knows tokens only; a secret key is none.
    let isGood = isSecret ? token == "Bearer minted" : token == "Bearer \(settings.key)"
    guard isGood else { throw Refusal.denied("Invalid Compact JWS") }
  }

  func object(_ connection: ServerConnection) throws -> [String: Any] {
    let body = try connection.body()
    if body.isEmpty { return [:] }
    guard let json = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
      throw Refusal.schema("Body is not valid JSON")
    }
    return json
  }

  func checkKey(_ key: String) throws {
    let allowed = "_/!.*'() &$=@;:+,?-"
    let isValid = key.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || allowed.utf8.contains(byte)
    }
    guard isValid && !key.isEmpty else { throw Refusal.key(key) }
  }

  func checkMediaType(_ type: String, _ bucket: StoredBucket) throws {
    guard let allowed = bucket.mediaTypes else { return }
    let plain = type.split(separator: ";").first.map(String.init) ?? type
    let family = plain.split(separator: "/").first.map { "\($0)/*" } ?? ""
    guard allowed.contains(plain) || allowed.contains(family) else {
      throw Refusal.mediaType(plain)
    }
  }

  func limit(_ bucket: StoredBucket) -> Int {
    min(settings.projectLimitBytes, bucket.sizeLimit ?? .max)
  }

  func time(_ date: Date) -> String {
    date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
  }
}
