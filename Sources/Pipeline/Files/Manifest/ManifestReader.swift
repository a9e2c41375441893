/// Where a record of a manifest is.
struct ManifestOrigin {
  let place: Place
  /// In the manifest's bytes.
  let source: Range<Int>
}

/// Goes through a manifest's bytes, record by record, and collects what they say.
struct ManifestReader: ~Copyable {
  let bytes: [UInt8]
  let zones: ZoneTable<ManifestForm>
  var parser: RecordParser
  /// For JSON that is text in a record.
  var inner: RecordParser
  private(set) var entries: [FileManifest.Entry] = []
  private(set) var problems: [FileManifest.Problem] = []
  private(set) var remarks: [FileManifest.Problem] = []
  private let path: String
  private let input: Int32
  private var lines = LineCounter(firstLine: 1)

  init(
    _ bytes: [UInt8], path: String, input: Int32, zones: ZoneTable<ManifestForm>
  ) throws(RunError) {
    let parser = try RecordParser()
    let inner = try RecordParser()
    self.bytes = bytes
    self.path = path
    self.input = input
    self.zones = zones
    self.parser = parser
    self.inner = inner
  }

  private func place(_ source: Range<Int>, line: Int) -> Place {
    Place(input: input, line: line, byteOffset: source.lowerBound, byteLength: source.count)
  }

  private mutating func origin(_ source: Range<Int>) -> ManifestOrigin {
    let line = lines.line(of: source.lowerBound, in: bytes)
    return ManifestOrigin(place: place(source, line: line), source: source)
  }

  /// Refuses what can be about no file.
  mutating func refuse(
    _ rule: Rule, _ origin: ManifestOrigin, _ message: String, field: String? = nil
  ) {
    problems.append(
      FileManifest.Problem(
        rule: rule, field: field, message: message, place: origin.place, source: origin.source))
  }

  /// Tells of something without refusing it.
  mutating func remark(
    _ rule: Rule, _ origin: ManifestOrigin, _ message: String, field: String? = nil
  ) {
    remarks.append(
      FileManifest.Problem(
        rule: rule, field: field, message: message, place: origin.place, source: origin.source))
  }

  mutating func add(_ entry: FileManifest.Entry) {
    let paths: [[UInt8]] =
      switch entry.subject {
      case .below(let path): [path]
      case .written(let paths): paths
      case .content, .uploaded: []
      }
    guard paths.allSatisfy({ !$0.isEmpty && !$0.contains(0) }) else {
      let origin = ManifestOrigin(place: entry.place, source: entry.source)
      return refuse(.recordShape, origin, "the path is empty or holds NUL")
    }
    entries.append(entry)
  }

  /// Reads rows of a database.
  mutating func read(_ rows: DatabaseRows) {
    var at = 0
    for (number, line) in zip(rows.numbers, bytes.split(separator: 0x0A)) {
      let table = rows.tables[number.table]
      let source = at..<at + line.count
      at = source.upperBound + 1
      // In a database a row has no place but its number.
      let origin = ManifestOrigin(
        place: Place(input: input, line: number.row, byteOffset: 0, byteLength: 0), source: source)
      guard isParsed(source, origin) else { continue }
      if table == DatabaseRows.cacheTable {
        readCacheRow(origin, beside: path)
      } else {
        readRegistered(origin)
      }
    }
  }

  /// Reads CSV.
  ///
  /// - Throws: ``RunError`` where its first line names no column `path`.
  mutating func readRows() throws(RunError) {
    var rows = ManifestRows(bytes)
    guard let header = rows.next() else { return }
    let names = header.fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard let column = names.firstIndex(of: "path") else {
      throw RunError(
        .fileAccess, "\(path):\(header.line): the first line names no column path",
        hint: "the columns are path, continuation_id, tags and metadata")
    }
    let isRegistry = ["absolute_path", "checksum", "original_name"].contains(where: names.contains)
    while let row = rows.next() {
      let origin = ManifestOrigin(place: place(row.range, line: row.line), source: row.range)
      guard row.problem == nil, row.fields.count == names.count else {
        refuse(
          .recordShape, origin,
          row.problem ?? "\(row.fields.count) fields, and the header has \(names.count)")
        continue
      }
      if isRegistry {
        let object = Self.object(names, row.fields)
        if let refusal = parser.parse(object, 0..<object.count) {
          refuse(refusal.rule, origin, refusal.message)
        } else {
          readRegistered(origin)
        }
      } else {
        readListed(row.fields, names, path: row.fields[column], origin)
      }
    }
  }

  /// A row of CSV as a JSON object of texts, without fields that are empty.
  private static func object(_ names: [String], _ fields: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "{")]
    for (name, field) in zip(names, fields) where !field.isEmpty {
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      out.appendJSONString(name.utf8)
      out.append(UInt8(ascii: ":"))
      out.appendJSONString(field)
    }
    return out + [UInt8(ascii: "}")]
  }

  /// Reads JSON: a record a line where the name or the first lines say so, else whole values.
  ///
  /// - Throws: ``RunError`` for a whole value that is damaged, without which nobody knows what else it said.
  mutating func readJSON() throws(RunError) {
    guard isLines else {
      for piece in pieces(of: 0..<bytes.count, .documents) {
        if let refusal = parser.parse(bytes, piece) {
          throw RunError(.fileAccess, "\(path): \(refusal.message)")
        }
        readValue(piece)
      }
      return
    }
    var at = 0
    while at < bytes.count {
      let end = bytes.firstIndex(of: 0x0A, in: at..<bytes.count) ?? bytes.count
      if !bytes.isBlank(at..<end) { readRecord(at..<end) }
      at = end + 1
    }
  }

  private var isLines: Bool {
    if [".jsonl", ".ndjson"].contains(where: path.lowercased().hasSuffix) { return true }
    let body = bytes.trimmed(0..<bytes.count)
    guard bytes.firstIndex(of: 0x0A, in: body) != nil else { return false }
    return RecordLayout.detect(Array(bytes.prefix(Detection.headBytes)), format: .threads)
      == .lines
  }

  /// Where the values, elements or members in a range are.
  private func pieces(of range: Range<Int>, _ layout: RecordLayout) -> [Range<Int>] {
    var splitter = RecordSplitter(layout)
    let piece = Array(bytes[range])
    let end = splitter.scan(piece, isEnd: true)
    return splitter.take(cut: end).map { found in
      bytes.trimmed(range.lowerBound + found.lowerBound..<range.lowerBound + found.upperBound)
    }.filter { !$0.isEmpty }
  }

  /// Reads a value that may be a list of records.
  private mutating func readValue(_ range: Range<Int>) {
    guard bytes[range.lowerBound] == UInt8(ascii: "[") else { return readRecord(range) }
    for piece in pieces(of: range, .elements) { readValue(piece) }
  }

  /// Reads one object, of whichever form.
  private mutating func readRecord(_ range: Range<Int>) {
    let origin = origin(range)
    guard isParsed(range, origin) else { return }
    let root = parser.tape.root
    func has(_ name: StaticString) -> Bool { parser.tape.present(root, name) != nil }
    func isHolder(_ name: StaticString) -> Bool {
      guard !has("path"), let value = parser.tape.present(root, name) else { return false }
      return parser.tape.kind(value) == .object || parser.tape.kind(value) == .array
    }
    if isHolder("items"), let items = parser.tape.present(root, "items") {
      for piece in pieces(of: parser.sourceRange(items), .members) { readCached(piece) }
    } else if isHolder("files"), let files = parser.tape.present(root, "files") {
      for piece in pieces(of: parser.sourceRange(files), .elements) { readValue(piece) }
    } else if has("file_hash"), has("provider") {
      readReference(origin)
    } else if has("file_id"), !has("path") {
      readUploaded(origin)
    } else if has("absolute_path") || has("path") && (has("checksum") || has("original_name")) {
      readRegistered(origin)
    } else {
      readListed(origin)
    }
  }

  /// Reads the member of a file cache at a range: a content, and who was given it.
  private mutating func readCached(_ range: Range<Int>) {
    let origin = origin(range)
    let object = [UInt8(ascii: "{")] + bytes[range] + [UInt8(ascii: "}")]
    if let refusal = parser.parse(object, 0..<object.count) {
      return refuse(refusal.rule, origin, refusal.message)
    }
    readCacheMember(origin)
  }

  private mutating func isParsed(_ range: Range<Int>, _ origin: ManifestOrigin) -> Bool {
    guard let refusal = parser.parse(bytes, range) else { return true }
    refuse(refusal.rule, origin, refusal.message)
    return false
  }
}
