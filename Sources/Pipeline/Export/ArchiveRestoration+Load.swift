internal import Archive
internal import Postgres

/// The connections of a restoration.
extension ArchiveRestoration {
  /// Members that go in by one transaction, of one table each.
  private struct Job: Sendable {
    let table: Int
    let part: ArchivedPart
    let members: Range<Int>
  }

  /// Members of a job at most: few enough that the connections end at about the same time.
  private static let jobMembers = 16

  /// Loads table after table, in the archive's order, which has parents first; not those that are merged.
  ///
  /// New tables have no keys yet, so all their members may go in at once.
  ///
  /// - Returns: what each table is to have in it.
  func load(_ tables: [RestoredTable], _ target: ConnectionTarget) async throws -> [RowSum] {
    let sums = Guarded(tables.map { $0.rows.manifestSum ?? RowSum() })
    func jobs(_ index: Int) -> [Job] {
      let rows = tables[index].rows
      return rows.table.parts.filter(rows.mayHold).flatMap { part in
        // What is encrypted is only read from its beginning.
        let count = part.encrypted == nil ? Self.jobMembers : max(1, part.members.count)
        return stride(from: 0, to: part.members.count, by: count).map { first in
          let end = min(first + count, part.members.count)
          return Job(table: index, part: part, members: first..<end)
        }
      }
    }
    try await load(
      tables.indices.filter { tables[$0].isMade }.flatMap(jobs), tables, sums, target)
    for index in tables.indices {
      guard case .filled = tables[index].way else { continue }
      try await load(jobs(index), tables, sums, target)
    }
    return sums.current
  }

  private func load(
    _ jobs: [Job], _ tables: [RestoredTable], _ sums: Guarded<[RowSum]>, _ target: ConnectionTarget
  ) async throws {
    try await onConnections(jobs.count, target) { connection, number in
      let job = jobs[number]
      try connection.execute(RestoreScope.begin(serverVersion: connection.serverVersion))
      let table = tables[job.table]
      let sum = try await PartLoad(
        archive: archive, table: table, part: job.part, members: job.members, progress: progress,
        stop: stop
      ).run(connection, into: table.name.sql)
      try connection.execute("COMMIT")
      if !table.rows.isWhole { sums.update { $0[job.table] += sum } }
    }
  }

  /// Makes what the new tables need besides their rows, foreign keys last.
  ///
  /// - Returns: what the server would not make.
  func finish(
    _ tables: [RestoredTable], _ target: ConnectionTarget, _ control: borrowing PostgresConnection
  ) async throws -> [String] {
    let new = tables.filter(\.isMade)
    let unmade = Guarded<[String]>([])
    // Two statements on one table would wait for each other.
    try await onConnections(new.count, target) { connection, number in
      let table = new[number]
      for definition in table.definitions {
        if let problem = try make(definition, connection) { unmade.update { $0.append(problem) } }
      }
    }
    for table in new {
      for key in table.foreignKeys(among: tables) {
        if let problem = try make(key, control) { unmade.update { $0.append(problem) } }
      }
    }
    for table in tables where !table.isMade {
      for column in try table.sequenceColumns(control) {
        let advance = (
          title: "sequence of \(table.name.title).\(column)", sql: table.advancing(column)
        )
        if let problem = try make(advance, control) { unmade.update { $0.append(problem) } }
      }
    }
    return unmade.current.sorted()
  }

  private func make(
    _ definition: (title: String, sql: String), _ connection: borrowing PostgresConnection
  ) throws -> String? {
    try connection.execute(RestoreScope.begin(serverVersion: connection.serverVersion))
    do {
      try connection.execute(definition.sql)
    } catch {
      guard error.sqlState != nil, stop.received == nil else { throw error }
      try connection.execute("ROLLBACK")
      return "\(definition.title): \(error.summary)"
    }
    try connection.execute("COMMIT")
    return nil
  }

  /// Reads a table back and compares it with what is to be in it.
  func compare(
    _ table: RestoredTable, _ expected: RowSum, _ target: ConnectionTarget,
    _ control: borrowing PostgresConnection
  ) async throws -> Outcome {
    try control.execute(ExportSnapshot.begin(serverVersion: control.serverVersion))
    let reading = try table.reading(control)
    try control.execute("COMMIT")
    let format = try archive.format()
    let found = Guarded(RowSum())
    try await onConnections(reading.partCount, target) { connection, part in
      try connection.execute(ExportSnapshot.begin(serverVersion: connection.serverVersion))
      let sum = try await reading.sum(
        of: reading.copy(ofPart: part, format), format, connection, stop)
      try connection.execute("COMMIT")
      found.update { $0 += sum }
    }
    let members = table.rows.memberCounts
    return Outcome(
      table: table.name.title, rows: found.current.rows, isEqual: found.current == expected,
      membersRead: members.needed, members: members.all)
  }

  /// Does numbered jobs on several connections, each of which takes one after the other.
  private func onConnections(
    _ count: Int, _ target: ConnectionTarget,
    _ work: @escaping @Sendable (borrowing PostgresConnection, Int) async throws -> Void
  ) async throws {
    let queue = JobQueue(Array(0..<count))
    try await withThrowingTaskGroup { group in
      for number in 0..<min(options.connections, count) {
        group.addTask(executorPreference: WorkerThread(number: number)) {
          let connection = try PostgresConnection(
            target, applicationName: "convoy restore \(number)")
          stop.add(try connection.canceller())
          while let job = queue.next() {
            guard !Task.isCancelled else { return }
            try stop.check()
            try await work(connection, job)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

extension RestoredTable {
  /// The columns that take their values from a sequence of their own.
  func sequenceColumns(
    _ control: borrowing PostgresConnection
  ) throws(PostgresError) -> [String] {
    try control.query(
      """
      SELECT attname FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
        AND pg_catalog.pg_get_serial_sequence($1, attname) IS NOT NULL
      """, [name.sql]
    ).rows.map { $0.text(0) }.filter { name in archived.columns.contains { $0.name == name } }
  }

  /// The table as it is in the database, with the archive's columns in their order.
  func reading(_ control: borrowing PostgresConnection) throws -> ExportedTable {
    let found = try ExportCatalogue([name], control).tables[0]
    let columns = try archived.columns.map { column in
      guard let column = found.columns.first(where: { $0.name == column.name }) else {
        throw RunError(.failed, "\(name.title).\(column.name) has gone meanwhile")
      }
      return column
    }
    return found.reading(columns, partBytes: 32 << 20)
  }
}
