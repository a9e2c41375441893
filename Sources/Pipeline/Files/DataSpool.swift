internal import Archive
internal import FoundationEssentials

/// Files that stand in messages, each content once in a directory of its own, until they are stored.
struct DataSpool: Sendable {
  let directory: String
  private let limitBytes: Int

  /// Makes the directory anew: what a killed run left in it is gone.
  ///
  /// - Parameters:
  ///   - directory: its path; the one above it is there.
  ///   - limitBytes: bytes of the largest file that is taken.
  /// - Throws: ``RunError``.
  init(directory: String, limitBytes: Int) throws(RunError) {
    self.directory = directory
    self.limitBytes = limitBytes
    remove()
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw RunError(.fileAccess, "\(directory): \(error)")
    }
  }

  /// Removes the directory and what is in it.
  func remove() {
    // Usually there is none; one that stays is met again by the next run, and its making fails then.
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Writes the file that a text is; nil where it is none, or too large, of which `findings` is told.
  func file(
    of text: [UInt8], _ place: Place, _ findings: inout FindingLog
  ) throws(FileError) -> AttachmentLog.File? {
    let url: DataURL
    do throws(DataURL.Refusal) {
      url = try DataURL(text, limitBytes: limitBytes)
    } catch {
      let problem =
        switch error {
        case .malformed: "data that cannot be decoded"
        case .tooLarge(let byteCount): "\(byteCount) bytes of data, \(limitBytes) are allowed"
        }
      findings.note(.fileMissing, at: place, field: "images", problem)
      return nil
    }
    let path = "\(directory)/\(FileDigest.of(url.bytes).hexadecimal)"
    if !FileManager.default.fileExists(atPath: path) {
      var file = try OutputFile(path: path, permissions: 0o600)
      try file.write(url.bytes.span)
      try file.finish(isDurable: false)
    }
    return AttachmentLog.File(path: RawPath(path), found: nil, mediaType: url.mediaType)
  }
}
