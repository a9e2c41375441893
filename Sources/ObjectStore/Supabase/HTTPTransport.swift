internal import Dispatch
internal import Synchronization

/// Sends requests over kept-alive connections; follows no redirect and keeps no cookie or cache.
///
/// A redirect would carry the keys to wherever it points, so it is an answer like any other.
final class HTTPTransport: Sendable {
  private struct State {
    var idle: [HTTPConnection] = []
    var count = 0
    var waiting: [CheckedContinuation<HTTPConnection?, Never>] = []
  }

  private let state = Mutex(State())
  private let connectionLimit: Int
  private let silenceSeconds: Double

  /// - Parameters:
  ///   - connectionLimit: connections at a time; more requests wait.
  ///   - silenceSeconds: how long neither side may say anything before the exchange fails.
  init(connectionLimit: Int, silenceSeconds: Double) {
    self.connectionLimit = connectionLimit
    self.silenceSeconds = silenceSeconds
  }

  /// Sends a request once and waits for the answer.
  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    guard let connection = await take() else { throw .broken }
    defer { giveBack(connection) }
    let cancellation = Cancellation()
    let silence = silenceSeconds
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        connection.queue.async {
          continuation.resume(
            returning: connection.exchange(
              request, silenceSeconds: silence, cancellation: cancellation))
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// A connection for one exchange; nil when there is no memory for one.
  private func take() async -> HTTPConnection? {
    enum Turn { case take(HTTPConnection), make, wait }
    func turn() -> Turn {
      state.withLock { state in
        if let connection = state.idle.popLast() { return .take(connection) }
        guard state.count < connectionLimit else { return .wait }
        state.count += 1
        return .make
      }
    }
    switch turn() {
    case .take(let connection): return connection
    case .make:
      guard let connection = HTTPConnection() else {
        state.withLock { $0.count -= 1 }
        return nil
      }
      return connection
    case .wait:
      return await withCheckedContinuation { continuation in
        let free: HTTPConnection? = state.withLock { state in
          guard state.idle.isEmpty else { return state.idle.removeLast() }
          state.waiting.append(continuation)
          return nil
        }
        if let free { continuation.resume(returning: free) }
      }
    }
  }

  private func giveBack(_ connection: HTTPConnection) {
    let next: CheckedContinuation<HTTPConnection?, Never>? = state.withLock { state in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.idle.append(connection)
      return nil
    }
    next?.resume(returning: connection)
  }
}

/// Ends an exchange within a second from another thread.
final class Cancellation: Sendable {
  private let cancelled = Atomic(false)

  func cancel() { cancelled.store(true, ordering: .relaxed) }

  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
}
