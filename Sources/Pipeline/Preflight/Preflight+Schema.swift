internal import Postgres

extension Preflight {
  /// Tables and columns, by the rules a run itself goes by.
  static func tables(_ connection: borrowing PostgresConnection) throws -> Check {
    do {
      _ = try TargetLayouts(connection)
      return Check("tables", .ok, "exai_sessions and exai_messages have the columns needed")
    } catch let error as RunError {
      return Check("tables", .refused, error.message, advice: error.hint)
    }
  }

  /// How far the migrations are, and what `files` lets others do.
  static func migrations(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [Check] {
    let state: SchemaState
    do throws(PostgresError) {
      state = try SchemaState(connection)
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      return [
        Check(
          "migrations", .note, "the role may not read supabase_migrations",
          advice: "look as the role that applies them: convoy schema status")
      ]
    }
    let open = state.entries.filter { entry in
      if case .applied = entry.state { false } else { true }
    }
    let migrations =
      open.isEmpty
      ? Check(
        "migrations", .ok,
        state.entries.map(\.migration.name).joined(separator: ", ") + " applied")
      : Check(
        "migrations", open.allSatisfy { $0.state == .unrecorded } ? .note : .warning,
        open.map { "\($0.migration.name) \($0.state)" }.joined(separator: "; "),
        advice: state.clashes
          ? "convoy schema plan says what is in the way" : "convoy schema apply does the rest")
    guard !state.warnings.isEmpty else { return [migrations] }
    let parts = state.warnings.map { $0.split(separator: "; ", maxSplits: 1).map(String.init) }
    return [
      migrations,
      Check(
        "files", .warning, parts.map { $0[0] }.joined(separator: "; "),
        advice: parts.flatMap { $0.dropFirst() }.joined(separator: "; ")),
    ]
  }

  /// Whether runs are under way on the target, of any pipeline.
  static func runs(_ connection: borrowing PostgresConnection) throws(PostgresError) -> Check {
    let holders = try RunLock.holders(connection)
    guard !holders.isEmpty else { return Check("runs", .ok, "none under way") }
    return Check(
      "runs", .note, "under way: " + holders.joined(separator: "; "),
      advice: "another run of the same pipeline would end with status 75")
  }

  /// Whether indexes or foreign keys are off that a load has dropped and not made again.
  static func definitions(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> Check {
    let pending: [DefinitionLedger.Pending]
    do throws(PostgresError) {
      pending = try DefinitionLedger.pending(connection, holding: nil)
    } catch {
      // A role that may not read the ledger loads nothing either, which is told elsewhere.
      guard error.sqlState == .insufficientPrivilege else { throw error }
      return Check("definitions", .note, "the role may not read schema convoy")
    }
    guard !pending.isEmpty else { return Check("definitions", .ok, "none dropped by a load") }
    return Check(
      "definitions", .warning,
      "off since a load did not finish: "
        + pending.map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", "),
      advice: "convoy doctor --repair makes them again, and so does the next run of the pipeline")
  }
}

extension Preflight.Check {
  /// A trigger of the target's puts the present into sessions a run updates.
  static let timesLost = Preflight.Check(
    "updated-at", .warning,
    "a trigger of exai_sessions may put the present into updated_at of sessions that are updated",
    advice: "connect as the table's owner, who can keep the records' own times")
}
