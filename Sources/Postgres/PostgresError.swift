internal import CLibPQ

/// Five-character error code (PostgreSQL documentation, Appendix A).
public struct SQLState: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
  /// The code as the server sends it.
  public let rawValue: String

  /// Takes a code as it is.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// First two characters: the class of the condition.
  public var conditionClass: Substring { rawValue.prefix(2) }

  /// The code itself.
  public var description: String { rawValue }

  /// A key that must be unique is there already.
  public static let uniqueViolation = SQLState(rawValue: "23505")
  /// The statement was cancelled, by request or by a timeout.
  public static let queryCanceled = SQLState(rawValue: "57014")
  /// A relation that was named does not exist.
  public static let undefinedTable = SQLState(rawValue: "42P01")
  /// A schema that was named does not exist.
  public static let undefinedSchema = SQLState(rawValue: "3F000")
  /// What was named is of another kind than the statement takes.
  public static let wrongObjectType = SQLState(rawValue: "42809")
  /// The role may not do that.
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  /// A lock could not be had in `lock_timeout`.
  public static let lockNotAvailable = SQLState(rawValue: "55P03")
}

/// A failed call of libpq: what the server answered, or what kept it from being asked.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Reason: Sendable, Hashable {
    /// No connection could be made.
    case connect
    /// The connection broke; the outcome of a statement under way is unknown.
    case connectionLost
    /// The server refused the statement.
    case server(SQLState)
    /// The connection string cannot be read.
    case connectionString
    /// libpq could not allocate, or answered with something the protocol does not allow here.
    case client
  }

  /// What kind of failure it was.
  public let reason: Reason
  /// The primary message, as the server or libpq worded it; never holds a password.
  public let message: String
  /// The server's DETAIL, if any.
  public var detail: String?
  /// The server's HINT, if any.
  public var hint: String?
  /// The server's CONTEXT, if any; for COPY it names table, line and column.
  public var context: String?
  /// The constraint that was violated, if any.
  public var constraint: String?
  /// The column the error is about, if any.
  public var column: String?
  /// The table the error is about, if any.
  public var table: String?

  /// Makes an error of a reason and a message.
  public init(reason: Reason, message: String) {
    self.reason = reason
    self.message = message
  }

  /// The same error with another name for a relation in its message.
  ///
  /// - Parameters:
  ///   - relation: the name the server used, one that nothing else has.
  ///   - name: the name to be told.
  /// - Returns: the error; everything but the message is as it was.
  public func naming(_ relation: String, as name: String) -> PostgresError {
    guard message.contains(relation) else { return self }
    var error = PostgresError(reason: reason, message: message.replacing(relation, with: name))
    error.detail = detail
    error.hint = hint
    error.context = context
    error.constraint = constraint
    error.column = column
    error.table = table
    return error
  }

  /// The server's code, when the server refused.
  public var sqlState: SQLState? {
    if case .server(let state) = reason { return state }
    return nil
  }

  /// Message, code, constraint and hint on one line: what is safe to show of an error about a row.
  public var summary: String {
    var text = message
    if let state = sqlState { text += " (SQLSTATE \(state))" }
    if let constraint { text += "; constraint \(constraint)" }
    if let hint { text += "; hint: \(hint)" }
    return text
  }

  /// Message, detail and hint on one line; for errors about a row the detail quotes it.
  public var description: String {
    var text = message
    if let state = sqlState { text += " (SQLSTATE \(state))" }
    if let detail { text += "; \(detail)" }
    if let context { text += "; \(context.split(separator: "\n")[0])" }
    if let hint { text += "; hint: \(hint)" }
    return text
  }
}

extension PostgresError {
  /// The row of a COPY … FROM that the server names, 1-based; nil where it names none.
  ///
  /// The protocol has no field for it: it stands in CONTEXT as `COPY table, line N`, in whatever language
  /// the server speaks, so it is the first number behind the table's name, and only a hint.
  public var copyLine: Int? {
    for line in (context ?? "").split(separator: "\n") where line.hasPrefix("COPY ") {
      guard let comma = line.firstIndex(of: ",") else { continue }
      let digits = line[comma...].drop { !$0.isNumber }.prefix { $0.isNumber }
      if let number = Int(digits) { return number }
    }
    return nil
  }

  /// Whether the server refuses the data itself, so that the same rows would be refused again.
  ///
  /// Classes 22 (data), 23 (constraints), 44 (check option), 54 (limits, as of an index row) and P0
  /// (raised by a trigger), PostgreSQL documentation, Appendix A.
  public var isDataError: Bool {
    guard let state = sqlState else { return false }
    return ["22", "23", "44", "54", "P0"].contains(state.conditionClass)
  }

  /// Reads the fields of a failed result; the result stays the caller's.
  init(result: OpaquePointer?, connection: OpaquePointer) {
    func field(_ code: Int32) -> String? {
      unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
    }
    let state = field(Int32(UInt8(ascii: "C")))
    let lost = unsafe PQstatus(connection) == CONNECTION_BAD
    let fallback = unsafe String(cString: PQerrorMessage(connection))
    if let state, !lost {
      reason = .server(SQLState(rawValue: state))
    } else {
      reason = lost ? .connectionLost : .client
    }
    message = field(Int32(UInt8(ascii: "M"))) ?? fallback.oneLine
    detail = field(Int32(UInt8(ascii: "D")))
    hint = field(Int32(UInt8(ascii: "H")))
    context = field(Int32(UInt8(ascii: "W")))
    constraint = field(Int32(UInt8(ascii: "n")))
    column = field(Int32(UInt8(ascii: "c")))
    table = field(Int32(UInt8(ascii: "t")))
  }
}

extension String {
  /// The text with its line ends made into `; `, as libpq ends each message with one.
  var oneLine: String {
    split(whereSeparator: \.isNewline)
      .map { $0.trimmingPrefix(while: { $0 == " " || $0 == "\t" }) }
      .joined(separator: "; ")
  }
}
