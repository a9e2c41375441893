/// Consecutive rows of a batch, sessions and messages, that are loaded by one statement each.
struct BatchSlice: Equatable {
  var sessions: Range<Int>
  var messages: Range<Int>
}

extension RowBatch {
  /// All rows.
  var whole: BatchSlice {
    BatchSlice(sessions: 0..<sessions.rows.count, messages: 0..<messages.rows.count)
  }

  /// A slice cut so that none has two copies of one session.
  ///
  /// Merged one after the other, each copy's messages meet the session in the state the copy before left.
  func singleCopies(_ slice: BatchSlice) -> [BatchSlice] {
    var slices: [BatchSlice] = []
    var seen: Set<RowId> = []
    var open = slice
    for index in slice.sessions where !seen.insert(sessions.rows[index].id).inserted {
      let cut = cut(open, before: index)
      slices.append(cut.0)
      open = cut.1
      seen = [sessions.rows[index].id]
    }
    return slices + [open]
  }

  /// A slice in two, each with its own sessions before their messages; nil where there is nothing to halve.
  func halves(_ slice: BatchSlice) -> (BatchSlice, BatchSlice)? {
    if slice.sessions.count > 1 {
      return cut(slice, before: slice.sessions.lowerBound + slice.sessions.count / 2)
    }
    guard slice.messages.count > 1 else { return nil }
    let middle = slice.messages.lowerBound + slice.messages.count / 2
    return (
      BatchSlice(sessions: slice.sessions, messages: slice.messages.lowerBound..<middle),
      BatchSlice(sessions: slice.sessions, messages: middle..<slice.messages.upperBound)
    )
  }

  private func cut(_ slice: BatchSlice, before session: Int) -> (BatchSlice, BatchSlice) {
    let end = min(
      max(messageEnds[session - 1], slice.messages.lowerBound), slice.messages.upperBound)
    return (
      BatchSlice(
        sessions: slice.sessions.lowerBound..<session, messages: slice.messages.lowerBound..<end),
      BatchSlice(
        sessions: session..<slice.sessions.upperBound, messages: end..<slice.messages.upperBound)
    )
  }
}

extension MergeStatements {
  /// A slice as it is merged: where a later copy of a session may replace an earlier one, one after the other.
  func parts(_ batch: RowBatch, _ slice: BatchSlice) -> [BatchSlice] {
    conflict.sessions == .update || conflict.messages == .update
      ? batch.singleCopies(slice) : [slice]
  }
}
