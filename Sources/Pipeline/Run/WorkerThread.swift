internal import Dispatch

/// A thread for one worker's blocking calls, so that they never hold a thread of the shared pool.
final class WorkerThread: TaskExecutor {
  private let queue: DispatchQueue

  init(number: Int) { queue = DispatchQueue(label: "convoy.worker.\(number)") }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
