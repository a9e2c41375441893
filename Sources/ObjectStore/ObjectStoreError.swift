/// A call of an object store failed.
public struct ObjectStoreError: Error, Sendable, Hashable {
  /// What kind of failure it was.
  public enum Reason: Sendable, Hashable {
    /// The key has characters or segments no store takes, or the directory cannot name it.
    case invalidKey
    /// The bucket's name or the address of the server cannot be used.
    case invalidAddress
    /// The server would be sent the key in the clear: `http` to another machine.
    case insecureAddress
    /// Another content is stored under the key.
    case differs(ObjectInfo)
    /// There is no such object.
    case objectMissing
    /// There is no such bucket, and none is to be made.
    case bucketMissing
    /// Everybody can read the bucket.
    case bucketIsPublic
    /// The object is larger than the store takes; its limit where it is known.
    case tooLarge(limitBytes: Int?)
    /// The key is wrong or may not do that.
    case accessDenied
    /// The bucket takes other media types only.
    case mediaTypeRefused
    /// The server takes the request for wrong.
    case refused
    /// Somebody else holds the object.
    case locked
    /// The server, its database or what is before it is overloaded or failing.
    case busy
    /// The project's database takes no writes: its disk or quota is full.
    case readOnly
    /// The project is paused.
    case paused
    /// No connection, or it broke.
    case unreachable
    /// The server's certificate or TLS is not to be trusted.
    case untrusted
    /// The answer makes no sense: cut short, of another program, or against the protocol.
    case unexpectedAnswer
    /// The server forgot the resumable upload as often as it was begun.
    case uploadExpired
    /// The stored bytes are not those that were stored.
    case damaged
    /// The file is not the one that was hashed.
    case sourceChanged
    /// Reading the file or the store's directory failed, with `errno`.
    case file(errno: Int32)
    /// The task was cancelled.
    case cancelled
  }

  /// What kind of failure it was.
  public let reason: Reason
  /// The key or, for a file, its path; nil where the whole store is meant.
  public let key: String?
  /// The store; holds no secret.
  public let place: String
  /// What the server called it: its `code`, else the HTTP status; nil without an answer.
  public let serverCode: String?
  /// How long the server wants not to be asked again.
  var retryAfterSeconds: Double?

  init(
    _ reason: Reason, key: String?, place: String, serverCode: String? = nil,
    retryAfterSeconds: Double? = nil
  ) {
    self.reason = reason
    self.key = key
    self.place = place
    self.serverCode = serverCode
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// A file that a caller could not give to the store.
  ///
  /// - Parameters:
  ///   - reason: what is wrong with it.
  ///   - path: the file.
  public init(_ reason: Reason, file path: String) { self.init(reason, key: path, place: "") }

  /// Whether the same call may succeed later; the store has tried several times by itself.
  public var isRetryable: Bool { reason.retry != .never }

  /// Whether every other call will fail the same way until somebody acts.
  public var stopsRun: Bool {
    switch reason {
    case .readOnly, .paused: true
    default: false
    }
  }
}

extension ObjectStoreError.Reason {
  /// How often a failure is worth another try.
  enum Retry: Sendable { case never, once, backOff }

  var retry: Retry {
    switch self {
    case .locked, .busy, .unreachable: .backOff
    // A request cut short on its way reads as a wrong one; an answer, as nonsense.
    case .refused, .unexpectedAnswer: .once
    case .invalidKey, .invalidAddress, .insecureAddress, .differs, .objectMissing, .bucketMissing,
      .bucketIsPublic, .tooLarge, .accessDenied, .mediaTypeRefused, .readOnly, .paused, .untrusted,
      .uploadExpired, .damaged, .sourceChanged, .file, .cancelled:
      .never
    }
  }
}
