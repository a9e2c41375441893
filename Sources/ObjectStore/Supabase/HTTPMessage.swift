internal import Foundation

/// One HTTP request that can be sent again as it is.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable { case GET, HEAD, POST, PUT, PATCH, DELETE }

  /// What is sent behind the headers; its length becomes `Content-Length`.
  enum Body: Sendable {
    case none
    case bytes(Data)
    /// Read anew each time it is sent, piece by piece.
    case file(SourceFile, Range<Int>)
  }

  let method: Method
  let url: URL
  var headers: [String: String] = [:]
  var body = Body.none
  /// Longest response body taken into memory; a longer one fails the exchange.
  var responseLimitBytes = 4 << 20
}

/// What a server answered, whatever its status.
struct HTTPResponse: Sendable {
  let status: Int
  let body: Data
  /// By names in small letters.
  private let fields: [String: String]

  init(status: Int, headers: [String: String], body: Data) {
    self.status = status
    self.body = body
    fields = headers
  }

  /// A header's value, whatever the case of its name.
  func header(_ name: String) -> String? { fields[name.lowercased()] }

  /// A header's value as a whole number of bytes or seconds.
  func number(_ name: String) -> Int? { header(name).flatMap(wholeNumber) }
}

/// Reads decimal digits; `Int` takes a sign too, which no header of numbers may have.
func wholeNumber(_ text: some StringProtocol) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}

/// Why an exchange has no answer.
enum HTTPFailure: Error, Sendable, Hashable {
  /// The task was cancelled.
  case cancelled
  /// No connection, or it broke; whether the server acted is unknown.
  case broken
  /// The server's certificate or TLS is not to be trusted.
  case untrusted
  /// The answer is longer than the request allows.
  case tooLong
  /// The file to be sent could not be read.
  case source(ObjectStoreError)
}
