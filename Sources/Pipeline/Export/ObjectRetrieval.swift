public import Archive

/// Brings one object back out of an archive, verified.
public struct ObjectRetrieval: Sendable {
  private let archive: ArchiveDirectory

  /// Prepares to retrieve.
  ///
  /// - Parameter archive: names the objects, and has its key where they are encrypted.
  public init(_ archive: ArchiveDirectory) { self.archive = archive }

  /// Finds an object by the path that its row has in the bucket.
  ///
  /// - Throws: ``RunError`` where the archive has none of that path, or its list is damaged.
  public func find(_ path: String) async throws -> ArchivedObject {
    guard let object = try await archive.objects().first(where: { $0.path == path }) else {
      throw RunError(
        .failed, "\(archive.path) has no object \(path)",
        hint: "gunzip -c \(archive.path)/\(ArchivedObjects.fileName) shows those it has")
    }
    return object
  }

  /// Writes an object's content.
  ///
  /// - Parameters:
  ///   - object: the object.
  ///   - path: the file that appears once all of it is verified, and takes the place of one that is there.
  /// - Throws: ``RunError``; of kind `overBudget` where the content is another than that which was exported.
  public func retrieve(_ object: ArchivedObject, to path: String) async throws {
    do {
      var file = try OutputFile(path: path, permissions: 0o600)
      try await ObjectReader(archive).read(object) { bytes throws(FileError) in
        try file.write(bytes)
      }
      try file.finish()
    } catch let error as FileError {
      throw RunError(.fileAccess, error.description)
    }
  }
}
