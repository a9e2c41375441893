internal import FoundationEssentials

/// Entries about what providers were given, or gave back: file caches, references, uploads, download caches.
extension ManifestReader {
  /// Reads a member of a file cache: `"<sha256>": {"<provider>": {"file_id", "ts"}}`.
  mutating func readCacheMember(_ origin: ManifestOrigin) {
    var found: (key: JSONValue, value: JSONValue)?
    parser.tape.forEachMember(parser.tape.root) { key, value in found = (key, value) }
    guard let found, parser.tape.kind(found.value) == .object else {
      return refuse(.recordShape, origin, "not a content and the providers that were given it")
    }
    let hash = parser.tape.decoded(found.key)
    var uploads: [ProviderUpload] = []
    var naive: [WrittenTime.Naive] = []
    var isWhole = true
    parser.tape.forEachMember(found.value) { key, value in
      guard let id = parser.tape.present(value, "file_id"), parser.tape.kind(id) == .string else {
        return isWhole = false
      }
      let time = parser.tape.present(value, "ts")
      let read = time.flatMap { parser.tape.time($0, in: zones[.fileCache]) }
      if let clock = read?.naive { naive.append(clock) }
      var upload = ProviderUpload(
        provider: nil, fileId: String(decoding: parser.tape.decoded(id), as: UTF8.self),
        uploadedAt: read?.instant)
      upload.setProvider(written: parser.tape.decoded(key))
      let isKnown = time == nil || upload.uploadedAt != nil
      upload.add(object(value, without: [id, isKnown ? time : nil]))
      uploads.append(upload)
    }
    let shown = String(decoding: hash, as: UTF8.self)
    guard isWhole else {
      return refuse(.recordShape, origin, "\(shown): a provider without a file_id")
    }
    for clock in naive { remark(clock.rule, origin, clock.text, field: "ts") }
    guard let digest = FileDigest(hexadecimal: hash) else {
      let names = uploads.map(\.shown).joined(separator: ", ")
      return remark(.hashInvalid, origin, "\(shown.debugDescription) is no SHA-256; \(names)")
    }
    var entry = FileManifest.Entry(
      subject: .content(digest), shown: shown, place: origin.place, source: origin.source)
    entry.uploads = uploads
    add(entry)
  }

  /// Reads a reference to a file, which names its content, a provider and the file's id there.
  mutating func readReference(_ origin: ManifestOrigin) {
    let tape = parser.tape.root
    guard let id = text("provider_id"), let provider = text("provider") else {
      return refuse(.recordShape, origin, "a reference without provider or provider_id")
    }
    var upload = ProviderUpload(
      provider: nil, fileId: String(decoding: id, as: UTF8.self),
      uploadedAt: time("created_at", .references, origin))
    upload.setProvider(written: provider)
    upload.more += Array(#","reference":"#.utf8)
    upload.more += object(
      without: [
        parser.tape.member(tape, "provider_id"), parser.tape.member(tape, "provider"),
        parser.tape.member(tape, "file_hash"),
        upload.uploadedAt == nil ? nil : parser.tape.member(tape, "created_at"),
      ])
    let hash = text("file_hash") ?? []
    guard let digest = FileDigest(hexadecimal: hash) else {
      let shown = String(decoding: hash, as: UTF8.self).debugDescription
      return remark(
        .hashInvalid, origin, "\(shown) is no SHA-256; \(upload.shown)", field: "file_hash")
    }
    var entry = FileManifest.Entry(
      subject: .content(digest), shown: digest.hexadecimal, place: origin.place,
      source: origin.source)
    entry.name = text("original_name").flatMap(Self.lastName)
    entry.recorded.size = number("size")
    entry.uploads = [upload]
    add(entry)
  }

  /// Reads the result of an upload, which names the file but not its content.
  mutating func readUploaded(_ origin: ManifestOrigin) {
    let root = parser.tape.root
    guard let id = text("file_id") else {
      return refuse(.recordShape, origin, "file_id is not text", field: "file_id")
    }
    var upload = ProviderUpload(
      provider: nil, fileId: String(decoding: id, as: UTF8.self),
      uploadedAt: time("upload_timestamp", .uploads, origin))
    if let provider = text("provider") { upload.setProvider(written: provider) }
    let time = upload.uploadedAt == nil ? nil : parser.tape.member(root, "upload_timestamp")
    upload.add(
      object(
        without: [parser.tape.member(root, "file_id"), parser.tape.member(root, "provider"), time]))
    let name = text("filename").flatMap(Self.lastName) ?? ""
    var entry = FileManifest.Entry(
      subject: .uploaded(name: name), shown: name, place: origin.place, source: origin.source)
    entry.recorded.size = number("size_bytes")
    entry.uploads = [upload]
    add(entry)
  }

  /// Reads a row of a download cache, whose file lies beside the database under its key.
  ///
  /// The key is made of the id that the provider has for the file, not of its content.
  mutating func readCacheRow(_ origin: ManifestOrigin, beside path: String) {
    guard let id = text("file_id"), let key = text("cache_key"),
      !key.contains(UInt8(ascii: "/")), key != [UInt8(ascii: ".")], key != Array("..".utf8)
    else {
      return refuse(
        .recordShape, origin, "a row without file_id, or with a cache_key that is no name")
    }
    let absolute =
      path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")) ?? absolute.utf8.startIndex
    let directory = absolute.utf8[..<slash]
    var entry = FileManifest.Entry(
      subject: .written([Array(directory) + [UInt8(ascii: "/")] + key]),
      shown: String(decoding: key, as: UTF8.self), place: origin.place, source: origin.source)
    entry.isNameless = true
    entry.recorded.size = number("file_size")
    entry.time = time("cached_at", .downloadCache, origin)
    entry.uploads = [ProviderUpload(provider: nil, fileId: String(decoding: id, as: UTF8.self))]
    entry.lists[.downloadCache] = [object()]
    add(entry)
  }
}

extension ProviderUpload {
  /// Provider and id, for messages.
  var shown: String { "\(provider ?? "a provider") \(fileId)" }

  /// Adds the members of a JSON object.
  fileprivate mutating func add(_ object: [UInt8]) {
    guard object.count > 2 else { return }
    more += [UInt8(ascii: ",")] + object.dropFirst().dropLast()
  }
}
