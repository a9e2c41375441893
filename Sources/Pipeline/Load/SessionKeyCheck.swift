internal import Postgres

/// Who sees to it that each message's session is there, where rows go straight into the tables.
///
/// The server looks every message's session up and locks it, which takes a fifth of its time. A batch that
/// brings its own sessions proves the same by itself: they are inserted in the same transaction, before any
/// message, and nobody else can see or delete them until it commits.
enum SessionKeyCheck: Sendable, Equatable {
  /// The foreign key's trigger.
  case server
  /// The batch, for the length of one COPY; the trigger stays and minds everybody else.
  case batch

  /// The batch, where that key's trigger is the only thing an insert of messages sets off, nothing of the
  /// target's own can change or drop a session on its way in, and the role may do it.
  ///
  /// - Throws: `PostgresError` when the server does not answer.
  init(
    sessions: String, messages: String, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    let (parent, child) = (
      "\(quotedLiteral(sessions))::regclass", "\(quotedLiteral(messages))::regclass"
    )
    let answer = try connection.query(
      """
      WITH own AS (
        SELECT c.oid FROM pg_constraint c
        WHERE c.contype = 'f' AND c.conrelid = \(child) AND c.confrelid = \(parent)
          AND c.conkey = ARRAY(SELECT attnum FROM pg_attribute
            WHERE attrelid = c.conrelid AND attname = 'session_id')
          AND c.confkey = ARRAY(SELECT attnum FROM pg_attribute
            WHERE attrelid = c.confrelid AND attname = 'id'))
      SELECT EXISTS (SELECT FROM own)
        AND NOT EXISTS (SELECT FROM pg_class WHERE oid IN (\(parent), \(child)) AND relkind <> 'r')
        AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = \(parent) AND NOT tgisinternal)
        AND NOT EXISTS (
          SELECT FROM pg_trigger g LEFT JOIN pg_constraint c ON c.oid = g.tgconstraint
          WHERE g.tgrelid = \(child) AND g.tgconstraint NOT IN (SELECT oid FROM own)
            AND NOT coalesce(c.contype = 'f' AND c.confrelid = \(child) AND c.conrelid <> \(child), false))
      """)
    guard answer.first?.isTrue(0) == true, try connection.maySetReplicationRole() else {
      self = .server
      return
    }
    self = .batch
  }
}

extension RowBatch {
  /// Whether each message of a slice has its session among those of the slice.
  func holdsParents(_ slice: BatchSlice) -> Bool {
    let parents = Set(sessions.rows[slice.sessions].map(\.id))
    var last: RowId?
    for row in messages.rows[slice.messages] where row.session != last {
      guard parents.contains(row.session) else { return false }
      last = row.session
    }
    return true
  }
}

extension PostgresConnection {
  /// Whether the role may keep triggers from firing for itself; hosted servers let roles that the
  /// catalogue says may not, so it is tried.
  func maySetReplicationRole() throws(PostgresError) -> Bool {
    do throws(PostgresError) {
      try execute("BEGIN; SET LOCAL session_replication_role = replica; ROLLBACK")
      return true
    } catch {
      try execute("ROLLBACK")
      guard error.sqlState == .insufficientPrivilege else { throw error }
      return false
    }
  }
}
