/// Joins what is said of contents, and of uploads, to the files that have them.
struct ContentJoin {
  private let entries: [FileManifest.Entry]
  private let contents: [HashedContent?]
  private let totals: RunTotals
  /// What providers were given, by content.
  private var uploads: [FileDigest: [ProviderUpload]] = [:]
  /// Names for files whose own are made up.
  private var names: [FileDigest: String] = [:]

  /// Takes entries of manifests that name no path, and the contents of files by their index.
  init(
    _ entries: [FileManifest.Entry], _ contents: [HashedContent?], _ totals: RunTotals
  ) {
    self.entries = entries
    self.contents = contents
    self.totals = totals
  }

  /// Adds to claims what is said of their contents, and tells of entries that no file is there for.
  mutating func join(_ claims: inout FileClaims) {
    for claim in claims.claims {
      guard let digest = contents[claim.file]?.digest else { continue }
      for upload in claim.providerUploads { add(upload, of: digest) }
    }
    let sizes = sizesByDigest(claims)
    for entry in entries {
      guard case .content(let digest) = entry.subject else { continue }
      guard let size = sizes[digest] else {
        note(missing: entry, "no file here has this content")
        continue
      }
      take(entry, digest, size)
    }
    joinByName(claims, sizes)
    for index in claims.claims.indices {
      guard let digest = contents[claims.claims[index].file]?.digest else { continue }
      claims.update(index) { claim in
        if claim.isNameless, let name = names[digest] { claim.name = name }
        if let uploads = uploads[digest] { claim.lists[.providerUploads] = uploads.map(\.json) }
      }
    }
  }

  /// Joins uploads that name no content: by the file's id where that is known, else by name and size.
  private mutating func joinByName(_ claims: FileClaims, _ sizes: [FileDigest: Int]) {
    let uploaded = entries.filter {
      if case .uploaded = $0.subject { true } else { false }
    }
    guard !uploaded.isEmpty else { return }
    var byId: [String: FileDigest] = [:]
    for (digest, uploads) in uploads {
      for upload in uploads { byId[upload.fileId] = digest }
    }
    var byName: [String: Set<FileDigest>] = [:]
    for claim in claims.claims where !claim.isNameless {
      if let digest = contents[claim.file]?.digest {
        byName[claim.name, default: []].insert(digest)
      }
    }
    for entry in uploaded {
      guard case .uploaded(let name) = entry.subject else { continue }
      if let digest = entry.uploads.lazy.compactMap({ byId[$0.fileId] }).first,
        let size = sizes[digest]
      {
        var named = entry
        named.name = name.isEmpty ? nil : name
        take(named, digest, size)
        continue
      }
      let found = (byName[name] ?? []).filter { digest in
        entry.recorded.size == nil || entry.recorded.size == sizes[digest]
      }
      guard found.count == 1, let digest = found.first, let size = sizes[digest] else {
        note(
          missing: entry,
          found.isEmpty
            ? "no file here has this name and size"
            : "\(found.count) files have this name and size")
        continue
      }
      take(entry, digest, size)
    }
  }

  private mutating func take(_ entry: FileManifest.Entry, _ digest: FileDigest, _ size: Int) {
    for upload in entry.uploads { add(upload, of: digest) }
    if let name = entry.name, names[digest] == nil { names[digest] = name }
    guard let recorded = entry.recorded.size, recorded != size else { return }
    totals.update {
      $0.findings.note(
        .fileRecordDiffers, at: entry.place, field: "size",
        "\(entry.shown) has \(size) bytes, and \(recorded) were recorded")
    }
  }

  private mutating func add(_ upload: ProviderUpload, of digest: FileDigest) {
    for index in uploads[digest, default: []].indices {
      if uploads[digest]?[index].take(upload) == true { return }
    }
    uploads[digest, default: []].append(upload)
  }

  private func sizesByDigest(_ claims: FileClaims) -> [FileDigest: Int] {
    var sizes: [FileDigest: Int] = [:]
    for claim in claims.claims {
      if let content = contents[claim.file] { sizes[content.digest] = content.byteCount }
    }
    return sizes
  }

  private func note(missing entry: FileManifest.Entry, _ reason: String) {
    let uploads = entry.uploads.map(\.shown).joined(separator: ", ")
    totals.update {
      $0.findings.note(
        .uploadUnmatched, at: entry.place, "\(entry.shown) (\(uploads)): \(reason)")
    }
  }
}
