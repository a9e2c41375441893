/// One worker's stage times: no lock and no allocation, so it may run around every record.
public struct StageClock: Sendable {
  /// What was added so far; merge it into the run's totals when the worker ends.
  public private(set) var totals = StageTotals()

  /// Makes a clock that has measured nothing.
  public init() {}

  /// Adds time measured elsewhere.
  public mutating func add(_ stage: Stage, nanoseconds: Int64) {
    totals[stage].nanoseconds += nanoseconds
  }

  /// Adds records that reached a stage.
  public mutating func count(_ stage: Stage, records: Int) {
    totals[stage].records += records
  }

  /// Runs `body` and adds the time it took, also when it throws.
  public mutating func measure<Result: ~Copyable, Failure: Error>(
    _ stage: Stage, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { add(stage, nanoseconds: Self.nanoseconds(since: start)) }
    return try body()
  }

  /// Nanoseconds since `start`, for work that cannot be put into a closure.
  public static func nanoseconds(since start: ContinuousClock.Instant) -> Int64 {
    (ContinuousClock.now - start).nanoseconds
  }
}

extension Duration {
  /// The whole of it in nanoseconds.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
