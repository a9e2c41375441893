/// Tells which messages of a conversation, in their order, are part of another one.
///
/// It is the same row again, or the same answer by another writer, who was a moment later. What a user
/// sends twice stays twice.
struct RepeatedRows {
  /// Microseconds within which two writers wrote one answer; they were 51 to 108 ms apart.
  static let twoWritersMicroseconds: Int64 = 2_000_000
  /// Bounds what a conversation costs all of whose rows have one time.
  static let rowsLookedBackAt = 256

  private struct Seen {
    var time: Int64
    var turn: Int
    var id: TextDigest
    var content: TextDigest
    var isAssistant: Bool
    /// Whether nothing can be part of it, because it is another one's itself or none at all.
    var isClosed: Bool
  }

  /// The last rows; the `n`-th of all is at `n` modulo ``rowsLookedBackAt``.
  private var seen: [Seen] = []
  /// Rows so far.
  private(set) var rowCount = 0
  /// Messages they are.
  private(set) var turnCount = 0

  /// Begins with another conversation.
  mutating func clear() {
    seen.removeAll(keepingCapacity: true)
    (rowCount, turnCount) = (0, 0)
  }

  /// Takes the next row; gives the number of the message it is, or is part of.
  mutating func add(_ item: DumpPart.Item) -> Int {
    let winner = item.problem == nil ? winner(of: item) : nil
    let own = Seen(
      time: item.time, turn: winner ?? turnCount, id: item.id, content: item.content,
      isAssistant: item.isAssistant, isClosed: winner != nil || item.problem != nil)
    if seen.count < Self.rowsLookedBackAt {
      seen.append(own)
    } else {
      seen[rowCount % Self.rowsLookedBackAt] = own
    }
    rowCount += 1
    if winner == nil { turnCount += 1 }
    return own.turn
  }

  private func winner(of item: DumpPart.Item) -> Int? {
    for back in 0..<seen.count {
      let other = seen[(rowCount - 1 - back) % Self.rowsLookedBackAt]
      guard item.time - other.time <= Self.twoWritersMicroseconds else { return nil }
      guard !other.isClosed, other.content == item.content else { continue }
      if item.id.length > 0 && other.id == item.id { return other.turn }
      if other.isAssistant, item.isAssistant, other.content.length > 0,
        other.time != DumpPart.Item.noTime
      {
        return other.turn
      }
    }
    return nil
  }
}
