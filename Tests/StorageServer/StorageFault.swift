public import Foundation

/// Something that goes wrong with some requests.
public struct StorageFault: Sendable {
  /// What goes wrong.
  public enum Effect: Sendable {
    /// The connection breaks once this many bytes of the body have been read, before any answer.
    case dropRequest(afterBodyBytes: Int)
    /// What was asked is done, and the connection breaks after so many bytes of the answer.
    case dropResponse(afterBytes: Int)
    /// This is answered instead, after the whole body was read.
    case answer(ServerResponse)
    /// This is answered instead, before the body is read, and the connection ends.
    case answerEarly(ServerResponse)
    /// The resumable upload that is asked for is forgotten first.
    case expireUpload
    /// What was asked is done, but the answer names another place.
    case location(String)
    /// Somebody else's object of the same key is stored first: here with these bytes.
    case competingObject(Data)
    /// The request waits at a gate before anything of its body is read.
    case hold(StorageGate)
    /// What was asked is done, and the answer waits at a gate.
    case holdResponse(StorageGate)
  }

  /// Which method; nil for any.
  public let method: String?
  /// What the path begins with, below the Storage API.
  public let path: String
  /// Requests of the kind that go well first.
  public let after: Int
  /// Requests of the kind that go wrong then.
  public let times: Int
  /// What goes wrong.
  public let effect: Effect

  /// Says what goes wrong with which requests.
  ///
  /// - Parameters:
  ///   - method: which method; nil for any.
  ///   - path: what the path begins with.
  ///   - after: how many of them go well first.
  ///   - times: how many then go wrong.
  ///   - effect: what goes wrong.
  public init(
    _ method: String? = nil, _ path: String = "/", after: Int = 0, times: Int = 1, _ effect: Effect
  ) {
    self.method = method
    self.path = path
    self.after = after
    self.times = times
    self.effect = effect
  }
}

extension StorageFault.Effect {
  /// The database has no connection left.
  ///
  /// - Parameter retryAfter: value of `Retry-After`; nil sends none.
  /// - Returns: the effect.
  public static func slowDown(retryAfter: String? = nil) -> Self {
    var response = Refusal.slowDown.response
    response.headers["Retry-After"] = retryAfter
    return .answer(response)
  }
  /// The database does not answer in time.
  public static let databaseTimeout = answer(Refusal.databaseTimeout.response)
  /// Status 423 in the body, 400 in the head.
  public static let locked = answer(Refusal.locked.response)
  /// Status 503 in the body, 400 in the head.
  public static let lockTimeout = answer(Refusal.lockTimeout.response)
  /// The database takes no writes.
  public static let readOnly = answer(Refusal.readOnly.response)
  /// The gateway answers for a project that is paused.
  public static let paused = answer(ServerResponse(540, text: "Project paused"))
  /// The gateway answers with a page of its own.
  ///
  /// - Parameter status: its HTTP status.
  /// - Returns: the effect.
  public static func html(_ status: Int) -> Self {
    answer(
      ServerResponse(
        status, headers: ["Content-Type": "text/html"],
        body: Data("<html><h1>\(status)</h1>The resource already exists</html>".utf8)))
  }
  /// An answer of the right length whose JSON ends early.
  public static let truncatedJSON = answer(
    ServerResponse(
      200, headers: ["Content-Type": "application/json"], body: Data(#"{"Id":"5","Ke"#.utf8)))
  /// A resumable upload's 409 for an offset that is not the server's.
  public static let offsetConflict = answer(ServerResponse(409, text: "Upload-Offset conflict"))
}
