internal import Foundation

/// Sends requests to one bucket's server with its secret, and makes errors of refusals.
struct StorageClient: Sendable {
  let address: StorageAddress
  let retry: StoreRetry
  private let transport: HTTPTransport
  private let secret: StorageKey
  private let secretHeaders: StorageKey.Headers

  init(_ settings: SupabaseSettings) throws(ObjectStoreError) {
    address = try StorageAddress(settings)
    retry = settings.retry
    transport = HTTPTransport(
      connectionLimit: settings.connectionLimit, silenceSeconds: settings.silenceSeconds)
    secret = settings.key
    secretHeaders = settings.keyHeaders
  }

  /// Sends a request once.
  /// - Returns: the answer, whatever its status.
  /// - Throws: ``ObjectStoreError`` if there is none.
  func send(_ request: HTTPRequest, key: String?) async throws(ObjectStoreError) -> HTTPResponse {
    var request = request
    request.headers.merge(secret.fields(secretHeaders)) { _, own in own }
    // Secret keys are refused with the name of a browser. Compressing on the way would hide lengths.
    request.headers["User-Agent"] = "convoy"
    request.headers["Accept-Encoding"] = "identity"
    do throws(HTTPFailure) {
      return try await transport.send(request)
    } catch {
      throw failure(error, key: key)
    }
  }

  /// Sends a request once, and takes everything but success for an error.
  func succeed(
    _ request: HTTPRequest, _ subject: StorageRefusal.Subject, key: String?
  ) async throws(ObjectStoreError) -> HTTPResponse {
    let response = try await send(request, key: key)
    guard (200..<300).contains(response.status) else {
      throw StorageRefusal(response).error(subject, key: key, place: address.place)
    }
    return response
  }

  /// Sends a body, if any, and reads JSON, trying again as the policy says.
  func call<Answer: Decodable>(
    _ method: HTTPRequest.Method, _ url: URL, json: Data? = nil,
    _ subject: StorageRefusal.Subject, key: String? = nil
  ) async throws(ObjectStoreError) -> Answer {
    var request = HTTPRequest(method: method, url: url)
    // A listing of 1000 keys of 1024 bytes each, escaped.
    request.responseLimitBytes = 16 << 20
    if let json {
      request.headers["Content-Type"] = "application/json"
      request.body = .bytes(json)
    }
    return try await retry.run { () async throws(ObjectStoreError) in
      try decoded(try await succeed(request, subject, key: key), key: key)
    }
  }

  /// Reads the JSON of an answer; one that is cut short or something else is `unexpectedAnswer`.
  func decoded<Answer: Decodable>(
    _ response: HTTPResponse, key: String?
  ) throws(ObjectStoreError) -> Answer {
    do {
      return try JSONDecoder().decode(Answer.self, from: response.body)
    } catch {
      throw unexpected(response, key: key)
    }
  }

  /// An answer that is not one to the request that was sent.
  func unexpected(_ response: HTTPResponse, key: String?) -> ObjectStoreError {
    ObjectStoreError(
      .unexpectedAnswer, key: key, place: address.place, serverCode: "status \(response.status)")
  }

  /// JSON with its keys in order, so that the same call sends the same bytes.
  func encoded(_ value: some Encodable) throws(ObjectStoreError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(value)
    } catch {
      throw ObjectStoreError(.refused, key: nil, place: address.place)
    }
  }

  private func failure(_ failure: HTTPFailure, key: String?) -> ObjectStoreError {
    switch failure {
    case .cancelled: ObjectStoreError(.cancelled, key: key, place: address.place)
    case .broken: ObjectStoreError(.unreachable, key: key, place: address.place)
    case .untrusted: ObjectStoreError(.untrusted, key: key, place: address.place)
    case .tooLong: ObjectStoreError(.unexpectedAnswer, key: key, place: address.place)
    case .source(let error): error
    }
  }
}
