internal import Postgres

/// What every transaction of convoy begins with: all of it transaction-local, so that direct
/// connections, session poolers and transaction poolers behave alike.
enum TransactionScope {
  /// The statements for a server of this `server_version_num`; `transaction_timeout` exists from 17 on.
  static func begin(serverVersion: Int) -> String {
    """
    BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10s';
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL row_security = off;
    SET CONSTRAINTS ALL IMMEDIATE;
    \(serverVersion >= 170_000 ? "SET LOCAL transaction_timeout = 0;" : "")
    """
  }
}
