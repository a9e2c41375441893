internal import Foundation

extension StorageRoutes {
  /// A row of `storage.objects`.
  func row(_ object: StoredObject) -> [String: Any] { row(object, named: object.key) }

  private func row(_ object: StoredObject, named name: String) -> [String: Any] {
    [
      "id": object.id, "name": name, "bucket_id": object.bucket,
      "created_at": time(object.created), "updated_at": time(object.updated),
      "last_accessed_at": time(object.updated),
      "metadata": [
        "eTag": "\"\(object.version)\"", "size": object.size, "mimetype": object.mediaType,
        "cacheControl": object.cacheControl, "contentLength": object.size,
        "lastModified": time(object.updated), "httpStatusCode": 200,
      ],
    ]
  }

  /// One folder's level: names relative to it, folders without an id.
  func list(_ bucket: String, _ connection: ServerConnection) throws -> ServerResponse {
    _ = try disk.bucket(bucket)
    let body = try object(connection)
    guard var prefix = body["prefix"] as? String else {
      throw Refusal.schema("body must have required property 'prefix'")
    }
    if !prefix.isEmpty && !prefix.hasSuffix("/") { prefix += "/" }
    let search = (body["search"] as? String ?? "").lowercased()
    var rows: [(name: String, row: [String: Any])] = []
    for object in disk.objects(bucket, prefix: prefix) {
      let name = String(object.key.dropFirst(prefix.count))
      guard search.isEmpty || name.lowercased().hasPrefix(search) else { continue }
      guard let slash = name.firstIndex(of: "/") else {
        rows.append((name, row(object, named: name)))
        continue
      }
      let folder = String(name[..<slash])
      if rows.last?.name != folder { rows.append((folder, folderRow(folder))) }
    }
    let order = (body["sortBy"] as? [String: Any])?["order"] as? String
    if order == "desc" { rows.reverse() }
    let offset = body["offset"] as? Int ?? 0
    let limit = body["limit"] as? Int ?? 100
    return ServerResponse(json: rows.dropFirst(offset).prefix(limit).map(\.row))
  }

  private func folderRow(_ name: String) -> [String: Any] {
    [
      "name": name, "id": NSNull(), "updated_at": NSNull(), "created_at": NSNull(),
      "last_accessed_at": NSNull(), "metadata": NSNull(),
    ]
  }

  /// All levels, or one with folders apart; at most 1000 and a cursor.
  func listFlat(_ bucket: String, _ connection: ServerConnection) throws -> ServerResponse {
    _ = try disk.bucket(bucket)
    let body = try object(connection)
    let prefix = body["prefix"] as? String ?? ""
    let limit = min(body["limit"] as? Int ?? 1000, 1000)
    let isGrouped = body["with_delimiter"] as? Bool ?? false
    let last = (body["cursor"] as? String).flatMap { Data(base64Encoded: $0) }
      .map { String(decoding: $0, as: UTF8.self) }
    var objects: [[String: Any]] = []
    var folders: [String] = []
    var end: String?
    var hasNext = false
    for object in disk.objects(bucket, prefix: prefix) {
      if let last, !last.utf8.lexicographicallyPrecedes(object.key.utf8) { continue }
      let rest = object.key.dropFirst(prefix.count)
      let folder = isGrouped ? rest.firstIndex(of: "/").map { prefix + rest[...$0] } : nil
      if let folder, folders.last == folder || last?.hasPrefix(folder) == true { continue }
      guard objects.count + folders.count < limit else {
        hasNext = true
        break
      }
      if let folder { folders.append(folder) } else { objects.append(row(object)) }
      end = folder.map { $0 + "\u{7F}" } ?? object.key
    }
    var answer: [String: Any] = [
      "hasNext": hasNext, "objects": objects,
      "folders": folders.map { ["name": $0, "key": $0] },
    ]
    if hasNext, let end {
      answer["nextCursor"] = Data(end.utf8).base64EncodedString()
      answer["nextCursorKey"] = end
    }
    return ServerResponse(json: answer)
  }
}
