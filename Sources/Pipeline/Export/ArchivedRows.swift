public import Archive

/// Rows of an archive as JSON objects, found without reading most of the rest.
public struct ArchivedRows: Sendable {
  private let archive: ArchiveDirectory
  private let selection: ArchiveSelection

  /// Prepares to look.
  ///
  /// - Parameters:
  ///   - selection: which rows.
  ///   - archive: where.
  public init(_ selection: ArchiveSelection, of archive: ArchiveDirectory) {
    self.selection = selection
    self.archive = archive
  }

  /// Gives the rows that are selected, sessions first, then the other tables in the archive's order.
  ///
  /// - Parameter body: gets the table's name and a row, without an end of line.
  /// - Returns: tables of which the selection takes no rows, with the reason.
  /// - Throws: ``RunError`` for a session that is not there, and of kind `overBudget` for damage.
  public func forEach(
    _ body: (_ table: String, _ row: [UInt8]) -> Void
  ) async throws -> [String] {
    let format = try archive.format()
    let selected = try await SelectedTables(selection, archive)
    let tables =
      selected.tables.filter(\.table.isSessions) + selected.tables.filter { !$0.table.isSessions }
    for rows in tables {
      let object = CopyObject(rows.table.columns)
      try await rows.forEachMember(in: archive) { lines throws(RunError) in
        for line in lines.split(separator: 0x0A, omittingEmptySubsequences: true) {
          body(rows.table.title, format == .copy ? object.json(Array(line)) : Array(line))
        }
      }
    }
    return selected.passedOver
  }
}
