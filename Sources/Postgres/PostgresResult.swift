internal import CLibPQ

/// Owner of one PGresult.
@safe
struct PostgresResult: ~Copyable {
  let raw: OpaquePointer?

  init(_ raw: OpaquePointer?) { unsafe self.raw = unsafe raw }

  deinit { unsafe PQclear(raw) }

  var status: ExecStatusType { unsafe PQresultStatus(raw) }

  var isSuccess: Bool {
    switch status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: true
    default: false
    }
  }

  /// Rows inserted, updated, deleted, selected or copied; 0 for other commands.
  var affectedRows: Int { Int(unsafe String(cString: PQcmdTuples(raw))) ?? 0 }

  func rows() -> PostgresRows {
    let columnCount = unsafe PQnfields(raw)
    let names = (0..<columnCount).map { unsafe String(cString: PQfname(raw, $0)) }
    let rows = (0..<(unsafe PQntuples(raw))).map { row in
      PostgresRow(
        values: (0..<columnCount).map { column in
          guard unsafe PQgetisnull(raw, row, column) == 0 else { return nil }
          let length = Int(unsafe PQgetlength(raw, row, column))
          guard let start = unsafe PQgetvalue(raw, row, column) else { return [] }
          return unsafe Array(UnsafeRawBufferPointer(start: start, count: length))
        })
    }
    return PostgresRows(columns: names, rows: rows)
  }
}

/// A whole answer, copied out of libpq.
public struct PostgresRows: Sendable {
  /// Column names in order.
  public let columns: [String]
  /// Rows in the server's order.
  public let rows: [PostgresRow]

  /// The first row, when there is one.
  public var first: PostgresRow? { rows.first }
}

/// One row of an answer.
public struct PostgresRow: Sendable {
  /// Values in column order, in the format that was asked for; nil is NULL.
  public let values: [[UInt8]?]

  /// A value as text; nil is NULL.
  public subscript(column: Int) -> String? {
    values[column].map { String(decoding: $0, as: UTF8.self) }
  }

  /// A value as text; empty for NULL.
  public func text(_ column: Int) -> String { self[column] ?? "" }

  /// A value as a whole number; 0 for NULL or anything else.
  public func integer(_ column: Int) -> Int { self[column].flatMap { Int($0) } ?? 0 }

  /// Whether a boolean is true.
  public func isTrue(_ column: Int) -> Bool { self[column] == "t" }
}
