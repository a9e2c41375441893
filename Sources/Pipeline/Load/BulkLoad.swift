internal import Postgres

/// How a load treats the tables' indexes and the foreign key between them.
enum BulkLoad: String, Sendable, Equatable {
  /// They stay, and every row pays for them.
  case online
  /// They are taken off before the first row and made again behind the last.
  case rebuild

  /// Below this much input nothing is taken off by itself: making it again would not be won back.
  static let automaticBytes = 16 << 20

  /// Settles what a run does, and takes definitions off where that is part of it.
  ///
  /// The run holds the lock of `pipeline`; `processes` are the backends it has so far. A foreign key that the
  /// batches look after themselves costs nothing where it is, and would have to be checked for every row again.
  /// What an earlier run left off, because it was killed, stays off for this run and comes back at its end,
  /// but for the index of messages' ids, which this run meets the other's rows by; with `online` all of it
  /// comes back now.
  ///
  /// - Throws: ``RunError`` when `rebuild` was asked for and the role may not, `PostgresError`.
  static func begin(
    _ strategy: LoadStrategy, run: String, pipeline: String, inputBytes: Int?, sessions: String,
    messages: String, keyCheck: SessionKeyCheck, own processes: [Int],
    on connection: borrowing PostgresConnection
  ) throws -> BulkLoad {
    let left = try DefinitionLedger.pending(connection, holding: pipeline)
    switch strategy {
    case .online:
      for definition in left { try DefinitionLedger.restore(definition, connection) }
      return .online
    case .auto where left.isEmpty:
      guard inputBytes.map({ $0 >= automaticBytes }) ?? false else { return .online }
    case .rebuild, .auto: break
    }
    for index in left where index.kind == .keyIndex {
      try DefinitionLedger.restore(index, connection)
    }
    guard left.isEmpty else { return .rebuild }
    return try drop(
      strategy, run: run, sessions: sessions, messages: messages, keyCheck: keyCheck,
      own: processes, connection)
  }

  private static func drop(
    _ strategy: LoadStrategy, run: String, sessions: String, messages: String,
    keyCheck: SessionKeyCheck, own processes: [Int], _ connection: borrowing PostgresConnection
  ) throws -> BulkLoad {
    let tables = "\(sessions), \(messages)"
    let owned = try connection.query(
      """
      SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class
      WHERE oid IN (\(quotedLiteral(sessions))::regclass, \(quotedLiteral(messages))::regclass)
      """)
    guard owned.first?.isTrue(0) == true else {
      guard strategy == .rebuild else { return .online }
      throw RunError(
        .failed, "load.strategy rebuild: this role does not own \(tables)",
        hint: "run as their owner, or with load.strategy: online")
    }
    let isInUse = try isInUse(tables, processes, connection)
    // A lock that is not to be had is no reason to fail: the load works without.
    if strategy == .auto, isInUse { return .online }
    try connection.execute(TransactionScope.begin(serverVersion: connection.serverVersion))
    do throws(PostgresError) {
      try connection.execute("LOCK TABLE \(tables) IN ACCESS EXCLUSIVE MODE")
      let areEmpty = try areEmpty(sessions, messages, connection)
      if strategy == .auto, !areEmpty {
        try connection.execute("ROLLBACK")
        return .online
      }
      var definitions = try DroppedDefinition.read(
        connection, sessions: sessions, messages: messages)
      if keyCheck == .batch { definitions.removeAll { $0.kind == .foreignKey } }
      if areEmpty, !isInUse {
        definitions += try DroppedDefinition.messageKey(
          connection, sessions: sessions, messages: messages)
      }
      try DefinitionLedger.record(definitions, run: run, connection)
      for definition in definitions {
        if let dropping = definition.dropping { try connection.execute(dropping) }
      }
      try connection.execute("COMMIT")
      return .rebuild
    } catch {
      if connection.isInTransaction { try connection.execute("ROLLBACK") }
      guard strategy == .auto, error.sqlState == .lockNotAvailable else { throw error }
      return .online
    }
  }

  /// Whether somebody else is connected to the database.
  private static func isInUse(
    _ tables: String, _ processes: [Int], _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Bool {
    let own = processes.map(String.init).joined(separator: ", ")
    let others = try connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND pid NOT IN (pg_backend_pid(), \(own)))
      """)
    return others.first?.isTrue(0) != false
  }

  private static func areEmpty(
    _ sessions: String, _ messages: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Bool {
    let found = try connection.query(
      "SELECT EXISTS (SELECT FROM \(sessions)) OR EXISTS (SELECT FROM \(messages))")
    return found.first?.isTrue(0) == false
  }
}
