internal import Synchronization

/// Jobs that several workers take one after the other; the lock guards the list.
final class JobQueue<Job: Sendable>: Sendable {
  private let jobs: Mutex<ArraySlice<Job>>

  init(_ jobs: [Job]) { self.jobs = Mutex(jobs[...]) }

  /// The next one; nil when there is none left.
  func next() -> Job? { jobs.withLock { $0.popFirst() } }
}

/// A value that several workers add to.
final class Guarded<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  /// A copy as of one moment.
  var current: Value { value.withLock { $0 } }

  /// Changes the value while nobody else can.
  func update<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { value in
      body(&value)
    }
  }
}
