internal import Archive
internal import Synchronization

/// Takes batches to no target: every row counts as inserted, as into empty tables.
///
/// What a target alone can know is left out: rows it has, and values its constraints and triggers refuse.
struct OfflineSink: BatchSink, ~Copyable {
  private let judge: OfflineJudge

  init(_ judge: OfflineJudge) { self.judge = judge }

  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    try judge.remember(batch)
    return BatchReceipt(path: .copied, sessions: .allInserted, messages: .allInserted)
  }
}

/// What all workers of a run without a target remember.
final class OfflineJudge: Sendable {
  private struct Seen: ~Copyable {
    var sessions: RepeatedIds
    var messages: RepeatedIds
    /// Nil of a run of dialects that are loaded together, none of which finds another's messages.
    var copies: OfflineCopies?
  }

  private let seen: Mutex<Seen>

  /// `directory` takes what is too much for memory.
  init(directory: String, _ setup: AssemblySetup) {
    let isOfSeveral = SourceFormat.phases(of: setup.inputs.map(\.dialect)).count > 1
    seen = Mutex(
      Seen(
        sessions: RepeatedIds(directory: directory), messages: RepeatedIds(directory: directory),
        copies: isOfSeveral
          ? OfflineCopies(
            directory: directory, sessions: setup.sessionLayout, messages: setup.messageLayout)
          : nil))
  }

  func remember(_ batch: RowBatch) throws(FileError) {
    try seen.withLock { seen throws(FileError) in
      try seen.sessions.add(batch.sessions.rows)
      try seen.messages.add(batch.messages.rows)
      try seen.copies?.add(batch)
    }
  }

  /// Messages of each input that those of a better dialect stand for.
  func copies() throws(FileError) -> [Int32: Int] {
    try seen.withLock { seen throws(FileError) in try seen.copies?.perInput() ?? [:] }
  }

  /// Rows of each input whose id the run had made before.
  func repeated() throws(FileError) -> (sessions: [Int32: Int], messages: [Int32: Int]) {
    try seen.withLock { seen throws(FileError) in
      (try seen.sessions.perInput(), try seen.messages.perInput())
    }
  }
}
