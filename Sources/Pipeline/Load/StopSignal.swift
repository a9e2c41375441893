internal import Foundation
internal import Postgres
internal import Synchronization

/// A request to stop, seen by workers between batches.
///
/// Safe from any thread; the lock guards the signal and the cancel handles of statements under way.
public final class StopSignal: Sendable {
  private struct State {
    var signal: Int32?
    var cancellers: [StatementCanceller] = []
  }

  private let state = Mutex(State())

  /// Makes a signal nobody has given.
  public init() {}

  /// The signal's number once it was given.
  public var received: Int32? { state.withLock(\.signal) }

  /// Gives the signal; workers end after the batch they carry.
  public func request(_ signal: Int32) { state.withLock { $0.signal = signal } }

  /// Cancels the statements of all workers, for batches that take too long to wait for.
  public func cancelStatements() {
    for canceller in state.withLock(\.cancellers) { canceller.cancel() }
  }

  /// Lets some time pass, less if the signal comes.
  func wait(seconds: Double) {
    var left = seconds
    while left > 0, received == nil {
      Thread.sleep(forTimeInterval: min(left, 0.1))
      left -= 0.1
    }
  }

  func add(_ canceller: StatementCanceller) {
    state.withLock { $0.cancellers.append(canceller) }
  }

  /// - Throws: ``RunError`` of kind `interrupted` once the signal was given.
  func check() throws(RunError) {
    guard let signal = received else { return }
    throw RunError(
      .interrupted(signal), "interrupted; what is committed stays",
      hint: "the same command goes on where this one stopped")
  }
}
