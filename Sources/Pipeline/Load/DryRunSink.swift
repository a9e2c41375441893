internal import Postgres

/// Judges batches by the target without keeping anything.
///
/// A batch of good rows that are all new, as most are, is judged on the worker's own connection, beside
/// other workers' batches; for all others, and for targets whose tables have more than keys and checks, there
/// is one judge that has seen every row of the run.
struct DryRunSink: BatchSink, ~Copyable {
  private let judge: DryRunJudge
  /// Nil where rows cannot be judged by themselves.
  private var probe: RowProbe?

  init(_ judge: DryRunJudge, _ probe: consuming RowProbe?) {
    self.judge = judge
    self.probe = probe
  }

  mutating func accept(_ batch: RowBatch, key: [UInt8]) throws -> BatchReceipt {
    guard try probe?.finds(newAndGood: batch) == true, try judge.register(batch) else {
      return try judge.judge(batch)
    }
    return BatchReceipt(path: .copied, sessions: .allInserted, messages: .allInserted)
  }
}
