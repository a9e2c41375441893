internal import Postgres
internal import Synchronization

/// The unique index of messages' ids while it is off its table, for all workers of a run.
///
/// Batches that bring new sessions do without; the first one that has to compare its rows with those that
/// are there makes it again, and from then on every row pays for it.
final class MessageKeyIndex: Sendable {
  private let definition: DefinitionLedger.Pending
  /// Guards whether it is off.
  private let off = Mutex(true)

  /// Nil where it is on its table.
  init?(among pending: [DefinitionLedger.Pending]) {
    guard let definition = pending.first(where: { $0.kind == .keyIndex }) else { return nil }
    self.definition = definition
  }

  var isOff: Bool { off.withLock { $0 } }

  /// Makes it again, in a transaction of its own, once the batches are through that are under way.
  ///
  /// The connection must be out of any transaction, or others would wait for what it has locked. Workers may
  /// call it at the same time: the first makes it, the others find it made.
  func restore(_ connection: borrowing PostgresConnection) throws(PostgresError) {
    try DefinitionLedger.restore(definition, connection)
    off.withLock { $0 = false }
  }
}

/// A batch cannot go in before ``MessageKeyIndex`` is there; it has to begin again.
struct KeyIndexNeeded: Error {}

extension RowBatch {
  /// Whether no id of a slice's messages can be in the table once its sessions went in.
  ///
  /// The ids are made of the name their session has in its source, which its `continuation_id` is as well, and
  /// no two in the slice are the same.
  func bringsNewMessages(_ slice: BatchSlice) -> Bool {
    !continuesSession && !hasGivenIds && holdsParents(slice)
      && Self.areDistinct(messages.rows[slice.messages])
  }

  private static func areDistinct(_ rows: ArraySlice<EncodedRow>) -> Bool {
    // Open addressing with at least half the places free; a place holds a row's number plus one. The ids' low
    // bits are of a digest, so that they are spread as they are.
    var capacity = 16
    while capacity < 2 * rows.count { capacity *= 2 }
    var places = [Int32](repeating: 0, count: capacity)
    for (number, row) in rows.enumerated() {
      var place = Int(truncatingIfNeeded: row.id.low) & (capacity - 1)
      while places[place] != 0 {
        if rows[rows.startIndex + Int(places[place]) - 1].id == row.id { return false }
        place = (place + 1) & (capacity - 1)
      }
      places[place] = Int32(number + 1)
    }
    return true
  }
}
