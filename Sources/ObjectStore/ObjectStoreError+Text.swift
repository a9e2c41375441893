internal import Glibc

extension ObjectStoreError: CustomStringConvertible {
  /// The key or path, what is wrong, and the store; one line without a secret.
  public var description: String {
    var text = key.map { "\($0): \(problem)" } ?? problem
    if let serverCode { text += " (\(serverCode))" }
    return place.isEmpty ? text : "\(text), in \(place)"
  }

  private var problem: String {
    switch reason {
    case .invalidKey: "cannot be a key"
    case .invalidAddress: "neither a bucket's name nor a server's address"
    case .insecureAddress: "http would send the key in the clear; use https"
    case .differs(let stored): "another content is stored, of \(stored.size) bytes"
    case .objectMissing: "is not there"
    case .bucketMissing: "there is no such bucket"
    case .bucketIsPublic: "everybody can read the bucket"
    case .tooLarge(let limit):
      limit.map { "is larger than \($0) bytes" } ?? "is larger than the store takes"
    case .accessDenied: "access denied"
    case .mediaTypeRefused: "the bucket does not take its media type"
    case .refused: "the server refused the request"
    case .locked: "somebody else holds it"
    case .busy: "the server is overloaded or failing"
    case .readOnly: "the project's database is read-only"
    case .paused: "the project is paused"
    case .unreachable: "the server cannot be reached"
    case .untrusted: "the server's certificate is not trusted"
    case .unexpectedAnswer: "the server's answer makes no sense"
    case .uploadExpired: "the server forgets the upload before it ends"
    case .damaged: "the stored bytes are damaged"
    case .sourceChanged: "changed since it was hashed"
    case .file(let errno): Self.words(for: errno)
    case .cancelled: "cancelled"
    }
  }

  private static func words(for errno: Int32) -> String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}
