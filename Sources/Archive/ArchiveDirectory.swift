internal import FoundationEssentials
internal import Glibc

/// A finished archive, on disk or in a bucket: its manifest and where its parts are.
public struct ArchiveDirectory: Sendable {
  /// The file that lists the SHA-256 of every other one, as `sha256sum -c` reads it.
  public static let digestsName = "SHA256SUMS"

  /// The directory; of an archive in a bucket, what to call it.
  public let path: String
  /// What is in it.
  public let manifest: ArchiveManifest
  /// What opens its parts, where they are encrypted and it is known.
  public var key: ArchiveKey?
  /// How what belongs to it is reached; nil where it is in the directory.
  public var access: ArchiveAccess?

  /// The directory's own name, which is the time of the export.
  public var name: String {
    String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
  }

  /// Reads the manifest and compares it with its digest.
  /// - Parameter path: the directory, without a slash at its end.
  /// - Throws: ``ArchiveError``.
  public init(path: String) throws(ArchiveError) {
    try self.init(
      path: path, manifest: try Self.read("\(path)/\(ArchiveManifest.fileName)"),
      digests: try Self.read("\(path)/\(Self.digestsName)"))
  }

  /// Takes a manifest that was read from elsewhere, and compares it with its digest.
  /// - Parameters:
  ///   - path: what to call the archive; its name is behind the last slash.
  ///   - bytes: the manifest's file.
  ///   - digests: the file of digests.
  /// - Throws: ``ArchiveError``.
  public init(
    path: String, manifest bytes: [UInt8], digests: [UInt8]
  ) throws(ArchiveError) {
    self.path = path
    let manifest: ArchiveManifest
    do {
      manifest = try JSONDecoder().decode(ArchiveManifest.self, from: Data(bytes))
    } catch {
      let isSound =
        Self.digest(of: ArchiveManifest.fileName, in: digests) == ContentDigest(of: bytes.span)
      throw ArchiveError(
        isSound ? .unknownForm : .damaged, path: "\(path)/\(ArchiveManifest.fileName)")
    }
    guard Self.digests(of: manifest, manifestBytes: bytes) == digests else {
      let isManifest =
        Self.digest(of: ArchiveManifest.fileName, in: digests) != ContentDigest(of: bytes.span)
      throw ArchiveError(
        .damaged, path: "\(path)/\(isManifest ? ArchiveManifest.fileName : Self.digestsName)")
    }
    guard manifest.schema == ArchiveManifest.currentSchema else {
      throw ArchiveError(.unknownForm, path: "\(path)/\(ArchiveManifest.fileName)")
    }
    self.manifest = manifest
  }

  /// Writes the manifest and the digests into a directory whose parts are there.
  /// - Parameters:
  ///   - manifest: what is in it.
  ///   - directory: where.
  /// - Throws: ``FileError``.
  public static func write(
    _ manifest: ArchiveManifest, to directory: String
  ) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes: [UInt8]
    do {
      bytes = try Array(encoder.encode(manifest)) + [0x0A]
    } catch {
      // Strings, whole numbers and arrays of them: there is nothing an encoder could refuse.
      throw FileError(.write, path: "\(directory)/\(ArchiveManifest.fileName)", errno: EINVAL)
    }
    try write(bytes, to: "\(directory)/\(ArchiveManifest.fileName)")
    try write(
      digests(of: manifest, manifestBytes: bytes), to: "\(directory)/\(Self.digestsName)")
  }

  /// The objects that it shares with the other archives of its root.
  public var vault: ObjectVault {
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return ObjectVault(ArchiveRoot(path: parent.isEmpty ? "/" : parent))
  }

  /// Where a part is, or what to call it.
  public func path(of part: ArchivedPart) -> String { "\(path)/\(part.file)" }

  /// The file of a part, to be read as long as it is held.
  /// - Throws: what ``ArchiveAccess/file`` throws; nothing for a directory, whose file may be missing.
  public func file(of part: ArchivedPart) async throws -> PartFile {
    try await access?.file(part) ?? PartFile(path: path(of: part))
  }

  /// Where an object is, or what to call it.
  public func path(of object: ArchivedObject) -> String {
    guard let reference = object.reference else { return vault.path(of: object.stored.sha256) }
    return "\(path.prefix(path.count - name.count))\(reference)"
  }

  /// The file of an object, to be read as long as it is held.
  /// - Throws: what ``ArchiveAccess/object`` throws; nothing for a directory, whose file may be missing.
  public func file(of object: ArchivedObject) async throws -> PartFile {
    try await access?.object(object) ?? PartFile(path: path(of: object))
  }

  private static func digests(
    of manifest: ArchiveManifest, manifestBytes: [UInt8]
  ) -> [UInt8] {
    var text = ""
    for part in manifest.tables.flatMap(\.parts) {
      text += "\(part.stored.sha256.hex)  \(part.relativePath)\n"
    }
    if let objects = manifest.objects {
      text += "\(objects.list.sha256.hex)  \(ArchivedObjects.fileName)\n"
    }
    text += "\(ContentDigest(of: manifestBytes.span).hex)  \(ArchiveManifest.fileName)\n"
    return Array(text.utf8)
  }

  private static func digest(of name: String, in digests: [UInt8]) -> ContentDigest? {
    let line = digests.split(separator: 0x0A).first { $0.dropFirst(66).elementsEqual(name.utf8) }
    return line.flatMap { ContentDigest(hex: String(decoding: $0.prefix(64), as: UTF8.self)) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    var file = try OutputFile(path: path, permissions: 0o600)
    try file.write(bytes.span)
    try file.finish()
  }

  private static func read(_ path: String) throws(ArchiveError) -> [UInt8] {
    do throws(FileError) {
      var file = try InputFile(path: path)
      var bytes: [UInt8] = []
      while try file.read(into: &bytes, upTo: 1 << 20) > 0 {}
      return bytes
    } catch {
      throw ArchiveError(error.errno == ENOENT ? .missing : .unreadable(error), path: path)
    }
  }
}

/// An archive cannot be used.
public struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Why.
  public enum Reason: Sendable, Hashable {
    /// A file every archive has is not there.
    case missing
    /// A file cannot be read.
    case unreadable(FileError)
    /// A file is not as it was written.
    case damaged
    /// The manifest is of another version of convoy.
    case unknownForm
  }

  /// Why.
  public let reason: Reason
  /// The file.
  public let path: String

  /// Says what is wrong with a file.
  public init(_ reason: Reason, path: String) {
    self.reason = reason
    self.path = path
  }

  /// The path and what is wrong.
  public var description: String {
    switch reason {
    case .missing: "\(path): not there; either no archive, or part of it is missing"
    case .unreadable(let error): error.description
    case .damaged: "\(path): damaged, it is not as it was written"
    case .unknownForm: "\(path): not a manifest this version of convoy can read"
    }
  }
}
