internal import Archive
internal import Synchronization

/// Tasks as a worker takes them, and where its results belong.
struct HashBatch: Sendable {
  /// Number of the first task among all.
  let first: Int
  let tasks: ArraySlice<HashTask>
}

/// Deals out tasks, and hands on their results in the order of the tasks.
///
/// Workers may be no more than `windowBatches` ahead of the results handed on, so what waits for its turn
/// is bounded: 64 batches of 256 tasks and 64 KiB of paths, or 20 MiB.
final class HashQueue<Source: HashSource & ~Copyable>: Sendable {
  private static var windowBatches: Int { 64 }
  private static var batchTasks: Int { 256 }
  private static var batchPathBytes: Int { 65_536 }

  private struct State: ~Copyable {
    var source: Source
    var isExhausted = false
    var nextNumber = 0
    /// What a worker gave back because it is at something long; the least number is the most urgent.
    var returned: [HashBatch] = []
    /// Batches dealt out and not ended.
    var underWay = 0
    /// Batches dealt out and not handed on.
    var undelivered = 0
    var hasFailed = false
  }

  private struct Order {
    var nextNumber = 0
    var waiting: [Int: [HashResult]] = [:]
  }

  private let state: Monitor<State>
  private let order = Mutex(Order())
  private let deliver: @Sendable ([HashResult]) throws(RunError) -> Void

  /// `deliver` gets the results in order, never two at once.
  init(
    _ source: consuming Source,
    deliver: @escaping @Sendable ([HashResult]) throws(RunError) -> Void
  ) {
    state = Monitor(State(source: source))
    self.deliver = deliver
  }

  /// Waits for a batch; nil when none will come any more.
  func next() throws(RunError) -> HashBatch? {
    let answer: Result<HashBatch?, RunError> = state.wait { state in
      if state.hasFailed { return .success(nil) }
      let isEnded = state.isExhausted && state.returned.isEmpty
      // As long as others work, they may give something back.
      if isEnded { return state.underWay == 0 ? .success(nil) : nil }
      guard state.undelivered < Self.windowBatches else { return nil }
      do throws(RunError) {
        let batch = try Self.take(&state)
        if batch == nil && state.underWay > 0 { return nil }
        return .success(batch)
      } catch {
        state.hasFailed = true
        return .failure(error)
      }
    }
    return try answer.get()
  }

  private static func take(_ state: inout State) throws(RunError) -> HashBatch? {
    let batch: HashBatch
    if let urgent = state.returned.indices.min(by: {
      state.returned[$0].first < state.returned[$1].first
    }) {
      batch = state.returned.remove(at: urgent)
    } else {
      var tasks: [HashTask] = []
      var pathBytes = 0
      while tasks.count < batchTasks && pathBytes < batchPathBytes {
        guard let task = try state.source.next() else {
          state.isExhausted = true
          break
        }
        pathBytes += task.path.bytes.count
        tasks.append(task)
      }
      guard !tasks.isEmpty else { return nil }
      batch = HashBatch(first: state.nextNumber, tasks: tasks[...])
      state.nextNumber += tasks.count
    }
    state.underWay += 1
    state.undelivered += 1
    return batch
  }

  /// Leaves the rest of a batch to others.
  func giveBack(_ rest: HashBatch) {
    guard !rest.tasks.isEmpty else { return }
    state.update { $0.returned.append(rest) }
  }

  /// Whether one of so many workers has nothing to do, and nothing is left to be dealt out.
  func hasIdle(of workers: Int) -> Bool {
    state.update { $0.isExhausted && $0.returned.isEmpty && $0.underWay < workers }
  }

  /// Ends a batch, of which the rest may have been given back.
  func end(_ first: Int, _ results: [HashResult]) throws(RunError) {
    let outcome: Result<Int, RunError> = order.withLock { order in
      order.waiting[first] = results
      var count = 0
      while let next = order.waiting.removeValue(forKey: order.nextNumber) {
        do throws(RunError) { try deliver(next) } catch { return .failure(error) }
        order.nextNumber += next.count
        count += 1
      }
      return .success(count)
    }
    state.update { state in
      state.underWay -= 1
      switch outcome {
      case .success(let count): state.undelivered -= count
      case .failure: state.hasFailed = true
      }
    }
    _ = try outcome.get()
  }

  /// Ends the dealing out, as after a failure or a signal.
  func stop() {
    state.update { $0.hasFailed = true }
  }
}
