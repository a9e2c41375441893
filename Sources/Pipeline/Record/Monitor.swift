internal import Foundation

/// State that threads change and wait on each other to change.
///
/// Blocks the thread, so it is for threads that belong to the waiting work. `condition` is the lock that
/// guards `state`, which is why the class may call itself Sendable.
final class Monitor<State: ~Copyable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var state: State

  init(_ state: consuming State) { self.state = state }

  /// Changes the state and wakes all who wait.
  func update<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return try body(&state)
  }

  /// Waits until `body` returns something, and wakes the others, as it may have changed the state.
  ///
  /// Where it returns nil it must have changed nothing.
  func wait<Result>(_ body: (inout State) throws -> Result?) rethrows -> Result {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    while true {
      if let result = try body(&state) { return result }
      condition.wait()
    }
  }
}
