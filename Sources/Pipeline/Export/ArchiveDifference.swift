public import Archive

/// What changed between two archives of the same tables.
public struct ArchiveDifference: Sendable {
  /// One table.
  public struct Table: Sendable {
    /// Its name, with its schema where that is not `public`.
    public let name: String
    /// What there is to say about its definition; empty when it is the same.
    public internal(set) var notes: [String] = []
    /// Rows of the first archive.
    public let rowsBefore: Int
    /// Rows of the second.
    public let rowsAfter: Int
    /// Rows the second has and the first has not.
    public internal(set) var added = 0
    /// Rows the first has and the second has not.
    public internal(set) var removed = 0

    /// Whether both have the same rows and the same columns.
    public var isSame: Bool { notes.isEmpty && added == 0 && removed == 0 }
  }

  private let former: ArchiveDirectory
  private let latter: ArchiveDirectory

  /// Prepares to compare.
  public init(_ former: ArchiveDirectory, _ latter: ArchiveDirectory) {
    self.former = former
    self.latter = latter
  }

  /// Compares; tables of one checksum and parts of one SHA-256 are not read.
  ///
  /// A row that was changed counts as one removed and one added. Holds 16 bytes for each row of parts that are
  /// not the same in both.
  ///
  /// - Returns: every table of either archive.
  /// - Throws: ``RunError``, of kind `overBudget` for a damaged member.
  public func tables() async throws -> [Table] {
    guard former.manifest.format == latter.manifest.format else {
      throw RunError(
        .failed,
        "\(former.name) is of format \(former.manifest.format), \(latter.name) of "
          + "\(latter.manifest.format): their rows cannot be compared")
    }
    var found: [Table] = []
    for after in latter.manifest.tables {
      let before = former.manifest.tables.first { $0.title == after.title }
      guard let before else {
        var table = Table(name: after.title, rowsBefore: 0, rowsAfter: after.rows)
        table.notes = ["only in \(latter.name)"]
        table.added = after.rows
        found.append(table)
        continue
      }
      var table = Table(name: after.title, rowsBefore: before.rows, rowsAfter: after.rows)
      if before.columns.map(Self.text) != after.columns.map(Self.text) {
        table.notes = ["columns: \(Self.columns(before)) became \(Self.columns(after))"]
      }
      if before.checksum != after.checksum || before.rows != after.rows {
        (table.added, table.removed) = try await difference(before, after)
      }
      found.append(table)
    }
    for before in former.manifest.tables
    where !latter.manifest.tables.contains(where: { $0.title == before.title }) {
      var table = Table(name: before.title, rowsBefore: before.rows, rowsAfter: 0)
      table.notes = ["only in \(former.name)"]
      table.removed = before.rows
      found.append(table)
    }
    return found
  }

  private static func text(_ column: ArchivedColumn) -> String { "\(column.name) \(column.type)" }

  private static func columns(_ table: ArchivedTable) -> String {
    table.columns.map(text).joined(separator: ", ")
  }

  private func difference(
    _ before: ArchivedTable, _ after: ArchivedTable
  ) async throws -> (added: Int, removed: Int) {
    let same = Set(before.parts.map(\.rawSHA256)).intersection(after.parts.map(\.rawSHA256))
    var counts: [UInt128: Int] = [:]
    try await forEachRow(before, of: former, but: same) { counts[$0, default: 0] -= 1 }
    try await forEachRow(after, of: latter, but: same) { counts[$0, default: 0] += 1 }
    return (
      counts.values.reduce(0) { $0 + max(0, $1) }, counts.values.reduce(0) { $0 - min(0, $1) }
    )
  }

  private func forEachRow(
    _ table: ArchivedTable, of archive: ArchiveDirectory, but same: Set<ContentDigest>,
    _ body: (UInt128) -> Void
  ) async throws {
    for part in table.parts where !same.contains(part.rawSHA256) {
      try await PartRows(part, of: archive).forEach { _, lines in
        var texts = DigestBatch()
        LineChecksum.forEach(lineOf: lines.span) { texts.add(tail: $0) }
        texts.hash(tails: lines.span)
        for number in 0..<texts.count { body(texts[number].high) }
      }
    }
  }
}
