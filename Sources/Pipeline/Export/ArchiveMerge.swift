internal import Archive
internal import Postgres

/// Brings rows of an archive into tables that have rows, in one transaction: all of it is there, or nothing.
///
/// Rows are staged first, which takes most of the time and keeps nobody waiting. Then writers of the tables
/// wait until all are merged and proven, so that no row can come or go between its being looked at and the
/// commit.
struct ArchiveMerge {
  let archive: ArchiveDirectory
  let policy: ConflictPolicy
  let progress: Progress
  let stop: StopSignal

  /// Merges, parents before children.
  ///
  /// - Returns: an outcome of each table, all of them equal.
  /// - Throws: ``RunError`` or `PostgresError`; the transaction is over and nothing has changed.
  func run(
    _ tables: [RestoredTable], _ connection: borrowing PostgresConnection
  ) async throws -> [ArchiveRestoration.Outcome] {
    guard !tables.isEmpty else { return [] }
    var merges: [TableMerge] = []
    // Asking what the role may do takes a transaction of its own.
    for (number, table) in tables.enumerated() {
      if let merge = try TableMerge(table, number: number, connection) { merges.append(merge) }
    }
    try connection.execute(RestoreScope.begin(serverVersion: connection.serverVersion))
    do {
      let outcomes = try await merge(merges, connection)
      try connection.execute("COMMIT")
      return outcomes
    } catch {
      // What made it fail is the one to tell; without a connection there is no transaction either.
      _ = try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private func merge(
    _ merges: [TableMerge], _ connection: borrowing PostgresConnection
  ) async throws -> [ArchiveRestoration.Outcome] {
    var staged: [(merge: TableMerge, sum: RowSum)] = []
    for merge in merges { staged.append((merge, try await stage(merge, connection))) }
    let names = merges.map(\.target).joined(separator: ", ")
    try connection.execute("LOCK TABLE \(names) IN SHARE ROW EXCLUSIVE MODE")
    var outcomes: [ArchiveRestoration.Outcome] = []
    for (merge, sum) in staged {
      let counts = try merge.run(policy, rows: sum.rows, connection)
      try stop.check()
      outcomes.append(try await prove(merge, counts, sum, connection))
    }
    return outcomes
  }

  private func stage(
    _ merge: TableMerge, _ connection: borrowing PostgresConnection
  ) async throws -> RowSum {
    try connection.execute(merge.makingStage)
    let rows = merge.table.rows
    var sum = RowSum()
    for part in rows.table.parts where rows.mayHold(part) {
      sum += try await PartLoad(
        archive: archive, table: merge.table, part: part, members: part.members.indices,
        progress: progress, stop: stop
      ).run(connection, into: merge.stage)
    }
    do {
      try connection.execute(merge.keyingStage)
    } catch {
      guard error.sqlState == .uniqueViolation else { throw error }
      throw RunError(
        .failed,
        "the archive has two rows of one primary key of \(merge.table.name.title): \(error.detail ?? "")"
      )
    }
    return rows.manifestSum ?? sum
  }

  /// Reads back the rows that the archive's have become, and compares them with what the archive says.
  private func prove(
    _ merge: TableMerge, _ counts: ArchiveRestoration.MergeCounts, _ sum: RowSum,
    _ connection: borrowing PostgresConnection
  ) async throws -> ArchiveRestoration.Outcome {
    let format = try archive.format()
    let reading = try merge.table.reading(connection)
    var found = try await reading.sum(
      of: reading.copy(from: "\(merge.target) AS convoy_row", where: merge.isSettled, format),
      format, connection, stop)
    if counts.kept > 0 {
      found += try await reading.sum(
        of: reading.copy(from: "\(merge.stage) AS convoy_row", where: "convoy_kept", format),
        format, connection, stop)
    }
    guard found == sum else {
      throw RunError(
        .overBudget,
        "\(merge.table.name.title): the rows would not be those of the archive; nothing was changed",
        hint: "a trigger of the table changes them")
    }
    let members = merge.table.rows.memberCounts
    return ArchiveRestoration.Outcome(
      table: merge.table.name.title, rows: sum.rows, merged: counts, isEqual: true,
      membersRead: members.needed, members: members.all)
  }
}
