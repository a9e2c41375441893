internal import Synchronization

/// Everything a run counts, summed over its workers once a batch; the lock guards all of it.
final class RunTotals: Sendable {
  struct Sums {
    var tallies: [Tally]
    var bytes: [Int]
    var isCompressed: [Bool]
    var storedBytes = 0
    var findings: FindingLog
    var stages = StageTotals()
    var batches = RunReport.Batches()
    var rejectLines = 0
    var facts = RunFacts()
    var clusters = RejectClusters()
    /// Sessions and messages read.
    var records = 0
    var sessionRows = 0
    var messageRows = 0
    var sessionChecksum = RowChecksum()
    var messageChecksum = RowChecksum()
    var files = FileFigures()
    var fileRows = 0
  }

  private let sums: Mutex<Sums>

  /// `findings` is the log to begin with.
  init(inputCount: Int, findings: FindingLog) {
    sums = Mutex(
      Sums(
        tallies: Array(repeating: Tally(), count: inputCount),
        bytes: Array(repeating: 0, count: inputCount),
        isCompressed: Array(repeating: false, count: inputCount),
        findings: findings))
  }

  var current: Sums { sums.withLock { $0 } }

  func note(_ rule: Rule, at place: Place, _ message: String) {
    sums.withLock { $0.findings.note(rule, at: place, message) }
  }

  /// Changes what was counted so far.
  func update(_ body: (inout Sums) -> Void) { sums.withLock { body(&$0) } }

  /// Adds findings that are no batch's.
  func add(_ findings: FindingLog) { sums.withLock { $0.findings.merge(findings) } }

  func excess(over budget: ErrorBudget) -> String? { sums.withLock { budget.excess($0) } }

  func add(_ piece: SourceBatch) {
    sums.withLock { sums in
      sums.storedBytes += piece.storedBytes
      for segment in piece.segments {
        for span in segment.spans {
          sums.bytes[Int(span.place.input)] +=
            span.row == nil ? span.range.count : span.place.byteLength
        }
        if !segment.isGathered { sums.bytes[Int(segment.input)] += segment.bytes.count }
        for (input, bytes) in segment.slices?.rowBytes ?? [:] { sums.bytes[Int(input)] += bytes }
        sums.bytes[Int(segment.input)] += segment.passedBytes
        if segment.isCompressed { sums.isCompressed[Int(segment.input)] = true }
      }
    }
  }

  func add(storedBytes: Int) { sums.withLock { $0.storedBytes += storedBytes } }

  func add(_ stage: Stage, nanoseconds: Int64) {
    sums.withLock { $0.stages[stage].nanoseconds += nanoseconds }
  }

  /// Adds the checksums of a batch's rows.
  func addChecksums(_ batch: RowBatch) {
    var (sessions, messages) = (RowChecksum(), RowChecksum())
    sessions.add(batch.sessions)
    messages.add(batch.messages)
    sums.withLock { sums in
      sums.sessionChecksum += sessions
      sums.messageChecksum += messages
    }
  }

  /// Counts rows as merged that batches without a target's answer count as inserted.
  func countRepeated(sessions: [Int32: Int], messages: [Int32: Int]) {
    sums.withLock { sums in
      for (input, count) in sessions {
        sums.tallies[Int(input)].sessions.inserted -= count
        sums.tallies[Int(input)].sessions.merged += count
      }
      for (input, count) in messages {
        sums.tallies[Int(input)].messages.inserted -= count
        sums.tallies[Int(input)].messages.merged += count
      }
    }
  }

  /// Adds a batch and what the target made of it; nil for one without rows.
  func add(_ batch: RowBatch, _ receipt: BatchReceipt?) {
    sums.withLock { sums in
      for (input, tally) in batch.tallies {
        sums.tallies[Int(input)] += tally
        sums.records += tally.sessions.read + tally.messages.read
      }
      sums.findings.merge(batch.findings)
      sums.stages += batch.clock.totals
      sums.rejectLines += batch.rejects.count
      sums.facts.add(batch)
      for reject in batch.rejects { sums.clusters.add(reject) }
      guard let receipt else { return }
      sums.batches.total += 1
      sums.batches.retries += receipt.retries
      switch receipt.path {
      case .copied: sums.batches.committed += 1
      case .merged:
        sums.batches.committed += 1
        sums.batches.merged += 1
      case .alreadyCommitted: sums.batches.alreadyCommitted += 1
      }
      sums.addRefused(batch, receipt)
      receipt.sessions.count(batch.sessions.rows, refused: Set(receipt.refusedSessions.keys)) {
        input, outcome, rows in
        sums.tallies[Int(input)].sessions[keyPath: outcome] += rows
      }
      receipt.messages.count(batch.messages.rows, refused: Set(receipt.refusedMessages.keys)) {
        input, outcome, rows in
        sums.tallies[Int(input)].messages[keyPath: outcome] += rows
      }
      sums.sessionRows += receipt.sessions.rowsWritten(batch.sessions.rows)
      sums.messageRows += receipt.messages.rowsWritten(batch.messages.rows)
      if case .resolved(_, _, _, let joined) = receipt.sessions {
        sums.note(joined, batch)
        sums.findings.note(receipt.copies, of: batch, joined: joined)
      }
    }
  }
}

extension RunTotals.Sums {
  /// Counts what the server refused; a tool's result that is part of a refused row is refused with it.
  fileprivate mutating func addRefused(_ batch: RowBatch, _ receipt: BatchReceipt) {
    for index in receipt.refusedSessions.keys where batch.sessions.rows[index].isCounted {
      tallies[Int(batch.sessions.rows[index].place.input)].sessions.rejected += 1
    }
    for index in receipt.refusedMessages.keys {
      let row = batch.messages.rows[index]
      tallies[Int(row.place.input)].messages.rejected += (row.isCounted ? 1 : 0) + row.folded
      tallies[Int(row.place.input)].messages.merged -= row.folded
    }
  }

  fileprivate mutating func note(_ joined: [RowId: RowId], _ batch: RowBatch) {
    guard !joined.isEmpty else { return }
    for row in batch.sessions.rows {
      guard row.isCounted, let target = joined[row.id] else { continue }
      findings.note(
        .sessionJoined, at: row.place, field: "continuation_id",
        "the target has this conversation as session \(target.text); its rows join it")
    }
  }
}

extension RowOutcome {
  /// Rows that were inserted or updated.
  func rowsWritten(_ rows: [EncodedRow]) -> Int {
    switch self {
    case .allInserted: rows.count
    case .allUnchanged: 0
    case .resolved(let inserted, let updated, _, _): inserted.count + updated.count
    }
  }
}
