public import Postgres

/// What `schema apply` would run: transactions in order, each with its statements.
public struct SchemaPlan: Sendable {
  /// One transaction.
  public struct Step: Sendable {
    /// What it does, for a person.
    public let title: String
    /// What it runs between BEGIN and COMMIT.
    public let statements: [String]
  }

  /// The transactions; none when there is nothing to apply.
  public let steps: [Step]

  /// Decides what has to be done.
  ///
  /// - Parameters:
  ///   - state: what was found.
  ///   - includingBaseline: whether missing tables of the baseline are to be made as well.
  /// - Throws: ``RunError`` when something is there that a migration would clash with, or the tables
  ///   it builds on are not there.
  public init(_ state: SchemaState, includingBaseline: Bool) throws(RunError) {
    var steps: [Step] = []
    if includingBaseline, !state.missingTables.isEmpty {
      steps.append(
        Step(
          title: "make " + state.missingTables.joined(separator: ", "),
          statements: BaselineSchema.statements(making: state.missingTables)))
    }
    for entry in state.entries {
      let migration = entry.migration
      switch entry.state {
      case .applied: continue
      case .missing:
        if state.missingTables.contains("exai_sessions"), !includingBaseline {
          throw RunError(
            .failed, "\(migration.name): table exai_sessions is not there",
            hint: "check the target; to make the tables of the product: schema apply --baseline")
        }
        steps.append(
          Step(
            title: "apply \(migration.name)",
            statements: migration.statements + MigrationHistory.recording(migration)))
      case .unrecorded:
        steps.append(
          Step(
            title: "record \(migration.name), which is there already",
            statements: MigrationHistory.recording(migration)))
      case .differs, .lost, .versionTaken:
        throw RunError(
          .failed, "\(migration.name): \(entry.state)",
          hint: "nothing was changed; compare with: convoy schema export DIR")
      }
    }
    self.steps = steps
  }

  /// The plan as a script that does the same.
  public var script: String {
    steps.map { step in
      let body = step.statements.map { "\($0);\n" }.joined(separator: "\n")
      return "-- \(step.title)\nBEGIN;\n\(Self.preamble.joined(separator: ";\n"));\n\n"
        + "\(body)\nCOMMIT;\n"
    }.joined(separator: "\n")
  }

  // The lock_timeout is the Supabase CLI's. The advisory lock keeps two convoys from making the
  // same object at once, which IF NOT EXISTS does not.
  private static let preamble = [
    "SET LOCAL lock_timeout = '4s'",
    "SELECT pg_advisory_xact_lock(hashtext('convoy schema'))",
  ]

  func run(on connection: borrowing PostgresConnection) throws(PostgresError) {
    for step in steps {
      try connection.execute("BEGIN")
      do throws(PostgresError) {
        for statement in Self.preamble + step.statements { try connection.execute(statement) }
        try connection.execute("COMMIT")
      } catch {
        // The first error tells; a lost connection has no transaction to end.
        _ = try? connection.execute("ROLLBACK")
        throw error
      }
    }
  }
}

extension SchemaState {
  /// Does what is missing, one transaction a step.
  ///
  /// - Parameters:
  ///   - connection: the connection the state was read from, outside a transaction.
  ///   - includingBaseline: whether missing tables of the baseline are to be made as well.
  /// - Returns: the titles of what was done; empty when there was nothing to do, in which case
  ///   nothing was written.
  /// - Throws: ``RunError`` when the schema clashes, `PostgresError` when a statement fails.
  @discardableResult
  public func apply(
    to connection: borrowing PostgresConnection, includingBaseline: Bool
  ) throws -> [String] {
    let plan = try SchemaPlan(self, includingBaseline: includingBaseline)
    try plan.run(on: connection)
    return plan.steps.map(\.title)
  }
}
