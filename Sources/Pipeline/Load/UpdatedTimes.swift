internal import Postgres

/// How a session's own updated_at outlives a trigger that would put the present there.
///
/// The plan's `update_updated_at_column()` is a BEFORE UPDATE trigger: it leaves what is inserted alone and
/// overwrites what is updated. So behind each update of sessions the times are set once more, in a way that
/// fires no trigger; a column no key is made of is all that is written so.
enum UpdatedTimes: Sendable, Equatable {
  /// Nothing would change them.
  case untouched
  /// The role may switch its own triggers off for a statement.
  case replicationRole
  /// The role owns the table: these triggers are disabled for a statement, which keeps other writers out
  /// until the commit.
  case disabledTriggers([String])
  /// A trigger may change them, and the role can do nothing about it.
  case lost
  /// The table is a dry run's, whose triggers stand still while they are told to.
  case paused

  /// Finds out what the table has and the role may.
  ///
  /// - Throws: `PostgresError` when the server does not answer.
  init(_ table: String, _ connection: borrowing PostgresConnection) throws(PostgresError) {
    // Row triggers before an update, in use: bits of pg_trigger.tgtype (PostgreSQL, pg_trigger.h).
    let rows = try connection.query(
      """
      SELECT g.tgname, pg_has_role(c.relowner, 'USAGE')
      FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
      WHERE g.tgrelid = \(quotedLiteral(table))::regclass AND NOT g.tgisinternal
        AND g.tgenabled IN ('O', 'A') AND g.tgtype & 19 = 19
      """)
    guard let first = rows.first else {
      self = .untouched
      return
    }
    if try connection.maySetReplicationRole() {
      self = .replicationRole
    } else {
      self = first.isTrue(1) ? .disabledTriggers(rows.rows.map { $0.text(0) }) : .lost
    }
  }

  /// Keeps two workers from waiting for each other with the table half locked.
  func lock(_ table: String) -> String {
    guard case .disabledTriggers = self else { return "" }
    return "LOCK TABLE \(table) IN SHARE ROW EXCLUSIVE MODE;"
  }

  /// Runs `update` without the triggers.
  func applying(_ update: String, to table: String) -> String {
    switch self {
    case .untouched, .lost: return ""
    case .replicationRole:
      return """
        SET LOCAL session_replication_role = replica; \(update);
        SET LOCAL session_replication_role = origin
        """
    case .paused: return "\(JudgedTable.pausing) \(update); \(JudgedTable.resuming)"
    case .disabledTriggers(let names):
      func alter(_ action: String) -> String {
        let actions = names.map { "\(action) TRIGGER \(quotedIdentifier($0))" }
        return "ALTER TABLE \(table) \(actions.joined(separator: ", "))"
      }
      return "\(alter("DISABLE")); \(update); \(alter("ENABLE"))"
    }
  }
}

extension MergeStatements {
  /// Gives the sessions of the batch the update times they are to have, where a trigger gave others.
  var keepTimes: String {
    let time = keepsFormerTimes ? "c.before" : "greatest(c.before, c.incoming)"
    return updatedTimes.applying(
      """
      UPDATE \(sessionTable) t SET updated_at = \(time) FROM \(timesTable) c
      WHERE t.id = c.id AND t.updated_at IS DISTINCT FROM \(time)
      """, to: sessionTable)
  }
}
