internal import Postgres

/// What every transaction of convoy begins with: all of it transaction-local, so that direct
/// connections, session poolers and transaction poolers behave alike.
struct TransactionScope: Sendable {
  /// BEGIN and the settings of a transaction that loads rows.
  let begin: String

  /// Asks the server what it can do.
  ///
  /// - Throws: `PostgresError` when it does not answer.
  init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    let answer = try connection.query(
      "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
    let common = Self.begin(serverVersion: connection.serverVersion)
    guard answer.first?.isTrue(0) == true else {
      begin = common
      return
    }
    // Long texts are compressed by the backend as they come in, by pglz unless told otherwise: slower by far
    // for about the same size (PostgreSQL documentation, default_toast_compression).
    begin = "\(common) SET LOCAL default_toast_compression = 'lz4';"
  }

  /// A merge has many short statements, whose costs the planner overrates: compiling them takes longer than
  /// running them.
  ///
  /// The statements are for a server of this `server_version_num`: `transaction_timeout` exists from 17 on.
  static func begin(serverVersion: Int) -> String {
    """
    BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10s';
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL row_security = off;
    SET LOCAL jit = off;
    SET CONSTRAINTS ALL IMMEDIATE;
    \(serverVersion >= 170_000 ? "SET LOCAL transaction_timeout = 0;" : "")
    """
  }
}
