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

  /// Does numbered jobs on several connections, each of which takes one after the other.
  func onConnections(
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
