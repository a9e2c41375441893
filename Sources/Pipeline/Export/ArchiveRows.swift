internal import Archive

/// Reads the members of one part, one after the other.
struct PartRows {
  private let archive: ArchiveDirectory
  private let part: ArchivedPart
  private let isNeeded: (ArchivedMember) -> Bool
  private let members: Range<Int>

  /// - Parameters:
  ///   - part: whose members.
  ///   - members: their places; nil for all.
  ///   - archive: has the part, and its key where it is encrypted.
  ///   - isNeeded: tells by the manifest alone which ones to read.
  init(
    _ part: ArchivedPart, _ members: Range<Int>? = nil, of archive: ArchiveDirectory,
    where isNeeded: @escaping (ArchivedMember) -> Bool = { _ in true }
  ) {
    self.archive = archive
    self.part = part
    self.isNeeded = isNeeded
    self.members = members ?? part.members.indices
  }

  /// Gives each member that is needed, with its rows as whole lines.
  ///
  /// - Throws: what `body` throws; ``RunError``, of kind `overBudget` for damage.
  func forEach(_ body: (ArchivedMember, [UInt8]) async throws -> Void) async throws {
    do {
      try await PartReader(part, of: archive).forEachMember(members, where: isNeeded) {
        index, packed in
        let member = part.members[index]
        guard let lines = MemberReader.rows(packed, of: member) else {
          throw RunError(.overBudget, "\(archive.path(of: part)): member \(index + 1) is damaged")
        }
        try await body(member, lines)
      }
    } catch let error as FileError {
      throw RunError(.fileAccess, error.description)
    }
  }
}

extension TableSelection {
  /// Reads the members of the table that can hold wanted rows, and gives these as whole lines.
  ///
  /// - Throws: what `body` throws; ``RunError``, of kind `overBudget` for damage.
  func forEachMember(
    in archive: ArchiveDirectory, _ body: ([UInt8]) throws(RunError) -> Void
  ) async throws {
    for part in table.parts where mayHold(part) {
      try await PartRows(part, of: archive, where: mayHold).forEach { _, lines in
        try body(wanted(lines))
      }
    }
  }
}

extension ArchiveDirectory {
  /// How the lines of its parts are written.
  ///
  /// - Throws: ``RunError`` for a format of another version of convoy.
  func format() throws(RunError) -> ArchiveFormat {
    guard let format = ArchiveFormat(rawValue: manifest.format) else {
      throw RunError(
        .failed, "\(path): this version of convoy cannot read the format \(manifest.format)")
    }
    return format
  }
}
