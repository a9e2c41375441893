internal import Archive

/// Entries of our own manifests: path, continuation_id, tags and metadata.
extension ManifestReader {
  /// Members of a row's metadata that are convoy's.
  private static let ownNames =
    ["legacy", "md5", "original_path"] + FileList.allCases.map(\.rawValue)
  private static let metadataShape =
    "metadata is not an object, or has a member \(ownNames.joined(separator: ", ")), which are convoy's"

  /// Reads a row of CSV.
  mutating func readListed(
    _ fields: [[UInt8]], _ names: [String], path: [UInt8], _ origin: ManifestOrigin
  ) {
    func field(_ name: String) -> [UInt8]? {
      guard let index = names.firstIndex(of: name), index < fields.count else { return nil }
      return fields[index].isEmpty ? nil : fields[index]
    }
    var entry = FileManifest.Entry(listed: path, origin)
    entry.continuationId = field("continuation_id").map { String(decoding: $0, as: UTF8.self) }
    entry.tags = (field("tags") ?? []).split(separator: UInt8(ascii: ";"))
      .map { String(decoding: $0, as: UTF8.self).trimmed }.filter { !$0.isEmpty }
    if let text = field("metadata") {
      if let refusal = parser.parse(text, 0..<text.count) {
        return refuse(refusal.rule, origin, "metadata: \(refusal.message)")
      }
      guard let members = members(of: parser.tape.root) else {
        return refuse(.recordShape, origin, Self.metadataShape)
      }
      entry.metadata = members
    }
    add(entry)
  }

  /// Reads the object on the tape.
  mutating func readListed(_ origin: ManifestOrigin) {
    let root = parser.tape.root
    guard parser.tape.kind(root) == .object, let path = parser.tape.present(root, "path"),
      parser.tape.kind(path) == .string
    else { return refuse(.recordShape, origin, "not an object with a text path") }
    var entry = FileManifest.Entry(listed: parser.tape.decoded(path), origin)
    if let name = parser.tape.present(root, "continuation_id") {
      guard parser.tape.kind(name) == .string else {
        return refuse(.recordShape, origin, "continuation_id is not text")
      }
      let text = String(decoding: parser.tape.decoded(name), as: UTF8.self)
      entry.continuationId = text.isEmpty ? nil : text
    }
    if let tags = parser.tape.present(root, "tags") {
      guard parser.tape.kind(tags) == .array else {
        return refuse(.recordShape, origin, "tags is not a list")
      }
      guard let texts = texts(of: tags) else {
        return refuse(.recordShape, origin, "tags has something that is not text")
      }
      entry.tags = texts
    }
    if let metadata = parser.tape.present(root, "metadata") {
      guard let members = members(of: metadata) else {
        return refuse(.recordShape, origin, Self.metadataShape)
      }
      entry.metadata = members
    }
    add(entry)
  }

  /// The texts of a list; nil where something in it is none.
  func texts(of list: JSONValue) -> [String]? {
    var texts: [String]? = []
    parser.tape.forEachElement(list) { element in
      guard parser.tape.kind(element) == .string else { return texts = nil }
      texts?.append(String(decoding: parser.tape.decoded(element), as: UTF8.self))
    }
    return texts
  }

  /// An object's members as the target can hold them; nil for anything else.
  private func members(of value: JSONValue) -> [UInt8]? {
    var hasOwn = false
    parser.tape.forEachMember(value) { key, _ in
      let name = String(decoding: parser.tape.decoded(key), as: UTF8.self)
      hasOwn = hasOwn || Self.ownNames.contains(name)
    }
    guard parser.tape.kind(value) == .object, !hasOwn else { return nil }
    var text: [UInt8] = []
    _ = parser.tape.appendFitJSON(value, refused: .replace, to: &text)
    return Array(text.dropFirst().dropLast())
  }
}

extension FileManifest.Entry {
  fileprivate init(listed path: [UInt8], _ origin: ManifestOrigin) {
    self.init(
      subject: .below(path), shown: RawPath(path).text, place: origin.place, source: origin.source)
  }
}

extension String {
  /// Without blanks around it.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
