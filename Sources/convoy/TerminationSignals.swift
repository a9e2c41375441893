internal import Dispatch
internal import Glibc
internal import Pipeline

/// Turns SIGINT and SIGTERM into a request to stop between batches; a second one ends the process.
struct TerminationSignals {
  /// A batch that is not through by then is cancelled, so that stopping takes less than a second.
  private static let patience = DispatchTimeInterval.milliseconds(600)

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
        queue.asyncAfter(deadline: .now() + Self.patience) { stop.cancelStatements() }
      }
      source.resume()
      return source
    }
  }

  /// Gives the signals back their default action.
  func end() {
    for source in sources { source.cancel() }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
}
