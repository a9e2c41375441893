internal import CSQLite

/// A database file that is only read: neither it nor anything beside it is ever written.
///
/// One without a journal is opened as immutable, which takes no locks and makes no files. Where a write-ahead
/// log or a rollback journal lies beside it, what is committed may be there alone: database and journal are
/// copied, the copy is brought up to date, and that is read. Memory: SQLite's page cache of 2 MiB, and one row.
@safe
public struct SQLiteDatabase: ~Copyable {
  /// Longer values are refused instead of being held.
  public static let valueLimitBytes = 64 << 20

  /// The database, as its path was given.
  public let path: String
  private let handle: OpaquePointer

  /// Opens a database.
  ///
  /// - Parameters:
  ///   - path: of its file.
  ///   - scratchDirectory: takes the copy, where one is needed; it is gone before this returns.
  /// - Throws: ``SQLiteError``, also for a file that is no database.
  public init(path: String, scratchDirectory: String) throws(SQLiteError) {
    self.path = path
    let journals = try JournaledFile.journals(of: path)
    let opened: OpaquePointer
    if journals.isEmpty {
      unsafe opened = try unsafe Self.open(path, as: path, isImmutable: true)
    } else {
      let copy = try JournaledFile.copy(path, journals, into: scratchDirectory)
      defer { copy.remove() }
      try Self.settle(copy.path, as: path)
      unsafe opened = try unsafe Self.open(copy.path, as: path, isImmutable: true)
    }
    unsafe handle = unsafe opened
  }

  deinit { _ = unsafe sqlite3_close_v2(handle) }

  /// Names of the tables, without views and virtual tables.
  ///
  /// - Returns: them, in their order.
  /// - Throws: ``SQLiteError``.
  public func tables() throws(SQLiteError) -> [String] {
    var rows = try query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    var names: [String] = []
    while let row = try rows.next() {
      if case .text(let name) = row[0] { names.append(String(decoding: name, as: UTF8.self)) }
    }
    return names
  }

  /// All rows of a table, in the order they lie there.
  ///
  /// - Parameter table: one of ``tables()``.
  /// - Returns: them, one at a time.
  /// - Throws: ``SQLiteError``.
  public func rows(of table: String) throws(SQLiteError) -> SQLiteRows {
    try query("SELECT * FROM \"\(table.replacing("\"", with: "\"\""))\"")
  }

  private func query(_ sql: String) throws(SQLiteError) -> SQLiteRows {
    try unsafe SQLiteRows(handle, sql, path: path)
  }

  /// Opens a file whose name in messages may be another.
  private static func open(
    _ file: String, as path: String, isImmutable: Bool
  ) throws(SQLiteError) -> OpaquePointer {
    let uri = "file:\(escaped(file))" + (isImmutable ? "?immutable=1" : "")
    let mode = isImmutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    var raw: OpaquePointer?
    let code = unsafe sqlite3_open_v2(uri, &raw, mode | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle = unsafe raw else {
      let detail = unsafe raw.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "no memory"
      _ = unsafe sqlite3_close_v2(raw)
      throw SQLiteError(code: code, path: path, detail: detail)
    }
    _ = unsafe sqlite3_extended_result_codes(handle, 1)
    _ = unsafe sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(valueLimitBytes))
    do throws(SQLiteError) {
      // The schema is somebody else's: nothing in it is to be run.
      for sql in ["PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON"] {
        try unsafe run(sql, handle, path)
      }
    } catch {
      _ = unsafe sqlite3_close_v2(handle)
      throw error
    }
    return unsafe handle
  }

  /// Has a copy take over what its journal holds.
  private static func settle(_ file: String, as path: String) throws(SQLiteError) {
    let handle = unsafe try open(file, as: path, isImmutable: false)
    defer { _ = unsafe sqlite3_close_v2(handle) }
    try unsafe run("PRAGMA journal_mode = DELETE", handle, path)
  }

  private static func run(
    _ sql: String, _ handle: OpaquePointer, _ path: String
  ) throws(SQLiteError) {
    var rows = try unsafe SQLiteRows(handle, sql, path: path)
    while try rows.next() != nil {}
  }

  /// A path in a URI.
  private static func escaped(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      let isPlain =
        byte == UInt8(ascii: "/") || byte > 0x7F
        || "-._~".utf8.contains(byte) || Character(Unicode.Scalar(byte)).isLetter
        || Character(Unicode.Scalar(byte)).isNumber
      if isPlain, byte < 0x80 {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += byte < 16 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text
  }
}
