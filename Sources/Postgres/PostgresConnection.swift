internal import CLibPQ

/// Owner of one connection; closed when it goes out of scope.
///
/// Calls block the calling thread. Not `Sendable`: a worker opens its own.
@safe
public struct PostgresConnection: ~Copyable {
  let raw: OpaquePointer

  /// Connects, blocking until the server has answered or `connect_timeout` (10 s unless set) is over.
  ///
  /// - Parameters:
  ///   - target: where to connect.
  ///   - applicationName: what `pg_stat_activity` shows.
  /// - Throws: ``PostgresError`` with reason `connect`; libpq keeps the server's code to itself here,
  ///   so that a database that does not exist and a refused password look alike.
  public init(_ target: ConnectionTarget, applicationName: String = "convoy")
    throws(PostgresError)
  {
    var complete = target
    complete.set("client_encoding", "UTF8")
    complete.set("fallback_application_name", applicationName)
    complete.setDefault("connect_timeout", "10")
    complete.setDefault("keepalives_idle", "30")
    let keys = complete.parameters.map(\.key)
    let values = complete.parameters.map(\.value)
    let raw = unsafe withCStrings(keys) { keys in
      unsafe withCStrings(values) { values in unsafe PQconnectdbParams(keys, values, 0) }
    }
    guard let raw = unsafe raw else {
      throw PostgresError(reason: .client, message: "out of memory")
    }
    guard unsafe PQstatus(raw) == CONNECTION_OK else {
      defer { unsafe PQfinish(raw) }
      throw unsafe PostgresError(
        reason: .connect, message: String(cString: PQerrorMessage(raw)).oneLine)
    }
    // NOTICEs would go to stderr otherwise.
    unsafe PQsetNoticeProcessor(raw, { _, _ in }, nil)
    unsafe self.raw = raw
  }

  deinit { unsafe PQfinish(raw) }

  /// Version as `server_version_num`: 170006 is 17.6.
  public var serverVersion: Int { Int(unsafe PQserverVersion(raw)) }

  /// Process id of the backend, as `pg_stat_activity` has it.
  public var backendProcess: Int { Int(unsafe PQbackendPID(raw)) }

  /// Whether the connection is inside a transaction, failed or not.
  public var isInTransaction: Bool { unsafe PQtransactionStatus(raw) != PQTRANS_IDLE }

  /// A handle that can cancel this connection's statement from another thread.
  ///
  /// - Throws: ``PostgresError`` if libpq cannot make one.
  public func canceller() throws(PostgresError) -> StatementCanceller {
    guard let handle = unsafe PQgetCancel(raw) else {
      throw PostgresError(reason: .client, message: "no cancel handle for this connection")
    }
    return unsafe StatementCanceller(handle)
  }

  /// Runs one or more statements without parameters, by the simple protocol.
  ///
  /// - Parameter sql: the statements; several run in one implicit transaction.
  /// - Returns: rows affected by the last statement.
  /// - Throws: ``PostgresError``.
  @discardableResult
  public func execute(_ sql: String) throws(PostgresError) -> Int {
    let result = unsafe PostgresResult(PQexec(raw, sql))
    guard result.isSuccess else { throw error(of: result) }
    return result.affectedRows
  }

  /// Runs one statement with text parameters and takes the whole answer into memory.
  ///
  /// - Parameters:
  ///   - sql: one statement, with `$1`… for the parameters.
  ///   - parameters: their text forms; nil is NULL.
  ///   - format: how the server writes the values.
  /// - Returns: all rows; meant for catalogue-sized answers.
  /// - Throws: ``PostgresError``.
  public func query(
    _ sql: String, _ parameters: [String?] = [], format: ValueFormat = .text
  ) throws(PostgresError) -> PostgresRows {
    let answer = unsafe withOptionalCStrings(parameters) { values in
      unsafe PQexecParams(
        raw, sql, Int32(parameters.count), nil, values, nil, nil, format == .binary ? 1 : 0)
    }
    let result = unsafe PostgresResult(answer)
    guard result.isSuccess else { throw error(of: result) }
    return result.rows()
  }

  /// Streams rows into the server with a COPY … FROM STDIN statement.
  ///
  /// - Parameters:
  ///   - statement: the COPY statement.
  ///   - body: writes the rows; returning ends the COPY, throwing fails it on the server too.
  /// - Returns: rows the server accepted; they are there once the transaction commits.
  /// - Throws: ``PostgresError`` when the server refuses, or what `body` threw. Either way none of
  ///   the rows is there and the connection stays usable, unless it was lost.
  @discardableResult
  public func copyIn(
    _ statement: String, _ body: (borrowing CopyInWriter) throws -> Void
  ) throws -> Int {
    try startCopyIn(statement)
    do {
      try unsafe body(CopyInWriter(connection: raw))
    } catch {
      throw abandonCopyIn(error)
    }
    return try finishCopyIn()
  }

  /// Does what ``copyIn(_:_:)`` does, for rows that have to be waited for.
  ///
  /// - Parameters:
  ///   - statement: the COPY statement.
  ///   - body: writes the rows.
  /// - Returns: rows the server accepted.
  /// - Throws: the same errors.
  @discardableResult
  public func copyInAwaiting(
    _ statement: String, _ body: (borrowing CopyInWriter) async throws -> Void
  ) async throws -> Int {
    try startCopyIn(statement)
    do {
      try await unsafe body(CopyInWriter(connection: raw))
    } catch {
      throw abandonCopyIn(error)
    }
    return try finishCopyIn()
  }

  private func startCopyIn(_ statement: String) throws(PostgresError) {
    let start = unsafe PostgresResult(PQexec(raw, statement))
    guard start.status == PGRES_COPY_IN else { throw error(of: start) }
  }

  /// Ends a COPY whose body threw; what to throw for it.
  private func abandonCopyIn(_ error: any Error) -> any Error {
    guard error is CopyInWriter.Refused else {
      // The server's complaint about being told to stop would hide the reason for stopping.
      unsafe PQputCopyEnd(raw, "the client gave up")
      _ = finishCopy()
      return error
    }
    // A row the server could not read ended the COPY under the writer's feet: its answer says why.
    unsafe PQputCopyEnd(raw, nil)
    return finishCopy() ?? lost()
  }

  private func finishCopyIn() throws(PostgresError) -> Int {
    guard unsafe PQputCopyEnd(raw, nil) == 1 else { throw lost() }
    let end = unsafe PostgresResult(PQgetResult(raw))
    let answer: PostgresError? = end.isSuccess ? nil : error(of: end)
    drain()
    if let answer { throw answer }
    return end.affectedRows
  }

  func startCopyOut(_ statement: String) throws(PostgresError) {
    let start = unsafe PostgresResult(PQexec(raw, statement))
    guard start.status == PGRES_COPY_OUT else { throw error(of: start) }
  }

  /// Reads and drops what is left of a COPY … TO STDOUT.
  func finishCopyOut() throws(PostgresError) {
    var bytes: UnsafeMutablePointer<CChar>? = nil
    while unsafe PQgetCopyData(raw, &bytes, 0) > 0 { unsafe PQfreemem(bytes) }
    if let failure = finishCopy() { throw failure }
  }

  /// Whether the server still has rows to send or to be sent.
  var isInCopy: Bool { unsafe PQtransactionStatus(raw) == PQTRANS_ACTIVE }

  private func finishCopy() -> PostgresError? {
    let end = unsafe PostgresResult(PQgetResult(raw))
    let answer: PostgresError? = end.isSuccess ? nil : error(of: end)
    drain()
    return answer
  }

  private func drain() {
    while let more = unsafe PQgetResult(raw) { unsafe PQclear(more) }
  }

  private func error(of result: borrowing PostgresResult) -> PostgresError {
    unsafe PostgresError(result: result.raw, connection: raw)
  }

  private func lost() -> PostgresError {
    unsafe PostgresError(result: nil, connection: raw)
  }
}

/// How the server writes the values of an answer.
public enum ValueFormat: Sendable {
  /// As text.
  case text
  /// As each type's send function writes it.
  case binary
}
