internal import Postgres

/// A worker's own tables made like the target's, in a transaction that is rolled back: by COPY into them the
/// server tells whether it takes a batch's rows, the same way as it would in the target.
struct RowProbe: ~Copyable {
  private let connection: PostgresConnection
  private let begin: String
  private let merge: MergeStatements
  private let tables: JudgedTables
  /// Answers whether any row is in doubt.
  private let question: String

  /// Makes the tables; nil where rows of such a target cannot be judged by themselves.
  ///
  /// - Throws: `PostgresError`.
  init?(
    _ connection: consuming PostgresConnection, _ merge: MergeStatements, in scope: TransactionScope
  ) throws(PostgresError) {
    guard let tables = merge.judged, tables.areSimple else { return nil }
    let (sessions, messages) = (tables.sessions, tables.messages)
    func isThere(_ column: String, _ table: JudgedTable) -> String {
      """
      EXISTS (SELECT FROM \(table.live) t
        WHERE t.\(column) = ANY (ARRAY(SELECT \(column) FROM \(table.qualified))))
      """
    }
    let doubts = [sessions, messages].flatMap { table in
      table.doubts.map { "EXISTS (SELECT FROM \(table.qualified) p WHERE \($0))" }
    }
    question =
      "SELECT "
      + ([
        isThere("id", sessions), isThere("continuation_id", sessions), isThere("id", messages),
      ] + doubts).joined(separator: " OR ")
    begin = scope.begin
    self.merge = merge
    self.tables = tables
    self.connection = connection
    try self.connection.execute(begin)
    try tables.make(self.connection)
  }

  /// Whether the target takes every row of a batch, has none of them, and each is there once.
  ///
  /// False leaves the batch to be judged in another way.
  /// - Throws: `PostgresError` of another kind than about the rows.
  func finds(newAndGood batch: RowBatch) throws -> Bool {
    guard !batch.continuesSession, batch.holdsParents(batch.whole), batch.isFreeOfRepetition
    else { return false }
    do {
      // Made in this transaction, they are cut off without new files.
      try connection.execute("TRUNCATE \(tables.sessions.qualified), \(tables.messages.qualified)")
      try send(batch.sessions, to: tables.sessions, merge.sessions.columnList)
      try send(batch.messages, to: tables.messages, merge.messages.columnList)
      return try connection.query(question).first?.isTrue(0) == false
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK")
      try connection.execute(begin)
      try tables.make(connection)
      return false
    }
  }

  private func send(_ rows: RowBuffer, to table: JudgedTable, _ columns: String) throws {
    try connection.send(
      rows, by: "COPY \(table.qualified) (\(columns)) FROM STDIN (FORMAT binary)")
  }
}

extension RowBatch {
  /// Whether no two messages have one id; of sessions their table's keys tell.
  fileprivate var isFreeOfRepetition: Bool {
    var seen: Set<RowId> = []
    seen.reserveCapacity(messages.rows.count)
    for row in messages.rows where !seen.insert(row.id).inserted { return false }
    return true
  }
}
