internal import Foundation

/// URLs that work without a key for a while.
extension StorageRoutes {
  func sign(
    _ bucket: String, _ key: String, _ connection: ServerConnection
  ) throws -> ServerResponse {
    _ = try disk.bucket(bucket)
    let body = try object(connection)
    // Clients send numbers as text, too.
    guard
      let seconds = (body["expiresIn"] as? Int)
        ?? (body["expiresIn"] as? String).flatMap({ Int($0) })
    else { throw Refusal.schema("body must have required property 'expiresIn'") }
    if !key.isEmpty {
      _ = try find(bucket, key)
      return ServerResponse(json: ["signedURL": url("/object/sign/\(bucket)/\(key)", seconds)])
    }
    guard let paths = body["paths"] as? [String], paths.count <= 1000 else {
      throw Refusal.schema("body must have required property 'paths'")
    }
    let signed: [[String: Any]] = paths.map { path in
      guard disk.object(bucket, path) != nil else {
        return [
          "path": path, "signedURL": NSNull(),
          "error": "Either the object does not exist or you do not have access to it",
        ]
      }
      return [
        "path": path, "signedURL": url("/object/sign/\(bucket)/\(path)", seconds),
        "error": NSNull(),
      ]
    }
    return ServerResponse(json: signed)
  }

  func signUpload(
    _ bucket: String, _ key: String, _ request: ServerRequest
  ) throws -> ServerResponse {
    let replaces = request.headers["x-upsert"] == "true"
    try check(try disk.bucket(bucket), key, replaces: replaces)
    let route = "/object/upload/sign/\(bucket)/\(key)"
    let token = token(route, 7200)
    return ServerResponse(json: ["url": "\(escaped(route))?token=\(token)", "token": token])
  }

  /// Answers what brings a token of this server; nil for what brings none.
  func answerSigned(
    _ request: ServerRequest, _ connection: ServerConnection
  ) throws -> ServerResponse? {
    let segments = request.segments
    guard let given = request.parameters["token"], segments.first == "object" else { return nil }
    switch (request.method, segments.count) {
    case ("GET", 4...) where segments[1] == "sign":
      let key = segments.dropFirst(3).joined(separator: "/")
      try check(given, for: "/object/sign/\(segments[2])/\(key)")
      return try content(segments[2], key, request)
    case ("PUT", 5...) where segments[1] == "upload" && segments[2] == "sign":
      let key = segments.dropFirst(4).joined(separator: "/")
      try check(given, for: "/object/upload/sign/\(segments[3])/\(key)")
      return try upload(
        segments[3], key, replaces: request.headers["x-upsert"] == "true", request, connection)
    default: return nil
    }
  }

  private func check(_ given: String, for route: String) throws {
    let parts = given.split(separator: ".")
    guard parts.count == 2, let end = Int(parts[0]), given == seal(route, end) else {
      throw Refusal.denied("signature verification failed")
    }
    guard Double(end) > Date().timeIntervalSince1970 else {
      throw Refusal.denied("\"exp\" claim timestamp check failed")
    }
  }

  private func token(_ route: String, _ seconds: Int) -> String {
    seal(route, Int(Date().timeIntervalSince1970) + seconds)
  }

  private func seal(_ route: String, _ end: Int) -> String {
    "\(end).\(fileName("\(settings.key)\(route)\(end)"))"
  }

  private func url(_ route: String, _ seconds: Int) -> String {
    "\(escaped(route))?token=\(token(route, seconds))"
  }

  private func escaped(_ route: String) -> String {
    route.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? route
  }
}
