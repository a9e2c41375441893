internal import Postgres

/// What is remembered of an encoded row until the server has answered.
struct EncodedRow {
  let id: RowId
  /// Where the row begins in the buffer.
  let start: Int
  let place: Place
  /// False for the further rows of one source message, which counts once.
  let isCounted: Bool
}

/// Rows of one table, encoded for COPY … (FORMAT binary).
struct RowBuffer {
  private(set) var bytes: [UInt8] = BinaryCopy.header
  private(set) var rows: [EncodedRow] = []

  var isEmpty: Bool { rows.isEmpty }

  mutating func clear() {
    // An unusually large record must not keep its memory for the rest of the run.
    if bytes.capacity > 32 << 20 { bytes = [] }
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: BinaryCopy.header)
    rows.removeAll(keepingCapacity: true)
  }

  /// Appends a row of `fieldCount` fields; nothing stays of it if `write` refuses.
  ///
  /// - Parameter write: appends the fields and gives the row's id, or nil to take it back.
  mutating func append(
    fieldCount: Int, place: Place, isCounted: Bool, _ write: (inout [UInt8]) -> RowId?
  ) -> Bool {
    let start = bytes.count
    bytes.append(bigEndian: Int16(fieldCount))
    guard let id = write(&bytes) else {
      bytes.removeSubrange(start...)
      return false
    }
    rows.append(EncodedRow(id: id, start: start, place: place, isCounted: isCounted))
    return true
  }

  /// Makes room ahead, so that one large value does not grow the buffer by doubling.
  mutating func reserve(_ extraBytes: Int) { bytes.reserveCapacity(bytes.count + extraBytes) }
}
