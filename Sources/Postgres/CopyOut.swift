internal import CLibPQ

/// The receiving half of a COPY … TO STDOUT; exists only inside ``PostgresConnection/copyOut(_:_:)``.
@safe
public struct CopyOutReader: ~Copyable {
  private let connection: OpaquePointer

  init(connection: OpaquePointer) { unsafe self.connection = unsafe connection }

  /// Waits for what the server sends next: a row, with whatever the format puts before the first one.
  ///
  /// - Parameter body: gets the bytes, which are libpq's and gone when it returns.
  /// - Returns: false at the end, without calling `body`.
  /// - Throws: ``PostgresError`` when the server breaks off, or what `body` threw.
  public func next(_ body: (Span<UInt8>) throws -> Void) throws -> Bool {
    var bytes: UnsafeMutablePointer<CChar>? = nil
    let count = unsafe PQgetCopyData(connection, &bytes, 0)
    defer { unsafe PQfreemem(bytes) }
    guard count >= 0, let start = unsafe bytes else {
      guard count == -1 else { throw unsafe PostgresError(result: nil, connection: connection) }
      return false
    }
    let buffer = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: Int(count))
    try unsafe body(buffer.span)
    return true
  }

  /// Waits for the next row of a COPY in binary format.
  ///
  /// - Parameter body: gets the row from its count of fields on.
  /// - Returns: false at the end, without calling `body`.
  /// - Throws: as ``next(_:)`` does.
  public func nextBinaryRow(_ body: (Span<UInt8>) throws -> Void) throws -> Bool {
    let header = BinaryCopy.header
    var isRow = false
    while !isRow {
      let more = try next { bytes in
        var start = 0
        // The file's header comes with the first row, or with the trailer where there is none.
        if bytes.count >= header.count, bytes.begins(with: header.span) { start = header.count }
        let rest = bytes.extracting(start...)
        // Two bytes are a count of fields alone: −1, the trailer, or a row of a table without columns.
        guard rest.count >= 2, rest[0] != 0xFF else { return }
        isRow = true
        try body(rest)
      }
      guard more else { return false }
    }
    return true
  }
}

extension PostgresConnection {
  /// Streams rows out of the server with a COPY … TO STDOUT statement.
  ///
  /// - Parameters:
  ///   - statement: the COPY statement.
  ///   - body: reads the rows; what it leaves unread is thrown away.
  /// - Returns: what `body` returns.
  /// - Throws: ``PostgresError`` when the server refuses or breaks off, or what `body` threw. The connection
  ///   stays usable unless it was lost; a transaction has failed by then.
  public func copyOut<Result>(
    _ statement: String, _ body: (borrowing CopyOutReader) async throws -> Result
  ) async throws -> Result {
    try startCopyOut(statement)
    let outcome: Result
    do {
      outcome = try await unsafe body(CopyOutReader(connection: raw))
    } catch {
      // The rest may be most of a large table. That the server complains about it is what was asked for.
      if isInCopy { try? canceller().cancel() }
      try? finishCopyOut()
      throw error
    }
    try finishCopyOut()
    return outcome
  }
}

extension Span<UInt8> {
  fileprivate func begins(with other: Span<UInt8>) -> Bool {
    for index in 0..<other.count where self[index] != other[index] { return false }
    return true
  }
}
