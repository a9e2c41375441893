internal import Postgres

/// What is learned of the target before the first row: layouts, defaults and the merge.
struct Preparation: Sendable {
  let assembly: AssemblySetup
  let merge: MergeStatements
  let scope: TransactionScope
  let keyCheck: SessionKeyCheck

  /// - Throws: ``RunError`` naming the table or column that is missing, `PostgresError` if the catalogue
  ///   cannot be read.
  ///
  /// `defaults` are values that stand for facts the source does not have, by table and column, in place of
  /// those the target would give now.
  init(
    _ plan: RunPlan, _ connection: borrowing PostgresConnection,
    defaults: [String: [String: String]] = [:]
  ) throws {
    let layouts = try TargetLayouts(connection, defaults: defaults)
    let (sessions, messages) = (layouts.sessions, layouts.messages)
    let absentTime = messages.column(.createdAt)?.absent.flatMap(Timestamp.init(postgres:))
    assembly = AssemblySetup(
      dialects: plan.dialects, inputs: plan.inputs, transform: plan.transform,
      rules: plan.rules,
      sessionLayout: sessions, messageLayout: messages, absentTime: absentTime,
      batchRows: plan.spec.load.batchRows, sampleLimit: plan.spec.report.samples,
      attached: plan.attach?.roots)
    scope = try TransactionScope(connection)
    keyCheck = try SessionKeyCheck(
      sessions: sessions.table, messages: messages.table, connection)
    let copies = try connection.query(
      """
      SELECT coalesce(has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), false)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'convoy' AND c.relname = 'copies'
      """)
    let first = try connection.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
    merge = MergeStatements(
      sessions: sessions, messages: messages, firstTransaction: first.first?.text(0) ?? "",
      conflict: plan.spec.load.conflict, updatedTimes: try UpdatedTimes(sessions.table, connection),
      hasCopies: copies.first?.isTrue(0) == true)
  }
}

extension Timestamp {
  /// Reads the binary form of timestamptz: microseconds since 2000.
  init?(postgres bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    let since2000 = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let (microseconds, overflow) = since2000.addingReportingOverflow(946_684_800_000_000)
    guard !overflow else { return nil }
    self.init(microseconds: microseconds)
  }
}
