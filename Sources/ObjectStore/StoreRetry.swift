/// How often a failed request is tried again, and how long to wait before.
public struct StoreRetry: Sendable {
  /// Tries in all, of one request or of one chunk.
  public var attemptLimit = 8
  /// First wait; each further one is twice as long, up to ``longestSeconds``.
  public var firstSeconds = 0.5
  /// Longest wait that the server did not ask for.
  public var longestSeconds = 30.0
  /// Longest wait that a server may ask for.
  public var longestAskedSeconds = 120.0
  /// Part of the wait that is waited, from 0 to 1, so that those that failed together come back one by one.
  public var jitter: @Sendable () -> Double = { .random(in: 0.5...1) }
  /// Waits for some seconds; throws only when the task is cancelled.
  public var sleep: @Sendable (Double) async throws -> Void = {
    try await Task.sleep(for: .seconds($0))
  }

  /// Eight tries over a minute or two.
  public init() {}

  /// Seconds before try number `attempt` + 1.
  func delay(after attempt: Int, asked: Double?) -> Double {
    let doubled = min(firstSeconds * Double(1 << min(attempt - 1, 20)), longestSeconds)
    // What the server asks for is the least; the random part comes on top.
    if let asked { return min(asked, longestAskedSeconds) + firstSeconds * jitter() }
    return doubled * jitter()
  }

  /// Waits after a failure, of which `attempt` have been; throws it if another try cannot help.
  func wait(after failure: ObjectStoreError, attempt: Int) async throws(ObjectStoreError) {
    let limit =
      switch failure.reason.retry {
      case .never: 1
      case .once: min(2, attemptLimit)
      case .backOff: attemptLimit
      }
    guard attempt < limit else { throw failure }
    do {
      try await sleep(delay(after: attempt, asked: failure.retryAfterSeconds))
    } catch {
      // Only cancellation ends a wait early.
      throw ObjectStoreError(.cancelled, key: failure.key, place: failure.place)
    }
  }

  /// Calls until it succeeds or another try cannot help.
  func run<Success>(
    _ call: () async throws(ObjectStoreError) -> Success
  ) async throws(ObjectStoreError) -> Success {
    var attempt = 1
    while true {
      do throws(ObjectStoreError) {
        return try await call()
      } catch {
        try await wait(after: error, attempt: attempt)
        attempt += 1
      }
    }
  }
}
