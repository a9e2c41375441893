internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// Sends requests over kept-alive connections; follows no redirect and keeps no cookie or cache.
///
/// A redirect would carry the keys to wherever it points, so it is an answer like any other.
final class HTTPTransport: Sendable {
  private let session: URLSession
  private let exchanges = Exchanges()

  /// - Parameters:
  ///   - connectionLimit: connections to one host at a time; more requests wait.
  ///   - silenceSeconds: how long neither side may say anything before the exchange fails.
  init(connectionLimit: Int, silenceSeconds: Double) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    configuration.httpMaximumConnectionsPerHost = connectionLimit
    configuration.timeoutIntervalForRequest = silenceSeconds
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
  }

  deinit {
    // The session holds its delegate until then.
    session.finishTasksAndInvalidate()
  }

  /// Sends a request once and waits for the answer.
  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    var message = URLRequest(url: request.url)
    message.httpMethod = request.method.rawValue
    for (name, value) in request.headers { message.setValue(value, forHTTPHeaderField: name) }
    let task = try task(for: message, request.body)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchanges.begin(task, limit: request.responseLimitBytes, continuation)
        task.resume()
        // Cancelled before there was an exchange to end.
        if Task.isCancelled { exchanges.cancel(task) }
      }
    } onCancel: {
      exchanges.cancel(task)
    }
    return try result.get()
  }

  /// The session copies a body when it makes a task, so that nobody else has to hold it.
  private func task(
    for message: URLRequest, _ body: HTTPRequest.Body
  ) throws(HTTPFailure) -> URLSessionTask {
    switch body {
    case .none: return session.dataTask(with: message)
    case .bytes(let bytes): return session.uploadTask(with: message, from: bytes)
    case .file(let file, let range):
      do throws(ObjectStoreError) {
        return session.uploadTask(with: message, from: try file.chunk(range))
      } catch {
        throw .source(error)
      }
    }
  }
}

/// The exchanges under way, by the identifiers of their tasks.
private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
  typealias Outcome = Result<HTTPResponse, HTTPFailure>

  private struct Exchange {
    let limit: Int
    let continuation: CheckedContinuation<Outcome, Never>
    var body = Data()
    var isTooLong = false
  }

  private let exchanges = Mutex<[Int: Exchange]>([:])

  func begin(
    _ task: URLSessionTask, limit: Int, _ continuation: CheckedContinuation<Outcome, Never>
  ) {
    exchanges.withLock {
      $0[task.taskIdentifier] = Exchange(limit: limit, continuation: continuation)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = exchanges.withLock { exchanges in
      guard var exchange = exchanges.removeValue(forKey: dataTask.taskIdentifier) else {
        return false
      }
      exchange.isTooLong = exchange.body.count + data.count > exchange.limit
      if !exchange.isTooLong { exchange.body.append(data) }
      exchanges[dataTask.taskIdentifier] = exchange
      return exchange.isTooLong
    }
    if isTooLong { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    end(task, error)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  /// Ends the exchange with what was answered: left to itself, a task without credentials never ends.
  func urlSession(
    _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
    completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
  ) {
    end(task, nil)
    completionHandler(.cancelAuthenticationChallenge, nil)
  }

  /// Ends the exchange at once: a task that is cancelled before it runs never tells its end.
  func cancel(_ task: URLSessionTask) {
    task.cancel()
    end(task, URLError(.cancelled))
  }

  private func end(_ task: URLSessionTask, _ error: (any Error)?) {
    let ended = exchanges.withLock { $0.removeValue(forKey: task.taskIdentifier) }
    guard let ended else { return }
    ended.continuation.resume(returning: outcome(of: ended, task, error))
  }

  private func outcome(
    of exchange: Exchange, _ task: URLSessionTask, _ error: (any Error)?
  ) -> Outcome {
    if exchange.isTooLong { return .failure(.tooLong) }
    let answer = (task.response as? HTTPURLResponse).map {
      HTTPResponse(status: $0.statusCode, headers: $0.allHeaderFields, body: exchange.body)
    }
    guard let error else { return answer.map(Outcome.success) ?? .failure(.broken) }
    // A server that refuses may answer whole and close while the body is still being sent.
    if let answer, answer.status >= 400, answer.number("Content-Length") == answer.body.count {
      return .success(answer)
    }
    return .failure(Self.failure(error))
  }

  private static func failure(_ error: any Error) -> HTTPFailure {
    guard let error = error as? URLError else { return .broken }
    switch error.code {
    case .cancelled: return .cancelled
    case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
      .clientCertificateRequired:
      return .untrusted
    default: return .broken
    }
  }
}
