internal import Postgres

/// What tables are read for, which messages tell the user by the key that names them.
enum TableUse: String {
  /// To write them to an archive.
  case export
  /// To make records of their rows.
  case source

  /// The key that names the tables.
  var key: String { "\(rawValue).tables" }
}

/// One moment of a database, which every connection that reads its tables sees.
///
/// The transaction of the first connection holds it, with a lock on each table that lets everybody read and
/// write but keeps tables from being rewritten or dropped.
struct ExportSnapshot: ~Copyable {
  /// Name other transactions take the snapshot by.
  let name: String
  /// The server's time of it, RFC 3339.
  let time: String
  let connection: PostgresConnection

  /// Begins the transaction.
  ///
  /// - Parameters:
  ///   - target: where.
  ///   - tables: locked before the snapshot is taken, so that no rewriting of them can come between.
  ///   - use: what they are read for.
  ///   - stop: may end the waiting for a lock.
  /// - Throws: ``RunError`` for a table that is not there; `PostgresError`.
  init(
    _ target: ConnectionTarget, locking tables: [QualifiedName], for use: TableUse = .export,
    stop: StopSignal
  ) throws {
    let connection = try PostgresConnection(target, applicationName: "convoy \(use)")
    stop.add(try connection.canceller())
    try connection.execute(Self.begin(serverVersion: connection.serverVersion))
    for table in tables { try Self.lock(table, for: use, connection) }
    let answer = try connection.query(
      """
      SELECT pg_export_snapshot(),
        to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        current_setting('server_encoding')
      """)
    guard answer.first?.text(2) != "SQL_ASCII" else {
      throw RunError(
        .failed, "the database's encoding is SQL_ASCII: its text cannot be told to be UTF-8")
    }
    name = answer.first?.text(0) ?? ""
    time = answer.first?.text(1) ?? ""
    self.connection = connection
  }

  /// Locks a table, and with it its partitions.
  private static func lock(
    _ table: QualifiedName, for use: TableUse, _ connection: borrowing PostgresConnection
  ) throws {
    do {
      try connection.execute("LOCK TABLE \(table.sql) IN ACCESS SHARE MODE")
    } catch {
      switch error.sqlState {
      case .undefinedTable, .undefinedSchema:
        throw RunError(
          .failed, "there is no table \(table.title)",
          hint: "\(use.key) names the tables to read")
      case .wrongObjectType:
        try connection.execute("ROLLBACK")
        let kind = try connection.query(
          "SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)",
          [table.sql]
        ).first?.text(0)
        throw ExportCatalogue.notATable(table, kind: kind ?? "", for: use)
      default: throw error
      }
    }
  }

  /// Opens a further connection that sees the same moment.
  static func join(
    _ name: String, _ target: ConnectionTarget, for use: TableUse = .export, number: Int
  ) throws(PostgresError) -> PostgresConnection {
    let connection = try PostgresConnection(target, applicationName: "convoy \(use) \(number)")
    try connection.execute(begin(serverVersion: connection.serverVersion))
    try connection.execute("SET TRANSACTION SNAPSHOT \(quotedLiteral(name))")
    return connection
  }

  /// BEGIN with settings under which values are written the same everywhere; all of it is the transaction's
  /// own, so that poolers make no difference.
  static func begin(serverVersion: Int, access: String = "READ ONLY") -> String {
    """
    BEGIN ISOLATION LEVEL REPEATABLE READ, \(access);
    SET LOCAL row_security = off; SET LOCAL search_path = '';
    \(valueSettings)
    SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
    \(serverVersion >= 170_000 ? "SET LOCAL transaction_timeout = 0;" : "")
    """
  }

  /// How values are written and read.
  static let valueSettings = """
    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
    SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3;
    SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL xmloption = 'content';
    """
}
