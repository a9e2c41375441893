internal import Archive
internal import Postgres

/// The connections of a restoration.
extension ArchiveRestoration {
  /// Loads table after table, in the archive's order, which has parents first.
  ///
  /// New tables have no keys yet, so their parts may go in all at once.
  func load(_ tables: [RestoredTable], _ target: ConnectionTarget) async throws {
    let new = tables.filter(\.isNew)
    try await load(new.flatMap { table in table.archived.parts.map { (table, $0) } }, target)
    for table in tables where !table.isNew {
      try await load(table.archived.parts.map { (table, $0) }, target)
    }
  }

  private func load(
    _ parts: [(RestoredTable, ArchivedPart)], _ target: ConnectionTarget
  ) async throws {
    try await onConnections(parts, target) { connection, job in
      let (table, part) = job
      try connection.execute(RestoreScope.begin(serverVersion: connection.serverVersion))
      let converter = LineConverter(table.archived.columns)
      var rows: [UInt8] = []
      let accepted = try await connection.copyInAwaiting(table.copy) { writer in
        try await ArchiveRows(archive).forEachMember(of: part) { member, lines in
          rows.removeAll(keepingCapacity: true)
          try converter.append(lines.span, to: &rows)
          try writer.write(rows.span)
          progress.add(bytes: member.packedBytes, rows: member.rows, rejects: 0)
          try stop.check()
        }
      }
      guard accepted == part.rows else {
        throw RunError(
          .failed, "\(table.name.title) took \(accepted) of \(part.rows) rows of \(part.file)",
          hint: "a trigger or rule on the table drops rows")
      }
      try connection.execute("COMMIT")
    }
  }

  /// Makes what the new tables need besides their rows, foreign keys last.
  ///
  /// - Returns: what the server would not make.
  func finish(
    _ tables: [RestoredTable], _ target: ConnectionTarget, _ control: borrowing PostgresConnection
  ) async throws -> [String] {
    let new = tables.filter(\.isNew)
    let unmade = Guarded<[String]>([])
    // Two statements on one table would wait for each other.
    try await onConnections(new.map { ($0, $0.definitions) }, target) { connection, job in
      for definition in job.1 {
        if let problem = try make(definition, connection) { unmade.update { $0.append(problem) } }
      }
      try make(("statistics", "ANALYZE \(job.0.name.sql)"), connection)
    }
    for table in new {
      for key in table.foreignKeys(among: tables) {
        if let problem = try make(key, control) { unmade.update { $0.append(problem) } }
      }
    }
    return unmade.current.sorted()
  }

  @discardableResult
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

  /// Reads a table back and compares it with the manifest.
  func compare(
    _ table: RestoredTable, _ target: ConnectionTarget, _ control: borrowing PostgresConnection
  ) async throws -> Outcome {
    try control.execute(ExportSnapshot.begin(serverVersion: control.serverVersion))
    let found = try ExportCatalogue([table.name], control).tables[0]
    try control.execute("COMMIT")
    let columns = try table.archived.columns.map { column in
      guard let column = found.columns.first(where: { $0.name == column.name }) else {
        throw RunError(.failed, "\(table.name.title).\(column.name) has gone meanwhile")
      }
      return column
    }
    let reading = found.reading(columns, partBytes: 32 << 20)
    let sums = Guarded((rows: 0, checksum: UInt128(0)))
    try await onConnections(Array(0..<reading.partCount), target) { connection, part in
      try connection.execute(ExportSnapshot.begin(serverVersion: connection.serverVersion))
      let (rows, checksum) = try await reading.checksum(ofPart: part, connection, stop)
      try connection.execute("COMMIT")
      sums.update { $0 = ($0.rows + rows, $0.checksum &+ checksum) }
    }
    let (rows, checksum) = sums.current
    return Outcome(
      table: table.name.title, rows: rows,
      isEqual: rows == table.archived.rows && checksum.hex == table.archived.checksum,
      isNew: table.isNew)
  }

  /// Does jobs on several connections, each of which takes one after the other.
  private func onConnections<Job: Sendable>(
    _ jobs: [Job], _ target: ConnectionTarget,
    _ work: @escaping @Sendable (borrowing PostgresConnection, Job) async throws -> Void
  ) async throws {
    let queue = JobQueue(jobs)
    try await withThrowingTaskGroup { group in
      for number in 0..<min(options.connections, jobs.count) {
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

extension ExportedTable {
  /// Reads a part's rows and sums their checksums.
  fileprivate func checksum(
    ofPart index: Int, _ connection: borrowing PostgresConnection, _ stop: StopSignal
  ) async throws -> (rows: Int, checksum: UInt128) {
    try await connection.copyOut(copy(ofPart: index)) { reader in
      var renderer = RowRenderer(columns)
      var checksum = UInt128(0)
      var lines: [UInt8] = []
      var rows = 0
      while try reader.nextBinaryRow({ row in try renderer.append(row, to: &lines) }) {
        rows += 1
        guard lines.count >= 256 << 10 else { continue }
        checksum &+= LineChecksum.sum(ofLines: lines.span)
        lines.removeAll(keepingCapacity: true)
        try stop.check()
      }
      return (rows, checksum &+ LineChecksum.sum(ofLines: lines.span))
    }
  }
}
