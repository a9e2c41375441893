internal import Postgres

/// What stands between convoy and the server.
enum PoolerKind: Sendable, Hashable {
  /// Nothing, or something that passes everything on.
  case direct
  /// A pooler that keeps one server process for the life of a connection.
  case session
  /// A pooler that may give each transaction another server process.
  case transaction
  /// A pooler that takes no transaction of more than one statement.
  case statement
  /// A pooler; which kind could not be found out, because it gives no second connection.
  case unknown

  /// Finds out by what server processes answer; leaves nothing behind.
  ///
  /// A pooler tells its clients a process number of its own making. One that lends servers by the transaction
  /// shows itself when two connections that are both alive are answered by the same process, or one of them
  /// by two. The order of asking makes it so however the pooler picks among its idle servers: the last used
  /// first, or each in turn. Nothing is held meanwhile, so that a small pool is enough.
  ///
  /// - Parameters:
  ///   - connection: outside a transaction.
  ///   - target: for the second connection.
  /// - Throws: `PostgresError` when the server cannot be asked.
  init(
    _ connection: borrowing PostgresConnection, _ target: ConnectionTarget
  ) throws(PostgresError) {
    let answer = try connection.query("SELECT pg_backend_pid(), session_user")
    let isOwnProcess = answer.first?.integer(0) == connection.backendProcess
    // Supavisor is told `postgres.PROJECT` and logs in as `postgres`.
    let isOwnUser = answer.first?.text(1) == connection.peer.user
    guard !isOwnProcess || !isOwnUser else {
      self = .direct
      return
    }
    do throws(PostgresError) {
      let other = try PostgresConnection(target, applicationName: "convoy preflight")
      guard try Self.isShared(connection, other) else {
        self = .session
        return
      }
      self = Self.takesTransactions(other) ? .transaction : .statement
    } catch {
      // A pool that is used up; if it is the first connection that broke, the next question says so.
      self = .unknown
    }
  }

  private static func isShared(
    _ first: borrowing PostgresConnection, _ second: borrowing PostgresConnection
  ) throws(PostgresError) -> Bool {
    var ofFirst: Set<Int> = []
    var ofSecond: Set<Int> = []
    for _ in 0..<2 {
      ofFirst.insert(try process(first))
      ofSecond.insert(try process(second))
      ofSecond.insert(try process(second))
      ofFirst.insert(try process(first))
    }
    return ofFirst.count > 1 || ofSecond.count > 1 || !ofFirst.isDisjoint(with: ofSecond)
  }

  private static func process(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Int {
    try connection.query("SELECT pg_backend_pid()").first?.integer(0) ?? 0
  }

  private static func takesTransactions(_ connection: borrowing PostgresConnection) -> Bool {
    do throws(PostgresError) {
      try connection.execute("BEGIN")
      try connection.execute("COMMIT")
      return true
    } catch {
      // By whatever code it is refused, without transactions there is no load.
      return false
    }
  }
}
