internal import Postgres

/// A trigger of the target's own, as it is made on a temporary table.
struct JudgedTrigger: Sendable {
  /// For SQL.
  let name: String
  /// Makes it; it fires under ``JudgedTable/condition``.
  let making: String
  let firesOnInsert: Bool
  /// Whether it may mend a row before its constraints are looked at.
  let comesBeforeInsert: Bool
  /// Whether its function names one of the tables with its schema, or has a search path of its own: it then
  /// sees the target's rows, not those a load would have added by then.
  let looksElsewhere: Bool

  /// Takes a row of ``JudgedCatalogue/triggers``.
  init(_ row: PostgresRow) {
    name = row.text(0)
    making = Self.conditional(row.text(1))
    firesOnInsert = row.isTrue(2)
    comesBeforeInsert = row.isTrue(3)
    looksElsewhere = row.isTrue(4)
  }

  /// The definition with a condition more.
  private static func conditional(_ definition: String) -> String {
    for each in [" FOR EACH ROW ", " FOR EACH STATEMENT "] {
      guard let found = definition.firstRange(of: each) else { continue }
      let head = String(definition[..<found.upperBound]) + "WHEN (" + JudgedTable.condition
      let rest = String(definition[found.upperBound...])
      guard rest.hasPrefix("WHEN (") else { return "\(head)) \(rest)" }
      return "\(head) AND \(rest.dropFirst("WHEN (".count))"
    }
    return definition
  }
}
