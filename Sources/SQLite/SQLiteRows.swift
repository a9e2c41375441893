internal import CSQLite

/// A value of a row, as SQLite stores it.
public enum SQLiteValue: Sendable, Hashable {
  /// None.
  case null
  /// A whole number.
  case integer(Int64)
  /// A number.
  case real(Double)
  /// Text in UTF-8, as far as its writer kept to it.
  case text([UInt8])
  /// Bytes.
  case blob([UInt8])
}

/// Rows of a database, one at a time; they keep it open.
@safe
public struct SQLiteRows: ~Copyable {
  /// Names of the columns.
  public let columns: [String]
  private let path: String
  private let statement: OpaquePointer

  init(_ handle: OpaquePointer, _ sql: String, path: String) throws(SQLiteError) {
    var raw: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &raw, nil)
    guard code == SQLITE_OK, let statement = unsafe raw else {
      throw unsafe SQLiteError(
        code: code, path: path, detail: String(cString: sqlite3_errmsg(handle)))
    }
    columns = unsafe (0..<sqlite3_column_count(statement)).map { column in
      unsafe sqlite3_column_name(statement, column).map { unsafe String(cString: $0) } ?? ""
    }
    self.path = path
    unsafe self.statement = unsafe statement
  }

  deinit { _ = unsafe sqlite3_finalize(statement) }

  /// The next row, a value a column; nil behind the last.
  ///
  /// - Throws: ``SQLiteError``, as where the database turns out to be damaged there.
  public mutating func next() throws(SQLiteError) -> [SQLiteValue]? {
    switch unsafe sqlite3_step(statement) {
    case SQLITE_DONE: return nil
    case SQLITE_ROW: return (0..<Int32(columns.count)).map { value($0) }
    case let code:
      let detail = unsafe String(cString: sqlite3_errmsg(sqlite3_db_handle(statement)))
      throw SQLiteError(code: code, path: path, detail: detail)
    }
  }

  private func value(_ column: Int32) -> SQLiteValue {
    switch unsafe sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return unsafe .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return unsafe .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT:
      // In this order: asking for the text may change its encoding, and with it its length.
      let start = unsafe UnsafeRawPointer(sqlite3_column_text(statement, column))
      return unsafe .text(bytes(from: start, column))
    case SQLITE_BLOB:
      let start = unsafe sqlite3_column_blob(statement, column)
      return unsafe .blob(bytes(from: start, column))
    default: return .null
    }
  }

  private func bytes(from start: UnsafeRawPointer?, _ column: Int32) -> [UInt8] {
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    guard let start = unsafe start, count > 0 else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
