internal import Archive

extension ArchiveDirectory {
  /// Reads the list of the archive's objects, wherever it is.
  ///
  /// - Returns: none where it has no list.
  /// - Throws: ``RunError``, of kind `overBudget` where it is not as it was written.
  func objects() async throws -> [ArchivedObject] {
    guard let access, manifest.objects != nil else {
      return try RunError.onArchive { () throws(ArchiveError) in try ArchivedObject.list(of: self) }
    }
    let copy = try await access.list()
    defer { withExtendedLifetime(copy) {} }
    return try RunError.onArchive { () throws(ArchiveError) in
      try ArchivedObject.list(of: self, at: copy.path)
    }
  }
}
