internal import Archive

/// What a file beside the uploads says of them: CSV with a header, or JSONL.
///
/// It is read whole, at most ``limitBytes``.
struct FileManifest {
  static let limitBytes = 256 << 20

  struct Entry {
    /// Relative to a root, as written.
    var path: [UInt8] = []
    var continuationId: String?
    var tags: [String] = []
    /// Members of a JSON object, without its braces.
    var metadata: [UInt8] = []
    var place: Place
  }

  /// A line that says nothing of a file.
  struct Problem {
    let rule: Rule
    let message: String
    let place: Place
  }

  let bytes: [UInt8]
  fileprivate(set) var entries: [Entry] = []
  fileprivate(set) var problems: [Problem] = []

  /// Reads a manifest.
  ///
  /// - Parameters:
  ///   - path: its name ends in `.csv`, or it is JSONL.
  ///   - input: its index among the inputs.
  /// - Throws: ``RunError`` when it cannot be read, or a CSV has no column `path`.
  init(path: String, input: Int32) throws(RunError) {
    bytes = try RunError.onFiles { () throws(FileError) in
      let file = try InputFile(path: path)
      return try file.bytes(at: 0, upTo: min(file.size ?? 0, Self.limitBytes + 1))
    }
    guard bytes.count <= Self.limitBytes else {
      throw RunError(.fileAccess, "\(path): larger than \(Self.limitBytes >> 20) MiB")
    }
    var reader = try ManifestReader(bytes, input: input)
    if path.lowercased().hasSuffix(".csv") {
      try reader.readRows(path)
    } else {
      reader.readLines()
    }
    (entries, problems) = (reader.entries, reader.problems)
  }

  /// The bytes of a line.
  func source(_ place: Place) -> [UInt8] {
    Array(bytes[place.byteOffset..<place.byteOffset + place.byteLength])
  }
}

/// Makes entries of a manifest's bytes.
private struct ManifestReader: ~Copyable {
  private let bytes: [UInt8]
  private let input: Int32
  private var parser: RecordParser
  private(set) var entries: [FileManifest.Entry] = []
  private(set) var problems: [FileManifest.Problem] = []

  init(_ bytes: [UInt8], input: Int32) throws(RunError) {
    self.bytes = bytes
    self.input = input
    parser = try RecordParser()
  }

  private func place(_ line: Int, _ range: Range<Int>) -> Place {
    Place(input: input, line: line, byteOffset: range.lowerBound, byteLength: range.count)
  }

  private mutating func refuse(_ rule: Rule, _ place: Place, _ message: String) {
    problems.append(FileManifest.Problem(rule: rule, message: message, place: place))
  }

  mutating func readRows(_ path: String) throws(RunError) {
    var rows = ManifestRows(bytes)
    guard let header = rows.next() else { return }
    let names = header.fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard let column = names.firstIndex(of: "path") else {
      throw RunError(
        .fileAccess, "\(path):\(header.line): the first line names no column path",
        hint: "the columns are path, continuation_id, tags and metadata")
    }
    func field(_ row: ManifestRows.Row, _ name: String) -> [UInt8]? {
      guard let index = names.firstIndex(of: name), index < row.fields.count else { return nil }
      return row.fields[index].isEmpty ? nil : row.fields[index]
    }
    while let row = rows.next() {
      let place = place(row.line, row.range)
      guard row.problem == nil, row.fields.count == names.count else {
        refuse(
          .recordShape, place,
          row.problem ?? "\(row.fields.count) fields, and the header has \(names.count)")
        continue
      }
      var entry = FileManifest.Entry(path: row.fields[column], place: place)
      entry.continuationId = field(row, "continuation_id").map {
        String(decoding: $0, as: UTF8.self)
      }
      entry.tags = (field(row, "tags") ?? []).split(separator: UInt8(ascii: ";"))
        .map { String(decoding: $0, as: UTF8.self).trimmed }.filter { !$0.isEmpty }
      if let text = field(row, "metadata") {
        if let refusal = parser.parse(text, 0..<text.count) {
          refuse(refusal.rule, place, "metadata: \(refusal.message)")
          continue
        }
        guard let members = members(of: parser.tape.root) else {
          refuse(.recordShape, place, Self.metadataShape)
          continue
        }
        entry.metadata = members
      }
      add(entry)
    }
  }

  mutating func readLines() {
    var (at, line) = (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, 0)
    while at < bytes.count {
      let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let range = at..<end
      (at, line) = (end + 1, line + 1)
      if bytes[range].allSatisfy(isJSONSpace) { continue }
      let place = place(line, range)
      if let refusal = parser.parse(bytes, range) {
        refuse(refusal.rule, place, refusal.message)
      } else if let entry = entry(place) {
        add(entry)
      }
    }
  }

  /// What an object on the tape says; nil after refusing it.
  private mutating func entry(_ place: Place) -> FileManifest.Entry? {
    let root = parser.tape.root
    guard parser.tape.kind(root) == .object, let path = parser.tape.present(root, "path"),
      parser.tape.kind(path) == .string
    else {
      refuse(.recordShape, place, "not an object with a text path")
      return nil
    }
    var entry = FileManifest.Entry(path: parser.tape.decoded(path), place: place)
    if let name = parser.tape.present(root, "continuation_id") {
      guard parser.tape.kind(name) == .string else {
        refuse(.recordShape, place, "continuation_id is not text")
        return nil
      }
      let text = String(decoding: parser.tape.decoded(name), as: UTF8.self)
      entry.continuationId = text.isEmpty ? nil : text
    }
    if let tags = parser.tape.present(root, "tags") {
      guard parser.tape.kind(tags) == .array else {
        refuse(.recordShape, place, "tags is not a list")
        return nil
      }
      var isText = true
      parser.tape.forEachElement(tags) { tag in
        isText = isText && parser.tape.kind(tag) == .string
        if isText { entry.tags.append(String(decoding: parser.tape.decoded(tag), as: UTF8.self)) }
      }
      guard isText else {
        refuse(.recordShape, place, "tags has something that is not text")
        return nil
      }
    }
    if let metadata = parser.tape.present(root, "metadata") {
      guard let members = members(of: metadata) else {
        refuse(.recordShape, place, Self.metadataShape)
        return nil
      }
      entry.metadata = members
    }
    return entry
  }

  private static let metadataShape =
    "metadata is not an object, or has a member legacy, which is convoy's"

  /// An object's members as the target can hold them; nil for anything else.
  private func members(of value: JSONValue) -> [UInt8]? {
    guard parser.tape.kind(value) == .object, parser.tape.member(value, "legacy") == nil else {
      return nil
    }
    var text: [UInt8] = []
    _ = parser.tape.appendFitJSON(value, refused: .replace, to: &text)
    return Array(text.dropFirst().dropLast())
  }

  private mutating func add(_ entry: FileManifest.Entry) {
    guard !entry.path.isEmpty, !entry.path.contains(0) else {
      refuse(.recordShape, entry.place, "the path is empty or holds NUL")
      return
    }
    entries.append(entry)
  }
}

extension String {
  /// Without blanks around it.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
