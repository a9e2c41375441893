/// A row of one of the tables about files.
struct FileRow {
  /// Texts of the columns that are not null.
  var values: [String: String] = [:]
  /// All of it, as a JSON object of the columns that are not null; with no braces.
  var members: [UInt8] = []
  /// Why it is none.
  var problem: String?
  var place: Place
  /// A dump that has only this row.
  var source: [UInt8]

  /// The first of some columns that is there.
  func value(_ names: String...) -> String? {
    names.lazy.compactMap { self.values[$0] }.first { !$0.isEmpty }
  }
}

/// A row of `files`, with what others say of it.
struct FileRecord {
  let row: FileRow
  /// Conversations that have it, each once.
  fileprivate(set) var conversations: [String] = []
  /// JSON of the rows of `provider_file_uploads` that are about it, each once.
  fileprivate(set) var uploads: [[UInt8]] = []
  /// Places of further rows of the same id.
  fileprivate(set) var copies: [Place] = []

  /// What the product's own code took for the bucket: it is not stored.
  var bucket: String { row.values["file_type"] == "user_upload" ? "user-files" : "generated-files" }
  var storagePath: String { row.values["storage_path"] ?? "" }
  var originalName: String { row.values["original_name"] ?? "" }
  var sha256: String? { row.value("sha256") }
  var byteCount: Int? { row.value("size_bytes").flatMap { Int($0) } }

  /// The columns by whose values messages cite it.
  static let citableColumns = ["id", "provider_file_id"]

  /// What messages cite it as.
  var citableAs: [String] { Self.citableColumns.compactMap { row.value($0) } }

  /// The name without directories: those of Windows are part of some names.
  var filename: String {
    Self.lastName(originalName) ?? Self.lastName(storagePath) ?? originalName
  }

  /// The whole name, where it is more than that.
  var originalPath: String? { filename == originalName ? nil : originalName }

  /// Where its bytes may lie below a root, the likeliest first.
  var places: [String] {
    ["\(bucket)/\(storagePath)", storagePath] + (originalPath.map { [$0] } ?? [])
  }

  /// The row as `metadata.legacy.files` keeps it.
  var json: [UInt8] {
    var out = Array("{".utf8) + row.members + Array(#","bucket":"#.utf8)
    out.appendJSONString(bucket.utf8)
    return out + Array("}".utf8)
  }

  private static func lastName(_ path: String) -> String? {
    path.split { $0 == "/" || $0 == "\\" }.last.map(String.init)
  }
}

/// Rows about files, put together: what is stored, and what cannot be.
struct FileRecords {
  private(set) var files: [FileRecord] = []
  /// Rows that are none, and rows about files that no row is of.
  private(set) var refused: [(row: FileRow, rule: Rule, message: String)] = []
  private var links: [FileRow] = []
  private var uploads: [FileRow] = []
  private var numbers: [String: Int] = [:]

  mutating func add(_ row: FileRow, _ table: DumpTable) {
    if let problem = row.problem {
      refused.append((row, .recordShape, problem))
      return
    }
    switch table {
    case .files: add(file: row)
    case .conversationFiles: links.append(row)
    case .providerUploads: uploads.append(row)
    case .conversations, .messages, .conversationThreads, .messageBus: break
    }
  }

  private mutating func add(file row: FileRow) {
    guard let id = row.value("id"), row.value("storage_path") != nil else {
      refused.append((row, .recordShape, "the row has no id or no storage_path"))
      return
    }
    guard let known = numbers[id] else {
      numbers[id] = files.count
      files.append(FileRecord(row: row))
      return
    }
    files[known].copies.append(row.place)
  }

  /// Finds the file that each of the other rows is about, once all rows are there.
  mutating func join() {
    for link in links {
      let file = link.value("file_id").flatMap { numbers[$0] }
      guard let file, let conversation = link.value("conversation_id") else {
        refused.append(
          (link, .fileAbsent, "no row of files has the id \(link.value("file_id") ?? "")"))
        continue
      }
      if !files[file].conversations.contains(conversation) {
        files[file].conversations.append(conversation)
      }
    }
    let names = UploadNames(files)
    for upload in uploads {
      guard let file = names.file(of: upload, numbers) else {
        let name = upload.value("provider_file_id", "file_id") ?? ""
        refused.append((upload, .fileAbsent, "no row of files is of the upload \(name)"))
        continue
      }
      let json = Array("{".utf8) + upload.members + Array("}".utf8)
      if !files[file].uploads.contains(json) { files[file].uploads.append(json) }
    }
    (links, uploads) = ([], [])
  }

  /// What else than its id an upload may have in common with the row of its file.
  private struct UploadNames {
    private var providerIds: [String: Int] = [:]
    private var paths: [String: Int] = [:]
    private var digests: [String: Int] = [:]

    init(_ files: [FileRecord]) {
      for (number, file) in files.enumerated().reversed() {
        if let id = file.row.value("provider_file_id") { providerIds[id] = number }
        paths[file.storagePath] = number
        if let digest = file.sha256 { digests[digest.lowercased()] = number }
      }
    }

    func file(of upload: FileRow, _ numbers: [String: Int]) -> Int? {
      upload.value("supabase_file_id").flatMap { numbers[$0] }
        ?? upload.value("provider_file_id", "file_id").flatMap { providerIds[$0] ?? numbers[$0] }
        ?? upload.value("storage_path").flatMap { paths[$0] }
        ?? upload.value("sha256", "checksum_sha256", "file_hash").flatMap {
          digests[$0.lowercased()]
        }
    }
  }
}

/// Reads rows about files as they lie in memory.
struct FileRowReader: ~Copyable {
  private let rows: SourceRows
  private let doubled: [[Bool]]
  private var tape: JSONTape
  private var fields: [RowField] = []

  init(_ rows: SourceRows, doubled: [[Bool]]) throws(RunError) {
    guard let tape = JSONTape() else { throw RunError(.failed, "out of memory") }
    self.tape = tape
    self.rows = rows
    self.doubled = doubled
  }

  mutating func read(_ entry: RowSpill.Entry) -> FileRow {
    let layout = rows.layouts[entry.layout]
    var source: [UInt8] = []
    layout.append(entry.range, of: rows.bytes, to: &source)
    var row = FileRow(place: entry.place, source: source)
    let bytes = rows.bytes
    row.problem = layout.split(bytes.span, entry.range, into: &fields)
    guard row.problem == nil else { return row }
    for column in layout.columns.indices where fields[column].form != .null {
      var text: [UInt8] = []
      fields[column].append(of: bytes, to: &text)
      if layout.isJSON[column], doubled[entry.layout][column] {
        text = DoubledBackslashes.undone(text) ?? text
      }
      row.values[layout.columns[column]] = String(decoding: text, as: UTF8.self)
      if !row.members.isEmpty { row.members.append(UInt8(ascii: ",")) }
      row.members += layout.names[column]
      if layout.isJSON[column], tape.parse(text, 0..<text.count) == nil {
        _ = tape.appendFitJSON(tape.root, refused: .replace, to: &row.members)
      } else {
        row.members.appendJSONString(String(decoding: text, as: UTF8.self).utf8)
      }
    }
    return row
  }
}
