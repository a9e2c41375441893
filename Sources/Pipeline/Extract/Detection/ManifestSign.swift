/// What the beginning of a file says of a manifest of files that it may be.
enum ManifestSign {
  private static let databaseMagic = Array("SQLite format 3\0".utf8)
  private static let use = ", for files.manifest of a pipeline that stores files"
  /// Columns that a file registry alone has together.
  private static let registryColumns = ["absolute_path", "checksum"]

  static let registry = "a file registry" + use
  static let fileCache = "a file cache" + use
  static let downloadCache = "a download cache" + use
  static let uploads = "files that were uploaded to providers" + use
  static let references = "references to files of providers" + use
  static let manifest = "a manifest of files" + use

  /// What a database or CSV is, and whether that is sure; nil of anything else, JSON among it.
  ///
  /// Tables are told by their definitions, which lie in a database's first pages as text.
  static func reason(_ head: [UInt8]) -> (text: String, isSure: Bool)? {
    if head.starts(with: databaseMagic) {
      func has(_ words: [String]) -> Bool {
        words.allSatisfy { head.contains($0.utf8) }
      }
      if has(["cache_entries", "cache_key"]) { return (downloadCache, true) }
      if has(registryColumns) { return (registry, true) }
      return ("an SQLite database", false)
    }
    guard let end = head.firstIndex(of: 0x0A, in: 0..<head.count) else { return nil }
    let names = String(decoding: head[..<end], as: UTF8.self).lowercased()
      .split { ",\"\r".contains($0) }.map(String.init)
    guard names.contains("path") else { return nil }
    if registryColumns.allSatisfy(names.contains) { return (registry, true) }
    guard names.contains("continuation_id") || names == ["path"] else { return nil }
    return (manifest, names.contains("continuation_id"))
  }
}

extension JSONSketch {
  /// What a record is that is about files; nil of anything else.
  var manifestName: String? {
    if let items = self["items"], items.kind == .object, !has("path"),
      items.values.allSatisfy({ $0.kind == .object && $0.values.allSatisfy(\.isProviderFile) })
    {
      return ManifestSign.fileCache
    }
    if has("absolute_path", "checksum") || has("registry_path", "files") {
      return ManifestSign.registry
    }
    if has("file_hash", "provider_id") { return ManifestSign.references }
    if has("file_id", "filename") { return ManifestSign.uploads }
    if has("path", "continuation_id") || has("path", "tags") { return ManifestSign.manifest }
    return nil
  }

  /// What a provider was given, as far as it was read.
  private var isProviderFile: Bool { kind == .object && (has("file_id") || !isWhole) }
}

extension [UInt8] {
  /// Whether a text of ASCII stands anywhere in the bytes.
  fileprivate func contains(_ text: String.UTF8View) -> Bool {
    let word = Array(text)
    var at = 0
    while let start = firstIndex(of: word[0], in: at..<count) {
      if self[start...].starts(with: word) { return true }
      at = start + 1
    }
    return false
  }
}
