internal import Postgres

/// Where the fields of sessions and messages go in the live target.
struct TargetLayouts: Sendable {
  let sessions: RowLayout<SessionField>
  let messages: RowLayout<MessageField>

  /// Reads both tables; `defaults` stand in place of what the target would give now, by table and column.
  ///
  /// - Throws: ``RunError`` naming the table or column that is missing, `PostgresError` if the catalogue
  ///   cannot be read, as of a table somebody else keeps locked for ten seconds.
  init(
    _ connection: borrowing PostgresConnection, defaults: [String: [String: String]] = [:]
  ) throws {
    // Reading a default locks its table, for a moment; on its own it would wait for ever.
    try connection.execute("BEGIN; SET LOCAL lock_timeout = '10s'")
    do {
      sessions = try Self.layout(
        "exai_sessions", SessionField.known, SessionField.required,
        defaults: defaults["exai_sessions"] ?? [:], connection)
      messages = try Self.layout(
        "exai_messages", MessageField.known, MessageField.required, lists: MessageField.lists,
        defaults: defaults["exai_messages"] ?? [:], connection)
      try connection.execute("COMMIT")
    } catch {
      // The first error tells; a lost connection has no transaction to end.
      _ = try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private static func layout<Field>(
    _ name: String, _ known: [(field: Field, names: [String])], _ required: Set<Field>,
    lists: Set<Field> = [], defaults: [String: String], _ connection: borrowing PostgresConnection
  ) throws -> RowLayout<Field> {
    let written = Set(known.flatMap(\.names))
    guard
      let table = try TargetTable.read(
        name, written: written, defaults: defaults, from: connection)
    else {
      throw RunError(
        .failed, "the target has no table public.\(name)",
        hint: "convoy never makes it by itself; on a database of your own, "
          + "convoy schema apply --baseline does")
    }
    return try RowLayout(table, known: known, required: required, lists: lists)
  }
}
