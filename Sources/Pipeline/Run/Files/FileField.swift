internal import Postgres

/// Fields of a row of `files`.
enum FileField: Hashable, Sendable {
  case id, createdAt, updatedAt, filename, storagePath, bucketName, fileSize, mimeType, fileHash
  case sessionId, tags, metadata

  static let known: [(field: FileField, names: [String])] = [
    (.id, ["id"]), (.createdAt, ["created_at"]), (.updatedAt, ["updated_at"]),
    (.filename, ["filename"]), (.storagePath, ["storage_path"]), (.bucketName, ["bucket_name"]),
    (.fileSize, ["file_size"]), (.mimeType, ["mime_type"]), (.fileHash, ["file_hash"]),
    (.sessionId, ["session_id"]), (.tags, ["tags"]), (.metadata, ["metadata"]),
  ]

  /// Reads the layout of `files` from the catalogue.
  ///
  /// - Throws: ``RunError`` naming the table or column that is missing, `PostgresError`.
  static func layout(_ connection: borrowing PostgresConnection) throws -> RowLayout<FileField> {
    let written = Set(known.flatMap(\.names))
    guard let table = try TargetTable.read("files", written: written, from: connection) else {
      throw RunError(
        .failed, "the target has no table public.files", hint: "convoy schema apply makes it")
    }
    let required = Set(known.map(\.field)).subtracting([.createdAt, .updatedAt])
    return try RowLayout(table, known: known, required: required, lists: [.tags])
  }
}

/// A group whose object is in the store, and what its row holds.
struct StoredFile: Sendable {
  let group: FileGroup
  let facts: FileFacts
  let storagePath: String
  let mediaType: String
  /// Microseconds since 1970.
  let modifiedAt: Int64
  /// Whether this run sent the object, so that without its row it has to go again.
  let isNewObject: Bool
  /// The row of the same content that becomes this one's; nil for a row of its own.
  let unlinkedRow: UnlinkedRow?
  /// Inputs of the claims, the first of which counts the row.
  let inputs: [Int]
}

/// What the claims of a group say together.
struct FileFacts: Sendable {
  private(set) var names: [String] = []
  private(set) var paths: [String] = []
  private(set) var tags: [String] = []
  /// Continuation ids the target has no session for.
  private(set) var continuationIds: [String] = []
  /// Ids of the messages that name it.
  private(set) var messages: [String] = []
  /// JSON of rows about it, and of uploads of it.
  private(set) var rows: [[UInt8]] = []
  private(set) var uploads: [[UInt8]] = []
  /// Members of a JSON object, each with a comma before it.
  private(set) var members: [UInt8] = []
  let place: Place

  init(_ claims: some Sequence<FileClaim>, isUnlinked: Bool) {
    func add(_ text: String, to list: inout [String]) {
      if !list.contains(text) { list.append(text) }
    }
    var place = Place(file: 0)
    for (index, claim) in claims.enumerated() {
      if index == 0 { place = claim.place }
      add(claim.name, to: &names)
      add(claim.path, to: &paths)
      for tag in claim.tags { add(tag, to: &tags) }
      if !claim.metadata.isEmpty { members += [UInt8(ascii: ",")] + claim.metadata }
      for row in claim.rows where !rows.contains(row) { rows.append(row) }
      for upload in claim.uploads where !uploads.contains(upload) { uploads.append(upload) }
      for message in claim.messages { add(message.text, to: &messages) }
      if isUnlinked, case .continuation(let id) = claim.link { add(id, to: &continuationIds) }
    }
    self.place = place
  }

  /// The metadata of a new row.
  var metadata: [UInt8] {
    var out = Array(#"{"legacy":"#.utf8) + legacy + members
    if !messages.isEmpty { out += Array(#","messages":"#.utf8) + Self.list(messages) }
    if !uploads.isEmpty { out += Array(#","provider_uploads":"#.utf8) + Self.list(of: uploads) }
    return out + [UInt8(ascii: "}")]
  }

  /// What convoy keeps of it, as a JSON object.
  var legacy: [UInt8] {
    var out = Array(#"{"source":"files","names":"#.utf8) + Self.list(names)
    out += Array(#","paths":"#.utf8) + Self.list(paths)
    if !continuationIds.isEmpty {
      out += Array(#","continuation_ids":"#.utf8) + Self.list(continuationIds)
    }
    if !rows.isEmpty { out += Array(#","files":"#.utf8) + Self.list(of: rows) }
    return out + [UInt8(ascii: "}")]
  }

  /// What others said of it, as a JSON object.
  var given: [UInt8] { [UInt8(ascii: "{")] + members.dropFirst() + [UInt8(ascii: "}")] }

  var tagList: [UInt8] { Self.list(tags) }

  /// An array of JSON values.
  static func list(of values: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "[")] + values.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
  }

  static func list(_ texts: [String]) -> [UInt8] {
    var out = [UInt8(ascii: "[")]
    for (index, text) in texts.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.appendJSONString(text.utf8)
    }
    return out + [UInt8(ascii: "]")]
  }
}
