internal import Archive

/// Reads the members of one part, one after the other.
struct PartRows: ~Copyable {
  private let archive: ArchiveDirectory
  private let part: ArchivedPart
  private let isNeeded: (ArchivedMember) -> Bool
  private let reader: MemberReader
  private var index = 0
  private var offset = 0

  /// - Parameters:
  ///   - part: whose members.
  ///   - archive: has the part.
  ///   - isNeeded: tells by the manifest alone which ones to read.
  /// - Throws: ``RunError`` when the file cannot be opened.
  init(
    _ part: ArchivedPart, of archive: ArchiveDirectory,
    where isNeeded: @escaping (ArchivedMember) -> Bool = { _ in true }
  ) throws(RunError) {
    self.archive = archive
    self.part = part
    self.isNeeded = isNeeded
    reader = try RunError.onFiles { () throws(FileError) in try MemberReader(part, of: archive) }
  }

  /// The next member that is needed, with its rows as whole lines.
  ///
  /// - Throws: ``RunError``, of kind `overBudget` for damage.
  mutating func next() throws(RunError) -> (member: ArchivedMember, lines: [UInt8])? {
    while index < part.members.count {
      let (number, start, member) = (index, offset, part.members[index])
      index += 1
      offset += member.packedBytes
      guard isNeeded(member) else { continue }
      let packed: [UInt8]
      do throws(FileError) {
        packed = try reader.packedBytes(number, at: start)
      } catch { throw RunError(.fileAccess, error.description) }
      guard let lines = MemberReader.rows(packed, of: member) else {
        throw RunError(.overBudget, "\(archive.path(of: part)): member \(number + 1) is damaged")
      }
      return (member, lines)
    }
    return nil
  }
}

extension TableSelection {
  /// Reads the members of the table that can hold wanted rows, and gives these as whole lines.
  ///
  /// - Throws: what `body` throws; ``RunError``, of kind `overBudget` for damage.
  func forEachMember(
    in archive: ArchiveDirectory, _ body: ([UInt8]) throws(RunError) -> Void
  ) throws(RunError) {
    for part in table.parts where mayHold(part) {
      var rows = try PartRows(part, of: archive, where: mayHold)
      while let (_, lines) = try rows.next() { try body(wanted(lines)) }
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
