internal import Archive

/// Entries of a file registry: rows of its database, or of an export of it.
extension ManifestReader {
  /// Reads the entry on the tape.
  ///
  /// What has no place of its own in a row of `files` goes to an element of `metadata.registry`.
  mutating func readRegistered(_ origin: ManifestOrigin) {
    let root = parser.tape.root
    let paths = [text("absolute_path"), text("path")].compactMap { $0 }
    guard let path = paths.first else {
      return refuse(.recordShape, origin, "the entry of the registry has no path", field: "path")
    }
    var entry = FileManifest.Entry(
      subject: .written(paths), shown: RawPath(path).text, place: origin.place,
      source: origin.source)
    entry.name = (text("original_name") ?? text("name")).flatMap(Self.lastName)
    entry.recorded.size = number("size")
    readChecksum(into: &entry, origin)
    entry.time = registeredTime(origin)
    entry.metadata = Array(#""original_path":"#.utf8)
    entry.metadata.appendJSONString(String(decoding: path, as: UTF8.self).utf8)
    let tags = parser.tape.present(root, "tags")
    let listed = tags.flatMap { tagTexts($0) }
    entry.tags = listed ?? []
    var replaced: [(JSONValue, [UInt8])] = []
    if let custom = parser.tape.present(root, "custom_metadata"),
      let object = packedObject(custom)
    {
      replaced.append((custom, object))
    }
    entry.lists[.registry] = [
      object(without: listed == nil ? [] : [tags], replacing: replaced)
    ]
    add(entry)
  }

  /// MD5 as a rule; never what `file_hash` is.
  private mutating func readChecksum(
    into entry: inout FileManifest.Entry, _ origin: ManifestOrigin
  ) {
    guard let text = text("checksum") else { return }
    if let digest = FileDigest(hexadecimal: text) {
      entry.recorded.sha256 = digest
    } else if text.count == 32, let bytes = Self.bytes(hexadecimal: text) {
      entry.recorded.md5 = bytes
    } else {
      remark(.hashInvalid, origin, "\(entry.shown): its checksum is no MD5", field: "checksum")
    }
  }

  private static func bytes(hexadecimal text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: text.count - 1, by: 2) {
      guard let high = hexValue(text[at]), let low = hexValue(text[at + 1]) else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }

  /// When the file was taken in, else when it was written.
  private mutating func registeredTime(_ origin: ManifestOrigin) -> Timestamp? {
    for name: StaticString in ["upload_timestamp", "modification_timestamp"] {
      guard let value = parser.tape.present(parser.tape.root, name),
        parser.tape.kind(value) != .string || !parser.tape.isBlank(value)
      else { continue }
      guard let time = time(value, in: zone) else {
        remark(.timeMissing, origin, "\(name) cannot be read as a time", field: "\(name)")
        continue
      }
      if let naive = time.naive { remark(naive.rule, origin, naive.text, field: "\(name)") }
      return time.instant
    }
    return nil
  }

  /// The tags of a list, or of a text that holds one as JSON.
  private mutating func tagTexts(_ value: JSONValue) -> [String]? {
    switch parser.tape.kind(value) {
    case .array: return texts(of: value)
    case .string:
      let text = parser.tape.decoded(value)
      guard inner.parse(text, 0..<text.count) == nil, inner.tape.kind(inner.tape.root) == .array
      else { return nil }
      swap(&parser, &inner)
      defer { swap(&parser, &inner) }
      return texts(of: parser.tape.root)
    default: return nil
    }
  }

  /// An object that is text in the record, as the target can hold it.
  private mutating func packedObject(_ value: JSONValue) -> [UInt8]? {
    guard parser.tape.kind(value) == .string else { return nil }
    let text = parser.tape.decoded(value)
    guard inner.parse(text, 0..<text.count) == nil, inner.tape.kind(inner.tape.root) == .object
    else { return nil }
    var out: [UInt8] = []
    _ = inner.tape.appendFitJSON(inner.tape.root, refused: .replace, to: &out)
    return out
  }
}
