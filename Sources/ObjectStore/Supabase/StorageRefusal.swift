internal import Foundation

/// What a server said instead of doing what it was asked.
///
/// On the REST routes the HTTP status is 400 for nearly everything; the true status and a code are in the
/// body (`src/http/error-handler.ts`). Resumable uploads answer with the true status and plain text, gateways
/// with anything. So the body's `code` decides, else its `statusCode`, else the HTTP status; never a message.
struct StorageRefusal: Sendable {
  /// The body's code, if it has one.
  let code: String?
  /// The true status, as far as it can be known.
  let status: Int
  let retryAfterSeconds: Double?

  init(_ response: HTTPResponse) {
    // Whatever is no such JSON is no answer of Storage: then the HTTP status counts.
    let body = try? JSONDecoder().decode(Body.self, from: response.body)
    code = body?.code
    status = body?.statusCode.flatMap { wholeNumber($0) } ?? response.status
    retryAfterSeconds = Self.retryAfterSeconds(response)
  }

  /// What of the store a 404 is about.
  enum Subject { case bucket, object }

  /// The failure, in the words of ``ObjectStoreError``.
  func reason(_ subject: Subject) -> ObjectStoreError.Reason {
    switch code {
    case "EntityTooLarge": .tooLarge(limitBytes: nil)
    case "NoSuchBucket": .bucketMissing
    case "NoSuchKey": .objectMissing
    case "AccessDenied", "InvalidJWT", "SignatureDoesNotMatch": .accessDenied
    case "InvalidMimeType": .mediaTypeRefused
    case "InvalidKey": .invalidKey
    case "InvalidBucketName": .invalidAddress
    case "InvalidRequest" where ![404, 409, 413].contains(status): .refused
    case "ResourceLocked": .locked
    case "DatabaseReadOnly": .readOnly
    case "LockTimeout", "SlowDown", "DatabaseTimeout": .busy
    default: reasonByStatus(subject)
    }
  }

  /// Whether something is there already under the name.
  var isDuplicate: Bool {
    switch code {
    case "KeyAlreadyExists", "ResourceAlreadyExists", "BucketAlreadyExists": true
    case nil: status == 409
    default: status == 409 && code == "Duplicate"
    }
  }

  private func reasonByStatus(_ subject: Subject) -> ObjectStoreError.Reason {
    switch status {
    case 401, 403: .accessDenied
    case 404, 410: subject == .bucket ? .bucketMissing : .objectMissing
    case 413: .tooLarge(limitBytes: nil)
    case 415: .mediaTypeRefused
    case 423: .locked
    case 540: .paused
    case 408, 425, 429: .busy
    case 400..<500: .refused
    case 500...: .busy
    default: .unexpectedAnswer
    }
  }

  /// Makes the error of this refusal.
  func error(_ subject: Subject, key: String?, place: String) -> ObjectStoreError {
    ObjectStoreError(
      reason(subject), key: key, place: place, serverCode: shownCode,
      retryAfterSeconds: retryAfterSeconds)
  }

  /// A code is the server's choice: only one that looks like a code is shown.
  private var shownCode: String {
    guard let code, code.utf8.count <= 64,
      code.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 0x5F })
    else { return "status \(status)" }
    return "\(code), status \(status)"
  }

  private struct Body: Decodable {
    let code: String?
    let statusCode: String?

    enum CodingKeys: String, CodingKey { case code, statusCode }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      // Either may be of another type in a gateway's answer, which then says nothing of use.
      code = try? fields.decode(String.self, forKey: .code)
      let number = try? fields.decode(Int.self, forKey: .statusCode)
      statusCode =
        try? number.map { "\($0)" } ?? fields.decode(String.self, forKey: .statusCode)
    }
  }

  /// Seconds, or a date (RFC 9110, 10.2.3), which is taken relative to the server's own clock.
  private static func retryAfterSeconds(_ response: HTTPResponse) -> Double? {
    if let seconds = response.number("Retry-After") { return Double(seconds) }
    guard let until = response.header("Retry-After").flatMap(date),
      let now = response.header("Date").flatMap(date)
    else { return nil }
    return max(0, until.timeIntervalSince(now))
  }

  private static func date(_ text: String) -> Date? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text)
  }
}
