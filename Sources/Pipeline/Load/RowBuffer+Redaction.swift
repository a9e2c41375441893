internal import Postgres

extension RowBuffer {
  /// Replaces secrets in the text of the row that was ended last.
  ///
  /// - Parameters:
  ///   - secrets: the kinds to replace.
  ///   - kinds: of each column; only text, JSON and lists of text are looked at.
  ///   - isKept: whether a column stays as it is, by its position.
  mutating func redactLast(
    _ secrets: Set<SecretKind>, kinds: [ColumnKind], keeping isKept: (Int) -> Bool = { _ in false }
  ) {
    guard let start = rows.last?.start else { return }
    let row = Array(bytes[start...])
    bytes.removeSubrange(start...)
    bytes.append(0..<2, of: row)
    var at = 2
    for (column, kind) in kinds.enumerated() {
      let length = Int(Int32(truncatingIfNeeded: row.number(at: at)))
      at += 4
      guard length >= 0 else {
        bytes.appendNull()
        continue
      }
      let value = Array(row[at..<at + length])
      at += length
      bytes.append(field: isKept(column) ? value : value.redacted(secrets, kind))
    }
  }
}

extension [UInt8] {
  /// The value of a column with its secrets replaced.
  fileprivate func redacted(_ secrets: Set<SecretKind>, _ kind: ColumnKind) -> [UInt8] {
    switch kind {
    case .text, .json, .jsonb: SecretScan.redacted(self, secrets) ?? self
    case .textArray: redactedList(secrets)
    case .uuid, .int2, .int4, .int8, .float8, .numeric, .timestamptz, .timestamp: self
    }
  }

  /// An array's elements are fields behind a head of 20 bytes; an empty one has 12 bytes and none.
  private func redactedList(_ secrets: Set<SecretKind>) -> [UInt8] {
    guard count > 20 else { return self }
    var out = Array(self[..<20])
    var at = 20
    while at < count {
      let length = Int(Int32(truncatingIfNeeded: number(at: at)))
      at += 4
      guard length >= 0 else {
        out.appendNull()
        continue
      }
      let element = Array(self[at..<at + length])
      at += length
      out.append(field: SecretScan.redacted(element, secrets) ?? element)
    }
    return out
  }

  /// The big-endian number of four bytes at an offset.
  fileprivate func number(at offset: Int) -> UInt32 {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
