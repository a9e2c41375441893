internal import Synchronization

/// How far a run has come; workers add to it once per batch, a display reads it when it likes.
public final class Progress: Sendable {
  /// Protects the counters alone; held for a few additions.
  private let counters: Mutex<ProgressSnapshot>
  private let start = ContinuousClock.now

  /// Starts the clock.
  /// - Parameter bytesTotal: bytes of all inputs in the measure ``add(bytes:rows:rejects:)`` uses;
  ///   nil when unknown, as with standard input.
  public init(bytesTotal: Int?) {
    counters = Mutex(ProgressSnapshot(bytesTotal: bytesTotal))
  }

  /// Tells the total once it is known.
  func expect(bytes: Int) { counters.withLock { $0.bytesTotal = bytes } }

  /// Tells how many rows are going to be read before the first of them is loaded.
  func expectRead(rows: Int) { counters.withLock { $0.rowsToRead = rows } }

  /// Adds rows that were read and put aside until all of their session are there.
  func read(bytes: Int, rows: Int) {
    counters.withLock { counters in
      counters.bytesRead += bytes
      counters.rowsRead += rows
      counters.isReading = true
    }
  }

  /// Adds one finished batch.
  /// - Parameters:
  ///   - bytes: input the batch took; for a compressed input, compressed bytes.
  ///   - rows: rows the batch brought, whether they were new or there already.
  ///   - rejects: records of it that were rejected.
  public func add(bytes: Int, rows: Int, rejects: Int) {
    counters.withLock { counters in
      counters.bytesDone += bytes
      counters.rows += rows
      counters.rejects += rejects
      counters.batches += 1
      counters.isReading = false
    }
  }

  /// The counters and the time since the start, as of one moment.
  public func snapshot() -> ProgressSnapshot {
    var snapshot = counters.withLock { $0 }
    snapshot.seconds = Double(StageClock.nanoseconds(since: start)) / 1e9
    return snapshot
  }
}
