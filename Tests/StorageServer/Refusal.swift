internal import Foundation

/// A refusal of the REST routes: HTTP status 400 for nearly everything, the true status in the body.
///
/// The table is that of the server's `src/http/error-handler.ts` and `src/internal/errors`.
struct Refusal: Error, Equatable {
  /// HTTP status.
  var httpStatus = 400
  let statusCode: Int
  let error: String
  let code: String
  let message: String

  var response: ServerResponse {
    ServerResponse(
      httpStatus,
      json: [
        "statusCode": "\(statusCode)", "error": error, "code": code, "message": message,
      ])
  }

  /// What resumable uploads answer: the true status and plain text.
  var plainResponse: ServerResponse { ServerResponse(statusCode, text: message) }

  static let objectExists = Refusal(
    statusCode: 409, error: "Duplicate", code: "KeyAlreadyExists",
    message: "The resource already exists")
  static let bucketExists = Refusal(
    statusCode: 409, error: "Duplicate", code: "BucketAlreadyExists",
    message: "The resource already exists")
  static let tooLarge = Refusal(
    statusCode: 413, error: "Payload too large", code: "EntityTooLarge",
    message: "The object exceeded the maximum allowed size")
  static let noBucket = Refusal(
    statusCode: 404, error: "Bucket not found", code: "NoSuchBucket", message: "Bucket not found")
  static let noObject = Refusal(
    statusCode: 404, error: "not_found", code: "NoSuchKey", message: "Object not found")
  static func denied(_ message: String) -> Refusal {
    Refusal(statusCode: 403, error: "Unauthorized", code: "AccessDenied", message: message)
  }
  static func mediaType(_ type: String) -> Refusal {
    Refusal(
      statusCode: 415, error: "invalid_mime_type", code: "InvalidMimeType",
      message: "mime type \(type) is not supported")
  }
  static func key(_ key: String) -> Refusal {
    Refusal(
      statusCode: 400, error: "InvalidKey", code: "InvalidKey", message: "Invalid key: \(key)")
  }
  static let bucketName = Refusal(
    statusCode: 400, error: "Invalid Input", code: "InvalidBucketName",
    message: "Bucket name invalid")
  static func invalid(_ message: String) -> Refusal {
    Refusal(statusCode: 400, error: "InvalidRequest", code: "InvalidRequest", message: message)
  }
  static let locked = Refusal(
    statusCode: 423, error: "ResourceLocked", code: "ResourceLocked",
    message: "The resource is locked")
  static let lockTimeout = Refusal(
    statusCode: 503, error: "acquiring_lock_timeout", code: "LockTimeout",
    message: "acquiring lock timeout")
  static let readOnly = Refusal(
    statusCode: 503, error: "DatabaseReadOnly", code: "DatabaseReadOnly",
    message: "The database is in read-only mode")
  static let slowDown = Refusal(
    httpStatus: 429, statusCode: 429, error: "too_many_connections", code: "SlowDown",
    message: "Too many connections issued to the database")
  static let databaseTimeout = Refusal(
    httpStatus: 544, statusCode: 544, error: "DatabaseTimeout", code: "DatabaseTimeout",
    message: "The connection to the database timed out")
  static func route(_ request: ServerRequest) -> Refusal {
    Refusal(
      httpStatus: 404, statusCode: 404, error: "Not Found", code: "InvalidRequest",
      message: "Route \(request.method):\(request.path) not found")
  }
  /// Fastify's own, with the true status.
  static func schema(_ message: String) -> Refusal {
    Refusal(
      httpStatus: 400, statusCode: 400, error: "Error", code: "InvalidRequest", message: message)
  }
}
