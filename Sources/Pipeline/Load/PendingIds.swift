internal import Archive

/// Rows whose ids are still to be made of their texts: several at a time, which takes less than each by itself.
///
/// Used again for its memory.
struct PendingIds {
  private struct Row {
    let number: Int
    let milliseconds: Int64
    /// Where its id goes in the buffer.
    let offset: Int
  }

  /// The keys, one behind the other.
  var keys: [UInt8] = []
  private var keyStart = 0
  private var rows: [Row] = []
  private var texts = DigestBatch()

  /// Begins the key of the next row: the parts of its natural key but the text, to be appended to ``keys``.
  mutating func beginKey() { keyStart = keys.count }

  /// Adds a row, whose key has been appended.
  ///
  /// - Parameters:
  ///   - number: which of the buffer's.
  ///   - offset: where the sixteen bytes of its id are in the buffer.
  ///   - milliseconds: as ``RowId/make(scheme:milliseconds:key:text:_:)`` has it.
  ///   - text: where the text is in the buffer, unchanged until the ids are made.
  mutating func add(
    _ number: Int, at offset: Int, milliseconds: Int64, text: Range<Int>
  ) {
    texts.add(head: keyStart..<keys.count, tail: text)
    rows.append(Row(number: number, milliseconds: milliseconds, offset: offset))
  }

  /// Makes the ids and writes them into their rows.
  mutating func complete(in buffer: inout RowBuffer) {
    guard !rows.isEmpty else { return }
    // Out of it, because the bytes are lent of it meanwhile.
    var texts = DigestBatch()
    swap(&texts, &self.texts)
    defer { swap(&texts, &self.texts) }
    texts.hash(heads: keys.span, tails: buffer.bytes.span)
    for (place, row) in rows.enumerated() {
      let id = RowId.v8(milliseconds: row.milliseconds, digest: texts[place].high)
      buffer.setId(id, ofRow: row.number, at: row.offset)
    }
    keys.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    texts.clear()
  }
}
