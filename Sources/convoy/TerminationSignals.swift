internal import Dispatch
internal import Glibc
internal import Pipeline

/// Turns SIGINT and SIGTERM into a request to stop between batches; a second one ends the process.
struct TerminationSignals {
  /// A batch that is not through by then is cancelled, so that stopping takes less than a second.
  private static let patience = DispatchTimeInterval.milliseconds(600)

  private static let again = DispatchTimeInterval.milliseconds(200)

  private let sources: [any DispatchSourceSignal]

  init(_ stop: StopSignal) {
    let queue = DispatchQueue(label: "convoy.signals")
    sources = [SIGINT, SIGTERM].map { number -> any DispatchSourceSignal in
      // The source sees a signal only where the default action does not end the process first.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        stop.request(number)
        signal(number, SIG_DFL)
        queue.asyncAfter(deadline: .now() + Self.patience) { Self.cancel(stop, on: queue) }
      }
      source.resume()
      return source
    }
  }

  /// Cancels what the workers are at, again and again: a statement that begins behind a request, as of a
  /// worker that had to wait for a pooler, never hears of it.
  private static func cancel(_ stop: StopSignal, on queue: DispatchQueue) {
    stop.cancelStatements()
    queue.asyncAfter(deadline: .now() + again) { cancel(stop, on: queue) }
  }

  /// Gives the signals back their default action.
  func end() {
    for source in sources { source.cancel() }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
}
