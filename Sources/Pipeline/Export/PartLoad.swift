internal import Archive
internal import Postgres

/// Carries the wanted rows of some members of one part into a relation.
struct PartLoad {
  /// What a member's lines have to become.
  private enum Rows {
    /// They are COPY text already.
    case ready
    case text(LineConverter)
    case binary(BinaryConverter)

    init(_ columns: [ArchivedColumn], _ format: ArchiveFormat) {
      switch format {
      case .copy: self = .ready
      case .jsonl, .conversations:
        self = BinaryConverter(columns).map { .binary($0) } ?? .text(LineConverter(columns))
      }
    }

    var isBinary: Bool { if case .binary = self { true } else { false } }
  }

  let archive: ArchiveDirectory
  let table: RestoredTable
  let part: ArchivedPart
  let members: Range<Int>
  let progress: Progress
  let stop: StopSignal

  /// Reads, converts and sends.
  ///
  /// - Parameters:
  ///   - connection: in a transaction.
  ///   - relation: has the table's columns.
  /// - Returns: the rows that went in, and the sum of their checksums in the archive, which is only made of a
  ///   selection.
  /// - Throws: ``RunError``, of kind `overBudget` for damage; `PostgresError`. None of the rows is there then.
  func run(
    _ connection: borrowing PostgresConnection, into relation: String
  ) async throws -> RowSum {
    let wanted = table.rows
    let rows = Rows(table.archived.columns, try archive.format())
    var converted: [UInt8] = rows.isBinary ? BinaryCopy.header : []
    var sum = RowSum()
    let statement = table.copy(into: relation, isBinary: rows.isBinary)
    let accepted = try await connection.copyInAwaiting(statement) { writer in
      try await PartRows(part, members, of: archive, where: wanted.mayHold).forEach {
        member, all in
        let lines = try wanted.wanted(all)
        if wanted.isWhole { sum.rows += member.rows } else { sum += RowSum(ofLines: lines) }
        switch rows {
        case .ready: try writer.write(lines.span)
        case .text(let converter): try converter.append(lines.span, to: &converted)
        case .binary(let converter): try converter.append(lines.span, to: &converted)
        }
        try writer.write(converted.span)
        converted.removeAll(keepingCapacity: true)
        progress.add(bytes: member.packedBytes, rows: member.rows, rejects: 0)
        try stop.check()
      }
      if rows.isBinary {
        converted += BinaryCopy.trailer
        try writer.write(converted.span)
      }
    }
    guard accepted == sum.rows else {
      throw RunError(
        .failed, "\(table.name.title) took \(accepted) of \(sum.rows) rows of \(part.file)",
        hint: "a trigger or rule on the table drops rows")
    }
    return sum
  }
}
