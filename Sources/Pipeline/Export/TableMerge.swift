internal import Archive
internal import Postgres

/// The statements that merge one table.
struct TableMerge {
  let table: RestoredTable
  /// The staging table, which is gone with the transaction.
  let stage: String
  private let key: [String]
  private let updatedTimes: UpdatedTimes

  /// - Returns: nil for a table that is not merged.
  /// - Throws: `PostgresError`; the connection must not be in a transaction.
  init?(
    _ table: RestoredTable, number: Int, _ connection: borrowing PostgresConnection
  ) throws(PostgresError) {
    guard case .merged(let key) = table.way else { return nil }
    updatedTimes = try UpdatedTimes(table.name.sql, connection)
    self.table = table
    self.key = key.map { quotedIdentifier($0) }
    stage = "pg_temp.convoy_merge_\(number)"
  }

  var target: String { table.name.sql }

  /// Generated columns generate themselves in it too, so that its rows can be read as the table's.
  var makingStage: String {
    """
    CREATE TEMPORARY TABLE \(stage.dropFirst("pg_temp.".count)) (LIKE \(target) INCLUDING GENERATED)
      ON COMMIT DROP;
    ALTER TABLE \(stage) ADD convoy_kept boolean NOT NULL DEFAULT false,
      ADD convoy_state "char" NOT NULL DEFAULT 'i'
    """
  }

  var keyingStage: String {
    "ALTER TABLE \(stage) ADD PRIMARY KEY (\(key.joined(separator: ", "))); ANALYZE \(stage)"
  }

  private func meets(_ left: String, _ right: String) -> String {
    key.map { "\(left).\($0) = \(right).\($0)" }.joined(separator: " AND ")
  }

  /// Whether two rows have the same values, byte for byte or in the words of their output functions; `=` is
  /// not there for every type, and says of `1.0` and `1.00` that they are the same.
  private var areSame: String {
    func row(_ name: String) -> String {
      "(SELECT r FROM (SELECT \(table.writtenColumns.map { "\(name).\($0)" }.joined(separator: ", "))) r)"
    }
    return "(\(row("t")) *= \(row("s")) OR \(row("t"))::text = \(row("s"))::text)"
  }

  /// Of the rows of the table, those the archive's have become.
  var isSettled: String {
    "EXISTS (SELECT FROM \(stage) s WHERE \(meets("s", "convoy_row")) AND NOT s.convoy_kept)"
  }

  /// Merges what is staged.
  ///
  /// - Throws: ``RunError`` where the policy is `fail` and a row is there already; `PostgresError`.
  func run(
    _ policy: ConflictPolicy, rows: Int, _ connection: borrowing PostgresConnection
  ) throws -> ArchiveRestoration.MergeCounts {
    var counts = ArchiveRestoration.MergeCounts()
    // u: there and the same; d: there and different.
    try connection.execute(
      """
      UPDATE \(stage) s SET convoy_state = CASE WHEN \(areSame) THEN 'u' ELSE 'd' END
      FROM \(target) t WHERE \(meets("t", "s"))
      """)
    let states = try connection.query(
      "SELECT convoy_state, count(*) FROM \(stage) GROUP BY 1"
    ).rows
    func count(_ state: String) -> Int {
      states.first { $0.text(0) == state }?.integer(1) ?? 0
    }
    counts.unchanged = count("u")
    let different = count("d")
    switch policy {
    case .fail: try refuse(counts.unchanged + different, connection)
    case .skip:
      counts.kept = try connection.execute(
        "UPDATE \(stage) SET convoy_kept = true WHERE convoy_state = 'd'")
    case .update:
      if different > 0 { try update(connection) }
      counts.updated = different
    }
    counts.inserted = try connection.execute(
      """
      INSERT INTO \(target) (\(table.writtenColumns.joined(separator: ", "))) OVERRIDING SYSTEM VALUE
      SELECT \(table.writtenColumns.joined(separator: ", ")) FROM \(stage) WHERE convoy_state = 'i'
      """)
    guard counts.inserted + counts.unchanged + counts.updated + counts.kept == rows else {
      throw RunError(
        .failed,
        "\(table.name.title) took \(counts.inserted) of \(count("i")) rows; nothing was changed",
        hint: "a trigger or rule on the table drops rows")
    }
    return counts
  }

  private func update(_ connection: borrowing PostgresConnection) throws {
    let columns = table.writtenColumns.filter { !key.contains($0) }
    let assignments = columns.map { "\($0) = s.\($0)" }.joined(separator: ", ")
    let update = """
      UPDATE \(target) t SET \(assignments) FROM \(stage) s
      WHERE \(meets("t", "s")) AND s.convoy_state = 'd' AND NOT \(areSame)
      """
    try connection.execute(update)
    // A trigger may have put the present into a column; keys have been looked at by now.
    let again = updatedTimes.applying(update, to: target)
    if !again.isEmpty { try connection.execute(again) }
  }

  private func refuse(
    _ count: Int, _ connection: borrowing PostgresConnection
  ) throws {
    guard count > 0 else { return }
    let first = try connection.query(
      """
      SELECT \(key.map { "\($0)::text" }.joined(separator: " || ', ' || ")) FROM \(stage)
      WHERE convoy_state <> 'i' ORDER BY \(key.joined(separator: ", ")) LIMIT 1
      """
    ).first?.text(0)
    throw RunError(
      .failed,
      "\(table.name.title) has \(count) of the rows already, such as \(first ?? ""); nothing was changed",
      hint: "--on-conflict skip leaves them as they are, update makes them as in the archive")
  }
}
