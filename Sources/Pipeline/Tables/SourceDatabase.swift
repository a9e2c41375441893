internal import Crypto
internal import Postgres
internal import Synchronization

/// The database a run reads its records from, at one moment of it.
///
/// Everything is read only, with row-level security off, so that a policy is an error and never a table that
/// is silently short. The lock guards the connection that holds the moment.
final class SourceDatabase: Sendable {
  let plan: SourcePlan
  let target: ConnectionTarget
  /// The tables in the order of the plan, cut into ranges.
  let tables: [ExportedTable]
  /// Rows of each.
  let rowCounts: [Int]
  private let fingerprints: [[UInt8]]
  private let snapshot: String
  private let held: Mutex<ExportSnapshot?>

  /// Bytes of a table, as the server stores it, that are read at a time over one connection.
  private static let rangeBytes = 16 << 20

  private init(
    _ plan: SourcePlan, _ target: ConnectionTarget, _ tables: [ExportedTable],
    _ states: [(rows: Int, fingerprint: [UInt8])], _ held: consuming sending ExportSnapshot
  ) {
    self.plan = plan
    self.target = target
    self.tables = tables
    rowCounts = states.map(\.rows)
    fingerprints = states.map(\.fingerprint)
    snapshot = held.name
    self.held = Mutex(held)
  }

  /// Connects, and looks at the tables: whether they are there, are tables and may be read whole.
  ///
  /// `look` may look at a connection before, and find that it will not do.
  /// - Throws: ``RunError`` that says what is in the way; what `look` throws.
  static func open(
    _ plan: SourcePlan, stop: StopSignal,
    look: (borrowing PostgresConnection, ConnectionTarget) throws -> Void = { _, _ in }
  ) async throws -> SourceDatabase {
    let target = try await plan.database.connectionTarget(startingLocal: true)
    do {
      let connection = try PostgresConnection(target, applicationName: "convoy source")
      try look(connection, target)
      let plan = try plan.withTablesThere(connection)
      let snapshot = try ExportSnapshot(target, locking: plan.tables, for: .source, stop: stop)
      let found = try ExportCatalogue(plan.tables, for: .source, snapshot.connection).tables
      let tables = plan.tables.compactMap { name in
        found.first { QualifiedName($0) == name }.map { table in
          var table = table
          table.cut(partBytes: rangeBytes, former: nil)
          return table
        }
      }
      var states: [(rows: Int, fingerprint: [UInt8])] = []
      for table in tables {
        try stop.check()
        states.append(try state(of: table, snapshot.connection))
      }
      return SourceDatabase(plan, target, tables, states, snapshot)
    } catch let error as PostgresError {
      throw RunError(reading: plan.database, error, stop)
    }
  }

  /// How many rows a table has, and what tells this state of it from any other.
  ///
  /// A table has no size, time and ends as a file has: it is the set of its row versions, each of which has a
  /// place and the transaction that wrote it. Their sum is the same as long as no row comes, goes or changes.
  /// A table that is rewritten has others for the same rows, and counts as changed.
  private static func state(
    of table: ExportedTable, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> (rows: Int, fingerprint: [UInt8]) {
    let answer = try connection.query(
      """
      SELECT count(*), coalesce(sum(hashtextextended(
        tableoid::text || ' ' || ctid::text || ' ' || xmin::text, 0)), 0)
      FROM \(QualifiedName(table).sql)
      """
    ).first
    let text = "\(table.title) \(answer?.text(0) ?? "") \(answer?.text(1) ?? "")"
    return (answer?.integer(0) ?? 0, Array(SHA256.hash(data: Array(text.utf8))))
  }

  /// The tables as inputs of the run, with what is known of them now.
  var inputs: [PlannedInput] {
    var inputs = plan.inputs
    for index in inputs.indices {
      inputs[index].size = tables[index].bytes
      inputs[index].fingerprint = fingerprints[index]
    }
    return inputs
  }

  /// Asks the database about the moment that is read, over a connection of its own.
  ///
  /// - Throws: ``RunError`` for what the database refuses; what `question` throws.
  func ask<Answer>(
    stop: StopSignal, _ question: (borrowing PostgresConnection) async throws -> Answer
  ) async throws -> Answer {
    do {
      let connection = try join(number: 0)
      stop.add(try connection.canceller())
      let answer = try await question(connection)
      try connection.execute("COMMIT")
      return answer
    } catch let error as PostgresError {
      throw RunError(reading: plan.database, error, stop)
    }
  }

  /// Opens a further connection that sees the same moment.
  func join(number: Int) throws(PostgresError) -> PostgresConnection {
    try ExportSnapshot.join(snapshot, target, for: .source, number: number)
  }

  /// Lets go of the moment, once all has been read: the server keeps no old row for it any longer.
  func end() { held.withLock { $0 = nil } }
}

extension RunError {
  /// A failure of the database that is read.
  init(reading database: TargetChoice, _ error: PostgresError, _ stop: StopSignal) {
    if let signal = stop.received, error.sqlState == .queryCanceled {
      self.init(
        .interrupted(signal), "interrupted; what is committed stays",
        hint: "the same command goes on where this one stopped")
      return
    }
    switch error.reason {
    case .connect, .connectionLost:
      self.init(.unreachable, "source \(database): \(error.description)")
    case .server, .client, .connectionString:
      self.init(.failed, "source \(database): \(error.description)")
    }
  }
}
