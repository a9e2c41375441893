internal import Archive
internal import Postgres

/// Writes rows of files whose objects are in the store, some hundreds in a transaction.
///
/// A row commits behind its object, so that whenever the process ends no row is without one.
actor FileRows {
  /// Rows of one transaction, and bytes of their objects, after which it is committed.
  private static let batchRows = 256
  private static let batchBytes = 64 << 20

  private let target: ConnectionTarget
  private let statements: FileStatements
  private let scope: TransactionScope
  private let bucket: String
  private let totals: RunTotals
  private let rejects: RejectFile
  private let batchRows: Int
  private let retry = RetryPolicy()
  private var connection: PostgresConnection?
  private var pending: [StoredFile] = []
  private var pendingBytes = 0
  /// Objects whose rows have others now.
  private var formerObjects: [String] = []

  init(
    _ target: ConnectionTarget, _ statements: FileStatements, _ scope: TransactionScope,
    bucket: String, batchRows: Int, totals: RunTotals, rejects: RejectFile
  ) {
    self.target = target
    self.statements = statements
    self.scope = scope
    self.bucket = bucket
    self.batchRows = min(batchRows, Self.batchRows)
    self.totals = totals
    self.rejects = rejects
  }

  /// Objects whose rows have others since this was asked before.
  func takeFormerObjects() -> [String] {
    defer { formerObjects = [] }
    return formerObjects
  }

  /// Takes a file whose object is there.
  ///
  /// - Returns: objects that no row will have, because the target refuses it.
  func add(_ file: StoredFile) throws -> [String] {
    pending.append(file)
    pendingBytes += file.group.size
    guard pending.count >= batchRows || pendingBytes >= Self.batchBytes else { return [] }
    return try commit()
  }

  /// Commits what is left.
  ///
  /// - Returns: as ``add(_:)`` does.
  func commit() throws -> [String] {
    guard !pending.isEmpty else { return [] }
    var attempt = 1
    while true {
      do {
        let outcome = try write()
        try conclude(outcome)
        formerObjects += outcome.linked.compactMap { pending[$0].unlinkedRow?.storagePath }
        defer { pending.removeAll(keepingCapacity: true) }
        pendingBytes = 0
        return outcome.refused.filter { pending[$0.row].isNewObject }
          .map { pending[$0.row].storagePath }
      } catch let error as PostgresError {
        guard RetryPolicy.isTransient(error), attempt < retry.attemptLimit else { throw error }
        connection = nil
        StopSignal().wait(seconds: retry.delay(after: attempt))
        attempt += 1
      }
    }
  }

  private struct Outcome {
    /// Rows that were there already, by a run beside this one.
    var known: Set<Int> = []
    /// Rows that had no session before.
    var linked: Set<Int> = []
    var refused: [(row: Int, error: PostgresError)] = []
  }

  /// Writes everything pending in one transaction.
  private func write() throws -> Outcome {
    let connection =
      try self.connection.take() ?? PostgresConnection(target, applicationName: "convoy files")
    var outcome = Outcome()
    try connection.execute("\(scope.begin) SAVEPOINT rows")
    do {
      outcome.linked = try write(pending.indices, connection)
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK TO rows")
      outcome = try writeEach(connection)
    }
    let refused = outcome.refused.map { reject(pending[$0.row], $0.error) }
    try RunError.onFiles { () throws(FileError) in try rejects.append(refused) }
    try connection.execute("COMMIT")
    self.connection = consume connection
    return outcome
  }

  /// Writes some of the rows pending.
  ///
  /// - Returns: those that were there without a session.
  private func write(
    _ range: Range<Int>, _ connection: borrowing PostgresConnection
  ) throws -> Set<Int> {
    let unlinked = range.filter { pending[$0].unlinkedRow != nil }
    let isLinked = try statements.link(unlinked.map { pending[$0] }, connection)
    let linked = Set(zip(unlinked, isLinked).filter(\.1).map(\.0))
    var rows = RowBuffer()
    for row in range where !linked.contains(row) {
      statements.append(pending[row], bucket: bucket, to: &rows)
    }
    try connection.send(rows, by: statements.copy)
    return linked
  }

  /// Writes each row by itself, to tell those the target refuses.
  private func writeEach(_ connection: borrowing PostgresConnection) throws -> Outcome {
    var outcome = Outcome()
    for row in pending.indices {
      do {
        try connection.execute("SAVEPOINT row")
        outcome.linked.formUnion(try write(row..<row + 1, connection))
      } catch let error as PostgresError where error.isDataError {
        try connection.execute("ROLLBACK TO row")
        let group = [(group: pending[row].group, facts: pending[row].facts)]
        let isThere =
          try error.sqlState == .uniqueViolation
          && statements.existing(group, connection)[0] != nil
        if isThere {
          try statements.update(group, connection)
          outcome.known.insert(row)
        } else {
          outcome.refused.append((row, error))
        }
      }
    }
    return outcome
  }

  private func reject(_ file: StoredFile, _ error: PostgresError) -> Reject {
    var reject = Reject(
      kind: .file, input: file.facts.paths.first ?? "", place: file.facts.place, stage: .load,
      rule: .rowRefused, message: error.summary, bytes: [])
    reject.sqlState = error.sqlState?.rawValue
    reject.constraint = error.constraint
    reject.column = error.column
    return reject
  }

  private func conclude(_ outcome: Outcome) throws {
    let refused = Dictionary(uniqueKeysWithValues: outcome.refused.map { ($0.row, $0.error) })
    totals.update { sums in
      sums.batches.total += 1
      sums.batches.committed += 1
      for (row, file) in pending.enumerated() {
        if let error = refused[row] {
          sums.count(file.inputs, as: \.rejected, others: \.rejected)
          sums.count(reject(file, error))
        } else if outcome.known.contains(row) {
          sums.count(file.inputs, as: \.unchanged)
        } else if outcome.linked.contains(row) {
          sums.count(file.inputs, as: \.updated)
          sums.fileRows += 1
        } else {
          sums.count(file.inputs, as: \.inserted)
          sums.fileRows += 1
        }
      }
    }
  }
}
