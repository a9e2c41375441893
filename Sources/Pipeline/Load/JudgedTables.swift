internal import Postgres

/// The temporary tables that a dry run's rows go into, in place of the target's.
struct JudgedTables: Sendable {
  let sessions: JudgedTable
  let messages: JudgedTable

  /// Ids of messages that were judged and need no row any more: a message's content can be large.
  static let settledIds = "pg_temp.convoy_settled_ids"

  /// Keeps whatever a trigger's function does from the target until the savepoint before it is released:
  /// temporary tables are all that a read-only transaction may write.
  let keepingOut = "SET LOCAL transaction_read_only = on"

  /// Whether a row is judged by itself, its keys apart.
  var areSimple: Bool { sessions.isSimple && messages.isSimple }

  /// Reads what the target's tables have.
  ///
  /// - Throws: `PostgresError` when the catalogue cannot be read.
  init(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    let names = ["exai_sessions", "exai_messages"]
    sessions = try JudgedTable(names[0], among: names, connection)
    messages = try JudgedTable(names[1], among: names, connection)
  }

  /// Makes both tables without keys and triggers, and what remembers ids.
  func make(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    for statement in sessions.making + messages.making { try connection.execute(statement) }
  }
}
