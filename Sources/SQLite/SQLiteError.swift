internal import CSQLite

/// Why a database could not be read.
public struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong.
  public enum Reason: Sendable, Hashable {
    /// The file is no database of SQLite, or encrypted.
    case notADatabase
    /// The file is a database, and not whole.
    case damaged
    /// Somebody wrote to it meanwhile.
    case changed
    /// A value is longer than is taken.
    case tooLarge
    /// A file could not be opened, read or copied.
    case file(errno: Int32)
    /// Anything else, by SQLite's result code.
    case failed(code: Int32)
  }

  /// The database, as its path was given.
  public let path: String
  /// What went wrong.
  public let reason: Reason
  /// What SQLite or the system says about it.
  public let detail: String

  init(_ reason: Reason, path: String, detail: String) {
    self.reason = reason
    self.path = path
    self.detail = detail
  }

  /// Takes what SQLite's last call on a connection failed with.
  init(code: Int32, path: String, detail: String) {
    let reason: Reason =
      switch code & 0xFF {
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CORRUPT: .damaged
      case SQLITE_TOOBIG: .tooLarge
      default: .failed(code: code)
      }
    self.init(reason, path: path, detail: detail)
  }

  /// Path and reason on one line.
  public var description: String {
    let what =
      switch reason {
      case .notADatabase: "no SQLite database"
      case .damaged: "a damaged SQLite database"
      case .changed: "an SQLite database that changed while it was read"
      case .tooLarge:
        "an SQLite database with a value of more than \(SQLiteDatabase.valueLimitBytes >> 20) MiB"
      case .file, .failed: "an SQLite database that cannot be read"
      }
    return detail.isEmpty ? "\(path): \(what)" : "\(path): \(what): \(detail)"
  }
}
