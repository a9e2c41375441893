internal import Postgres

extension PostgresConnection {
  /// Streams encoded rows into a binary COPY and checks that the server took each of them.
  func send(_ rows: RowBuffer, by statement: String) throws {
    try send(rows, 0..<rows.rows.count, by: statement)
  }

  /// Streams some consecutive rows.
  func send(_ rows: RowBuffer, _ range: Range<Int>, by statement: String) throws {
    guard !range.isEmpty else { return }
    let bytes = rows.bytes
    let header = BinaryCopy.header
    let trailer = BinaryCopy.trailer
    let accepted = try copyIn(statement) { writer in
      try writer.write(header.span)
      try writer.write(bytes.span.extracting(rows.byteRange(range)))
      try writer.write(trailer.span)
    }
    guard accepted == range.count else {
      throw RunError(
        .failed, "the server took \(accepted) of \(range.count) rows",
        hint: "a trigger or rule on the table drops rows; nothing of this batch is committed")
    }
  }
}
