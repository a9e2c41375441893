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

  static func migrations(
    _ connection: borrowing PostgresConnection
  ) throws(PostgresError) -> [Check] {
    let state = try SchemaState(connection)
    let checks = state.entries.map { entry in
      let found = "\(entry.migration.name) \(entry.state)"
      return switch entry.state {
      case .applied: Check("migrations", .ok, found)
      case .unrecorded:
        Check("migrations", .note, found, advice: "convoy schema apply records it")
      case .missing:
        Check("migrations", .warning, found, advice: "convoy schema apply makes it")
      case .differs, .lost, .versionTaken:
        Check("migrations", .warning, found, advice: "convoy schema apply leaves it to you")
      }
    }
    return checks
      + state.warnings.map { warning in
        let parts = warning.split(separator: "; ", maxSplits: 1)
        return Check(
          "schema", .warning, String(parts[0]), advice: parts.count > 1 ? String(parts[1]) : nil)
      }
  }

  /// Whether runs are under way on the target, of any pipeline.
  static func runs(_ connection: borrowing PostgresConnection) throws(PostgresError) -> Check {
    let holders = try RunLock.holders(connection)
    guard !holders.isEmpty else { return Check("runs", .ok, "none under way") }
    return Check(
      "runs", .note, "under way: " + holders.joined(separator: "; "),
      advice: "another run of the same pipeline would end with status 75")
  }
}
