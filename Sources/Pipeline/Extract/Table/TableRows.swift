internal import Archive
internal import Synchronization

/// The rows of the legacy table, put into parts that each hold whole sessions.
///
/// Filled by those who read the table, then emptied by the workers; the lock guards all of it. A part's number
/// is a hash of the session, so that what is handed out depends on the table alone.
final class TableRows: Sendable {
  /// One row and where it goes.
  struct Entry {
    var hash: UInt64
    /// Its table, id and place in the table.
    var place: Place
    /// In the bytes it comes with.
    var range: Range<Int>
  }

  /// What is known of the table before its rows.
  struct Facts: Sendable {
    var input: Int32
    /// What tells the table's state from others.
    var digest: [UInt8]
    /// Bytes the rows take about.
    var expectedBytes: Int
    /// Bytes that count for it where progress is told.
    var storedBytes: Int
    /// The idle gap, as a pipeline says it.
    var idleGap: String
  }

  private struct State: ~Copyable {
    var facts: Facts?
    var spill: RowSpill?
    var rows = 0
    var next = 0
    var isTold = false
  }

  private let place: SpillPlace
  /// A part that is more is not held whole.
  private let longBytes: Int
  private let state = Mutex(State())

  init(in place: SpillPlace, longBytes: Int = LongPart.leastBytes) {
    self.place = place
    self.longBytes = longBytes
  }

  /// Makes room for the rows of a table.
  ///
  /// - Throws: ``RunError`` where there is not enough.
  func begin(_ facts: Facts) throws(RunError) {
    try place.requireRoom(for: facts.expectedBytes, of: "the rows of the table")
    state.withLock { state in
      state.facts = facts
      state.spill = RowSpill(
        directory: place.directory,
        partCount: RowSpill.partCount(inputBytes: facts.expectedBytes))
    }
  }

  /// Takes some rows.
  ///
  /// - Throws: ``RunError`` for want of room, and when the run is to stop.
  func add(_ entries: [Entry], of bytes: [UInt8]) throws(RunError) {
    try place.check()
    do throws(FileError) {
      try state.withLock { state throws(FileError) in
        for entry in entries {
          try state.spill?.add(
            entry.range, of: bytes, hash: entry.hash, layout: 0, place: entry.place)
        }
        state.rows += entries.count
      }
    } catch { throw RunError(.fileAccess, error.description) }
    place.note(bytes.count, entries.count)
  }

  /// What is handed out next.
  enum Handout {
    /// What is to be told of the table itself.
    case told(SourceBatch)
    case part(TablePart.Rows)
    /// A part that is more than is held at once: what is known of it beside its rows, and these.
    case long(TablePart.Rows, RowSpill.Blocks)
  }

  /// The next part that has rows; nil when all have been handed out.
  ///
  /// - Throws: ``RunError`` when a part cannot be read back.
  func next() throws(RunError) -> Handout? {
    do throws(FileError) {
      return try state.withLock { state throws(FileError) in
        guard let facts = state.facts else { return nil }
        if !state.isTold {
          state.isTold = true
          return .told(Self.remark(facts, rows: state.rows))
        }
        let count = state.spill?.partCount ?? 0
        while state.next < count {
          let number = state.next
          state.next += 1
          var rows = TablePart.Rows(
            number: number, entries: [], bytes: [], digest: facts.digest,
            storedBytes: facts.storedBytes / count, idleGap: facts.idleGap)
          if let bytes = state.spill?.byteCount(of: number), bytes > longBytes,
            let blocks = state.spill?.takeBlocks(number)
          {
            return .long(rows, blocks)
          }
          guard let taken = try state.spill?.take(number), !taken.entries.isEmpty else { continue }
          (rows.entries, rows.bytes) = (taken.entries, taken.bytes)
          return .part(rows)
        }
        return nil
      }
    } catch { throw RunError(.fileAccess, error.description) }
  }

  /// An input whose records are all elsewhere, or are none.
  private static func remark(_ facts: Facts, rows: Int) -> SourceBatch {
    let segment = InputSegment(
      input: facts.input, bytes: [], layout: .documents, records: [], byteOffset: 0, firstLine: 1,
      isFirst: rows == 0, isLast: true, fingerprint: facts.digest)
    return SourceBatch(segments: [segment], storedBytes: 0)
  }
}

extension SpillPlace {
  /// Bytes free on the file system; throws where rows may take more.
  @discardableResult
  func requireRoom(for bytes: Int, of what: String) throws(RunError) -> Int {
    let root = ArchiveRoot(path: directory)
    let free = try RunError.onFiles { () throws(FileError) in try root.freeBytes() }
    guard free < bytes + bytes / 8 else { return free }
    throw RunError(
      .fileAccess,
      "\(directory): \(free >> 20) MiB free, and \(what) may take "
        + "\((bytes + bytes / 8) >> 20) MiB there until the run ends",
      hint: "--report names a directory on another disk")
  }
}
