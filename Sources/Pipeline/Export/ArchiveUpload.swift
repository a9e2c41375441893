internal import Archive
internal import Foundation
internal import ObjectStore

/// Sends the directory of a finished archive to a bucket.
struct ArchiveUpload: Sendable {
  let bucket: ArchiveBucket
  /// Largest file that the bucket takes, in bytes; nil for no limit.
  let sizeLimitBytes: Int?
  let stop: StopSignal

  /// Sends every file, the manifest once all others are there.
  ///
  /// - Parameters:
  ///   - directory: where the files are.
  ///   - name: the archive's.
  ///   - manifest: what is in it.
  /// - Throws: ``RunError``. A file that is too large is found before anything is sent; otherwise what was sent by
  ///   then is no archive, and goes with a later prune.
  func run(_ directory: String, as name: String, _ manifest: ArchiveManifest) async throws {
    let parts = manifest.tables.flatMap(\.parts).filter { $0.reference == nil }
    var forms: [String: StoredForm] = [:]
    for part in parts { forms[part.file] = part.stored }
    for file in [ArchiveDirectory.digestsName, VerifiedMark.name, ArchivedObjects.fileName] {
      let path = "\(directory)/\(file)"
      // An archive that nobody wants verified has no mark.
      guard FileManager.default.fileExists(atPath: path) else { continue }
      forms[file] = try RunError.onFiles { () throws(FileError) in try StoredForm(ofFile: path) }
    }
    let archive = try RunError.onArchive { () throws(ArchiveError) in
      try ArchiveDirectory(path: directory)
    }
    let objects = try await archive.objects()
    let own = Self.own(objects, of: name)
    for object in own { forms[object.stored.sha256.hex] = object.stored }
    try checkSizes(forms)
    // The large ones first, so that none is left alone at the end.
    let files = forms.sorted { ($0.value.bytes, $0.key) > ($1.value.bytes, $1.key) }
    let paths = own.reduce(into: [String: String]()) { paths, object in
      paths[object.stored.sha256.hex] = archive.vault.path(of: object.stored.sha256)
    }
    let queue = JobQueue(files.map { ($0.key, $0.value) })
    try await withThrowingTaskGroup { group in
      for _ in 0..<min(bucket.uploads, max(1, files.count)) {
        group.addTask {
          while let (file, form) = queue.next() {
            guard !Task.isCancelled else { return }
            try stop.check()
            try await put(file, form, at: paths[file] ?? "\(directory)/\(file)", as: name)
          }
        }
      }
      try await group.waitForAll()
    }
    try await confirm(name, forms, manifest, objects)
    let last = ArchiveManifest.fileName
    let form = try RunError.onFiles { () throws(FileError) in
      try StoredForm(ofFile: "\(directory)/\(last)")
    }
    try await put(last, form, at: "\(directory)/\(last)", as: name)
  }

  private func checkSizes(_ forms: [String: StoredForm]) throws(RunError) {
    guard let limit = sizeLimitBytes,
      let (file, form) = forms.max(by: { $0.value.bytes < $1.value.bytes }), form.bytes > limit
    else { return }
    throw RunError(
      .failed,
      "\(file) has \(Quantity.bytes(Double(form.bytes))), and the bucket takes files of up to "
        + "\(Quantity.bytes(Double(limit))); nothing was sent",
      hint: "make export.partBytes smaller, or the bucket's limit larger")
  }

  /// The objects that are files of this night; the others are of earlier ones.
  private static func own(_ objects: [ArchivedObject], of name: String) -> [ArchivedObject] {
    objects.filter { $0.reference == "\(name)/\($0.stored.sha256.hex)" }
  }

  private func put(
    _ file: String, _ form: StoredForm, at path: String, as name: String
  ) async throws(RunError) {
    guard let digest = StoreDigest(hex: form.sha256.hex) else {
      throw RunError(.failed, "\(file): no digest")
    }
    do throws(ObjectStoreError) {
      let upload = ObjectUpload(
        key: try bucket.key(file, in: name), path: path, identity: try FileIdentity(path: path),
        digest: digest, mediaType: Self.mediaType(file))
      _ = try await bucket.store.put(upload, resumption: .none)
    } catch { throw RunError(store: error) }
  }

  /// Asks the bucket what it has: the files just sent, and the objects of earlier nights that the manifest refers to.
  private func confirm(
    _ name: String, _ forms: [String: StoredForm], _ manifest: ArchiveManifest,
    _ objects: [ArchivedObject]
  ) async throws(RunError) {
    let nights = try await bucket.nights()
    var expected = forms.map { ("\(name)/\($0.key)", $0.value.bytes) }
    for part in manifest.tables.flatMap(\.parts) {
      if let reference = part.reference { expected.append((reference, part.stored.bytes)) }
    }
    for object in objects {
      if let reference = object.reference { expected.append((reference, object.stored.bytes)) }
    }
    for (path, bytes) in expected {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count == 2, nights[parts[0]]?[parts[1]] == bytes else {
        throw RunError(
          .failed, "\(bucket.root)/\(path): is not there as it was sent; no archive was made")
      }
    }
  }

  private static func mediaType(_ file: String) -> String {
    if file.hasSuffix(".gz") { return "application/gzip" }
    if file.hasSuffix(".json") { return "application/json" }
    return "application/octet-stream"
  }
}
