internal import Postgres

/// What is learned of the target before the first row: layouts, defaults and the merge.
struct Preparation: Sendable {
  let assembly: AssemblySetup
  let merge: MergeStatements

  /// - Throws: ``RunError`` naming the table or column that is missing, `PostgresError` if the catalogue
  ///   cannot be read.
  init(_ plan: RunPlan, _ connection: borrowing PostgresConnection) throws {
    let sessions = try Self.layout(
      "exai_sessions", SessionField.known, SessionField.required, connection)
    let messages = try Self.layout(
      "exai_messages", MessageField.known, MessageField.required, lists: MessageField.lists,
      connection)
    let absentTime = messages.column(.createdAt)?.absent.flatMap(Timestamp.init(postgres:))
    assembly = AssemblySetup(
      format: plan.spec.source.format, inputs: plan.inputs, transform: plan.transform,
      sessionLayout: sessions, messageLayout: messages, absentTime: absentTime,
      batchRows: plan.spec.load.batchRows, sampleLimit: plan.spec.report.samples)
    let first = try connection.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
    merge = MergeStatements(
      sessions: sessions, messages: messages, firstTransaction: first.first?.text(0) ?? "")
  }

  private static func layout<Field>(
    _ name: String, _ known: [(field: Field, names: [String])], _ required: Set<Field>,
    lists: Set<Field> = [], _ connection: borrowing PostgresConnection
  ) throws -> RowLayout<Field> {
    let written = Set(known.flatMap(\.names))
    guard let table = try TargetTable.read(name, written: written, from: connection) else {
      throw RunError(
        .failed, "the target has no table public.\(name)",
        hint: "convoy never makes it by itself; on a database of your own, "
          + "convoy schema apply --baseline does")
    }
    return try RowLayout(table, known: known, required: required, lists: lists)
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
