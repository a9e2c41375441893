internal import FoundationEssentials

/// The bytes of files that rows of an archive name: which they are, and where the root of archives has them.
///
/// Archives of one root share them: each is a file named by the SHA-256 of its own bytes, in ``ObjectVault``; in a
/// bucket, one of the night that first had it, see ``ArchivedObject/reference``.
public struct ArchivedObjects: Sendable, Hashable, Codable {
  /// The name of the list in the archive's directory: gzip of one JSON object a line.
  public static let fileName = "objects.jsonl.gz"

  /// The list's bytes.
  public var list: StoredForm
  /// Rows of the list; several may name one object.
  public var rows: Int
  /// Bytes of the objects, each counted once.
  public var bytes: Int
  /// Rows of `files` whose object the store did not have as they say; they are not in the list.
  public var missing: Int

  /// Makes a description.
  public init(list: StoredForm, rows: Int, bytes: Int, missing: Int) {
    self.list = list
    self.rows = rows
    self.bytes = bytes
    self.missing = missing
  }
}

/// One object of an archive, as a row of `files` names it.
public struct ArchivedObject: Sendable, Hashable, Codable {
  /// The bucket the row names.
  public var bucket: String
  /// The key in the bucket.
  public var path: String
  /// SHA-256 of the bytes.
  public var sha256: ContentDigest
  /// How many they are.
  public var bytes: Int
  /// The row's media type.
  public var mediaType: String?
  /// The file's bytes where it is encrypted.
  public var encrypted: StoredForm?
  /// In a bucket of archives, the object that has them, as `<archive>/<SHA-256>`; nil in a directory.
  public var reference: String?

  /// Makes a description.
  public init(
    bucket: String, path: String, content: StoredForm, mediaType: String?,
    encrypted: StoredForm? = nil, reference: String? = nil
  ) {
    self.bucket = bucket
    self.path = path
    sha256 = content.sha256
    bytes = content.bytes
    self.mediaType = mediaType
    self.encrypted = encrypted
    self.reference = reference
  }

  /// The object's bytes.
  public var content: StoredForm { StoredForm(bytes: bytes, sha256: sha256) }
  /// The bytes of the file that has them.
  public var stored: StoredForm { encrypted ?? content }
}

extension ArchivedObject {
  /// Writes the list of an archive's objects.
  /// - Parameters:
  ///   - objects: in the order they are to be listed.
  ///   - directory: the archive's.
  /// - Returns: the file's bytes.
  /// - Throws: ``FileError``, ``GzipError``.
  public static func write(_ objects: [ArchivedObject], to directory: String) throws -> StoredForm {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines: [UInt8] = []
    for object in objects {
      lines += try encoder.encode(object)
      lines.append(0x0A)
    }
    var compressor = try GzipCompressor(level: 6)
    var packed: [UInt8] = []
    compressor.appendMember(of: lines.span, to: &packed)
    let path = "\(directory)/\(ArchivedObjects.fileName)"
    var file = try OutputFile(path: path, permissions: 0o600)
    try file.write(packed.span)
    try file.finish()
    return StoredForm(bytes: packed.count, sha256: ContentDigest(of: packed.span))
  }

  /// Reads the list of an archive's objects.
  /// - Parameters:
  ///   - archive: the archive.
  ///   - copy: the list's file; nil for the one in the archive's directory.
  /// - Returns: the objects; none where it has no list.
  /// - Throws: ``ArchiveError`` where the list is not as it was written.
  public static func list(
    of archive: ArchiveDirectory, at copy: String? = nil
  ) throws(ArchiveError) -> [ArchivedObject] {
    guard let objects = archive.manifest.objects else { return [] }
    let path = "\(archive.path)/\(ArchivedObjects.fileName)"
    do {
      guard try StoredForm(ofFile: copy ?? path) == objects.list else {
        throw ArchiveError(.damaged, path: path)
      }
      var stream = try ByteStream(path: copy ?? path)
      var bytes: [UInt8] = []
      while try stream.read(into: &bytes, upTo: 1 << 20) > 0 {}
      let decoder = JSONDecoder()
      return try bytes.split(separator: 0x0A).map { line in
        try decoder.decode(ArchivedObject.self, from: Data(line))
      }
    } catch let error as ArchiveError {
      throw error
    } catch let error as FileError {
      throw ArchiveError(error.errno == 2 ? .missing : .unreadable(error), path: path)
    } catch {
      throw ArchiveError(.unknownForm, path: path)
    }
  }
}
