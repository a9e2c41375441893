public import Foundation

/// What a client asked, without its body.
public struct ServerRequest: Sendable {
  /// Method, in capitals.
  public let method: String
  /// Path below the Storage API, percent-encoded as it came: `/object/B/a%20b`.
  public let path: String
  /// Query without its question mark.
  public let query: String
  /// Headers by names in lower case.
  public let headers: [String: String]

  /// Segments of the path, decoded.
  var segments: [String] {
    path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      $0.removingPercentEncoding ?? String($0)
    }
  }

  /// Values of the query, decoded.
  var parameters: [String: String] {
    let items = URLComponents(string: "?\(query)")?.queryItems ?? []
    return items.reduce(into: [:]) { $0[$1.name] = $1.value ?? "" }
  }
}

/// What the server answers.
public struct ServerResponse: Sendable {
  /// HTTP status.
  public var status: Int
  /// Headers beside `Content-Length` and `Connection`.
  public var headers: [String: String]
  /// Body; a HEAD gets its length only.
  public var body: Data
  /// Whether the connection ends behind it.
  public var isLast = false

  /// Makes an answer.
  public init(_ status: Int, headers: [String: String] = [:], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Makes an answer of JSON.
  public init(_ status: Int = 200, json: Any) {
    // Only what JSON can hold is ever given.
    let body = try? JSONSerialization.data(
      withJSONObject: json, options: [.sortedKeys, .fragmentsAllowed])
    self.init(
      status, headers: ["Content-Type": "application/json; charset=utf-8"], body: body ?? Data())
  }

  /// Makes an answer of plain text.
  public init(_ status: Int, text: String) {
    self.init(
      status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Data(text.utf8))
  }

  /// The bytes of the answer.
  func encoded(to method: String) -> Data {
    var text = "HTTP/1.1 \(status) \(status == 200 ? "OK" : "Answer")\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
    // 204 has no body, so no length either (RFC 9110, 8.6); HEAD may have one of its own.
    if status != 204 && headers["Content-Length"] == nil {
      text += "Content-Length: \(body.count)\r\n"
    }
    text += "Connection: \(isLast ? "close" : "keep-alive")\r\n\r\n"
    return Data(text.utf8) + (method == "HEAD" ? Data() : body)
  }
}
