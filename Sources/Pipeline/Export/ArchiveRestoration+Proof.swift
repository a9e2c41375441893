internal import Archive
internal import Postgres

/// The comparison of what is in the database with what the archive holds.
extension ArchiveRestoration {
  /// What a connection does while the tables are read back.
  private enum ProofJob: Sendable {
    /// Adds the foreign keys of new tables, one by one: their checks let others read.
    case foreignKeys
    /// Reads a part of a table.
    case part(Int, table: Int, ExportedTable)
  }

  /// Bytes of a part as it is read back, about: few enough that the
  /// connections end at about the same time.
  fileprivate static let readingBytes = 16 << 20

  /// Reads tables back whose rows are all there, and adds the foreign keys of the new ones meanwhile.
  ///
  /// Gives the verdict on each table by its place, those left out that were merged, and what the server would
  /// not make.
  func prove(
    _ tables: [RestoredTable], _ expected: [RowSum], _ target: ConnectionTarget,
    _ control: borrowing PostgresConnection
  ) async throws -> (outcomes: [Int: Outcome], unmade: [String]) {
    let format = try archive.format()
    var jobs: [ProofJob] = []
    let keys = tables.filter(\.isMade).flatMap { $0.foreignKeys(among: tables) }
    if !keys.isEmpty { jobs.append(.foreignKeys) }
    try control.execute(ExportSnapshot.begin(serverVersion: control.serverVersion))
    for (index, table) in tables.enumerated() where !table.isMerged {
      let reading = try table.reading(control)
      jobs += (0..<reading.partCount).map { .part($0, table: index, reading) }
    }
    try control.execute("COMMIT")
    let found = Guarded(tables.map { _ in RowSum() })
    let unmade = Guarded<[String]>([])
    let all = jobs
    try await onConnections(all.count, target) { connection, number in
      switch all[number] {
      case .foreignKeys:
        for key in keys {
          if let problem = try make(key, connection) { unmade.update { $0.append(problem) } }
        }
      case .part(let part, let table, let reading):
        try connection.execute(ExportSnapshot.begin(serverVersion: connection.serverVersion))
        let sum = try await reading.sum(
          of: reading.copy(ofPart: part, format), format, connection, stop)
        try connection.execute("COMMIT")
        found.update { $0[table] += sum }
      }
    }
    var outcomes: [Int: Outcome] = [:]
    for (index, table) in tables.enumerated() where !table.isMerged {
      let (sum, members) = (found.current[index], table.rows.memberCounts)
      outcomes[index] = Outcome(
        table: table.name.title, rows: sum.rows, isEqual: sum == expected[index],
        membersRead: members.needed, members: members.all)
    }
    return (outcomes, unmade.current)
  }
}

extension RestoredTable {
  /// The table as it is in the database, with the archive's columns in their order.
  func reading(_ control: borrowing PostgresConnection) throws -> ExportedTable {
    let found = try ExportCatalogue([name], control).tables[0]
    let columns = try archived.columns.map { column in
      guard let column = found.columns.first(where: { $0.name == column.name }) else {
        throw RunError(.failed, "\(name.title).\(column.name) has gone meanwhile")
      }
      return column
    }
    return found.reading(columns, partBytes: ArchiveRestoration.readingBytes)
  }
}
