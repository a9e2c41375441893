internal import Postgres

/// Keeps a second run of the same pipeline away from the same target for as long as it lives.
///
/// The lock is an advisory one of a transaction that stays open on a connection of its own: it needs no
/// table, goes with the connection however the process ends, and holds behind a transaction pooler too.
struct RunLock: ~Copyable {
  private let connection: PostgresConnection

  /// Takes the lock; waits some seconds for one that is held, because the server may not have noticed yet that a run
  /// was killed.
  ///
  /// - Throws: ``RunError`` of kind `locked` that says who holds it; `PostgresError`.
  init(_ target: ConnectionTarget, pipeline: String) throws {
    let connection = try PostgresConnection(target, applicationName: "convoy lock \(pipeline)")
    do throws(PostgresError) {
      try connection.execute(
        "\(TransactionScope.begin(serverVersion: connection.serverVersion)) SET LOCAL lock_timeout = '3s'"
      )
      let key = "hashtext('convoy.run'), hashtext(\(quotedLiteral(pipeline)))"
      _ = try connection.query("SELECT pg_advisory_xact_lock(\(key))")
      self.connection = connection
      return
    } catch {
      guard error.sqlState == .lockNotAvailable else { throw error }
    }
    try connection.execute("ROLLBACK")
    let holder = try connection.query(
      """
      SELECT l.pid, coalesce(a.client_addr::text, 'this machine'), a.xact_start::timestamptz(0)
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE \(Self.locks(quotedLiteral(pipeline)))
      """)
    let who = holder.first.map {
      "from \($0.text(1)) since \($0.text(2)), server process \($0.text(0))"
    }
    throw RunError(
      .locked, "another run of \(pipeline) holds this target: \(who ?? "it has just ended")",
      hint: "wait for it, or end it; then run the same command again")
  }

  /// The backend that holds it, as `pg_stat_activity` has it.
  var process: Int { connection.backendProcess }

  /// The condition under which a row `l` of `pg_locks` is the lock of a pipeline, an SQL expression.
  static func locks(_ pipeline: String) -> String {
    "\(anyLock) AND l.objid = hashtext(\(pipeline))::oid"
  }

  /// The same for the lock of any pipeline.
  private static let anyLock = """
    l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid = hashtext('convoy.run')::oid
    """

  /// Whether a run of a pipeline holds its lock on the target.
  static func isHeld(
    _ connection: borrowing PostgresConnection, pipeline: String
  ) throws(PostgresError) -> Bool {
    let answer = try connection.query(
      "SELECT EXISTS (SELECT FROM pg_locks l WHERE \(locks(quotedLiteral(pipeline))))")
    return answer.first?.isTrue(0) == true
  }

  /// Who holds the lock of any pipeline on the target, each in a few words; empty when nobody does.
  static func holders(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [String] {
    try connection.query(
      """
      SELECT coalesce(substring(a.application_name FROM '^convoy lock (.*)$'), 'a pipeline'),
        coalesce(a.client_addr::text, 'this machine'), a.xact_start::timestamptz(0), l.pid
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE \(anyLock)
      ORDER BY a.xact_start
      """
    ).rows.map {
      "\($0.text(0)) from \($0.text(1)) since \($0.text(2)), server process \($0.text(3))"
    }
  }

  /// Does some work under the lock; `work` gets the backend that holds it.
  ///
  /// - Throws: as ``init(_:pipeline:)`` does, and what the work throws.
  static func whileHeld<Success: Sendable>(
    _ target: ConnectionTarget, pipeline: String, _ work: (Int) async throws -> Success
  ) async throws -> Success {
    let lock = try RunLock(target, pipeline: pipeline)
    let success = try await work(lock.process)
    // A lock whose connection broke is gone already.
    try? lock.release()
    return success
  }

  /// Gives the lock back.
  consuming func release() throws(PostgresError) { try connection.execute("ROLLBACK") }
}
