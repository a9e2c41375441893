internal import Postgres

/// A worker's own tables made like the target's, in a transaction that is rolled back: by COPY into them the
/// server tells whether it takes a batch's rows, the same way as it would in the target.
///
/// Messages are not even stored, where that can be told without: COPY drops the rows that are good.
struct RowProbe: ~Copyable {
  private let connection: PostgresConnection
  private let begin: String
  private let merge: MergeStatements
  private let tables: JudgedTables
  /// Answers whether any row is in doubt.
  private let question: String
  /// The condition under which a message is dropped; nil if all are stored.
  private let demand: String?

  /// Makes the tables; nil where rows of such a target cannot be judged by themselves.
  ///
  /// - Throws: `PostgresError`.
  init?(
    _ connection: consuming PostgresConnection, _ merge: MergeStatements, in scope: TransactionScope
  ) throws(PostgresError) {
    guard let tables = merge.judged, tables.areSimple else { return nil }
    let (sessions, messages) = (tables.sessions, tables.messages)
    func isThere(_ column: String, _ table: JudgedTable, of rows: String) -> String {
      """
      EXISTS (SELECT FROM \(table.live) t
        WHERE t.\(column) = ANY (ARRAY(SELECT \(column) FROM \(rows))))
      """
    }
    demand = messages.doubts.isEmpty ? messages.demand : nil
    let doubts = [sessions, messages].flatMap { table in
      table.doubts.map { "EXISTS (SELECT FROM \(table.qualified) p WHERE \($0))" }
    }
    question =
      "SELECT "
      + ([
        isThere("id", sessions, of: sessions.qualified),
        isThere("continuation_id", sessions, of: sessions.qualified),
        isThere("id", messages, of: Self.ids),
        // Of a stored message that should have been dropped the server would not say why.
        demand == nil ? "false" : "EXISTS (SELECT FROM \(messages.qualified))",
      ] + doubts).joined(separator: " OR ")
    begin = scope.begin
    self.merge = merge
    self.tables = tables
    self.connection = connection
    try makeTables()
  }

  private static let ids = "pg_temp.convoy_probed_ids"

  private func makeTables() throws(PostgresError) {
    try connection.execute(begin)
    try tables.make(connection)
    try connection.execute(
      """
      CREATE TEMPORARY TABLE convoy_probed_ids ON COMMIT DROP AS
        SELECT id FROM \(tables.messages.qualified) WITH NO DATA
      """)
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
      try connection.execute(
        "TRUNCATE \(tables.sessions.qualified), \(tables.messages.qualified), \(Self.ids)")
      try connection.send(
        batch.sessions,
        by: "COPY \(tables.sessions.qualified) (\(merge.sessions.columnList)) "
          + "FROM STDIN (FORMAT binary)")
      let (bytes, trailer) = (batch.messages.bytes, BinaryCopy.trailer)
      try connection.copyIn(
        "COPY \(tables.messages.qualified) (\(merge.messages.columnList)) FROM STDIN (FORMAT binary)"
          + (demand.map { " WHERE NOT (\($0))" } ?? "")
      ) {
        try $0.write(bytes.span)
        try $0.write(trailer.span)
      }
      let ids = batch.messages.ids(as: merge.messages.column(.id)?.kind ?? .uuid)
      try connection.copyIn("COPY \(Self.ids) FROM STDIN (FORMAT binary)") {
        try $0.write(ids.span)
      }
      return try connection.query(question).first?.isTrue(0) == false
    } catch let error as PostgresError where error.isDataError {
      try connection.execute("ROLLBACK")
      try makeTables()
      return false
    }
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
