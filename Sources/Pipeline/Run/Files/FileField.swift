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
  let createdAt: Timestamp
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
  /// Elements of lists in `metadata`, as JSON.
  private var lists: [FileList: [[UInt8]]] = [:]
  /// JSON of rows about it.
  private(set) var rows: [[UInt8]] = []
  /// The earliest time that is written down of it.
  private(set) var time: Timestamp?
  /// Members of a JSON object, each with a comma before it.
  private(set) var members: [UInt8] = []
  let place: Place

  init(_ claims: some Sequence<FileClaim>, isUnlinked: Bool) {
    func add(_ text: String, to list: inout [String]) {
      if !list.contains(text) { list.append(text) }
    }
    var place = Place(file: 0)
    // A file can be named by any number of messages.
    var known: [FileList: Set<[UInt8]>] = [:]
    for (index, claim) in claims.enumerated() {
      if index == 0 { place = claim.place }
      add(claim.name, to: &names)
      add(claim.path, to: &paths)
      for tag in claim.tags { add(tag, to: &tags) }
      if !claim.metadata.isEmpty { members += [UInt8(ascii: ",")] + claim.metadata }
      for row in claim.rows where !rows.contains(row) { rows.append(row) }
      for list in FileList.allCases {
        for element in claim.elements(of: list)
        where known[list, default: []].insert(element).inserted {
          lists[list, default: []].append(element)
        }
      }
      time = [time, claim.time].compactMap { $0 }.min()
      if isUnlinked, case .continuation(let id) = claim.link { add(id, to: &continuationIds) }
    }
    self.place = place
  }

  /// The metadata of a new row.
  var metadata: [UInt8] {
    var out = Array(#"{"legacy":"#.utf8) + legacy + members
    for list in FileList.allCases where lists[list] != nil {
      out += Array(#","\#(list.rawValue)":"#.utf8) + elements(of: list)
    }
    return out + [UInt8(ascii: "}")]
  }

  /// The lists, as a JSON object.
  var listed: [UInt8] {
    let members = FileList.allCases.filter { lists[$0] != nil }
      .map { Array(#""\#($0.rawValue)":"#.utf8) + elements(of: $0) }
    return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")])
      + [UInt8(ascii: "}")]
  }

  private func elements(of list: FileList) -> [UInt8] {
    [UInt8(ascii: "[")] + (lists[list] ?? []).joined(separator: [UInt8(ascii: ",")])
      + [UInt8(ascii: "]")]
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

extension FileClaim {
  /// What it adds to a list in `metadata`, as JSON.
  fileprivate func elements(of list: FileList) -> [[UInt8]] {
    let named = list == .messages ? messages.map { Array("\"\($0.text)\"".utf8) } : []
    return named + (lists[list] ?? [])
  }
}
