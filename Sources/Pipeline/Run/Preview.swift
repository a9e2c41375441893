internal import Foundation
internal import Postgres

/// The first rows of a plan as the target would store them.
public struct Preview {
  private let plan: RunPlan
  private let limit: Int

  /// Prepares a preview of `limit` sessions and as many messages.
  public init(_ plan: RunPlan, limit: Int) {
    self.plan = plan
    self.limit = limit
  }

  /// Gives each row as one JSON object: `{"table": …, "row": {…}}`, sessions first.
  ///
  /// The rows are encoded as the load would and read back by the server from temporary tables, so what is
  /// shown is what would be stored; the transaction is rolled back.
  /// - Parameter body: is given each line without its end.
  /// - Throws: ``RunError`` or `PostgresError`.
  public func lines(_ body: (String) -> Void) async throws {
    guard let source = plan.source else { return try await lines(nil, body) }
    let database = try await SourceDatabase.open(source, stop: StopSignal())
    defer { database.end() }
    try await Preview(plan.reading(database), limit: limit).lines(database, body)
  }

  private func lines(_ database: SourceDatabase?, _ body: (String) -> Void) async throws {
    let target = try await plan.target.connectionTarget(startingLocal: true)
    let connection = try PostgresConnection(target, applicationName: "convoy preview")
    let setup = try Preparation(plan, connection)
    let source = BatchSource(
      inputs: plan.inputs, batchBytes: min(plan.spec.load.batchBytes, 1 << 20),
      spillingTo: SpillPlace(directory: NSTemporaryDirectory()) {},
      dumpZone: plan.transform.zones[.messagesDump])
    if let database { try await source.read(database, plan.spec, stop: StopSignal()) }
    var assembler = try BatchAssembler(setup.assembly)
    var own = BatchSource.Own()
    try connection.execute(
      """
      \(TransactionScope.begin(serverVersion: connection.serverVersion))
      \(setup.merge.makeStages)
      """)
    var staged = 0
    while staged < limit, let piece = try source.next(&own) {
      for segment in piece.segments {
        try assembler.add(segment) { staged += try stage($0, setup, connection) }
      }
      try assembler.flush { staged += try stage($0, setup, connection) }
    }
    for (stage, layout) in [
      (setup.merge.sessionStage, setup.assembly.sessionLayout.columnNames),
      (setup.merge.messageStage, setup.assembly.messageLayout.columnNames),
    ] {
      let table = stage == setup.merge.sessionStage ? "exai_sessions" : "exai_messages"
      let pairs = layout.map { "\(quotedLiteral($0)), \(quotedIdentifier($0))" }
      let rows = try connection.query(
        """
        SELECT json_build_object('table', \(quotedLiteral(table)),
                 'row', json_build_object(\(pairs.joined(separator: ", "))))::text
        FROM \(stage) ORDER BY convoy_order LIMIT \(limit)
        """)
      for row in rows.rows { body(row.text(0)) }
    }
    try connection.execute("ROLLBACK")
  }

  private func stage(
    _ batch: RowBatch, _ setup: Preparation, _ connection: borrowing PostgresConnection
  ) throws -> Int {
    try connection.send(batch.sessions, by: setup.merge.copySessions)
    try connection.send(batch.messages, by: setup.merge.copyMessages)
    return batch.sessions.rows.count
  }
}
