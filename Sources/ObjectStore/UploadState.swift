/// Where a resumable upload is: what a later run needs to go on instead of starting over.
///
/// Holds no key. A state of another server, bucket, key or content is not used; one whose upload the server
/// has forgotten is dropped.
public struct UploadState: Sendable, Hashable, Codable {
  /// Address of the upload.
  public let url: String
  /// Bytes the server had acknowledged; it is asked again before anything is sent.
  public let offset: Int
  /// The bucket, with the server's address.
  public let place: String
  /// The object's key.
  public let key: String
  /// The file the upload is of.
  public let file: FileIdentity
  /// SHA-256 of its content, in hexadecimal digits.
  public let sha256: String
  /// Whether the upload replaces what is there.
  public let replaces: Bool

  init(url: String, offset: Int, of upload: ObjectUpload, place: String) {
    self.url = url
    self.offset = offset
    self.place = place
    key = upload.key.text
    file = upload.identity
    sha256 = upload.digest.description
    replaces = upload.replaces
  }

  /// Whether an upload can go on from here.
  func belongs(to upload: ObjectUpload, place: String) -> Bool {
    self == UploadState(url: url, offset: offset, of: upload, place: place)
  }
}

/// Carries the state of an upload from a run that broke off to the next.
public struct UploadResumption: Sendable {
  let state: UploadState?
  let keep: @Sendable (UploadState?) -> Void

  /// Gives back a state, and takes those to come.
  ///
  /// - Parameters:
  ///   - state: what was kept last; nil starts over.
  ///   - keep: called before the first byte is sent and after each chunk, with nil once there is nothing left
  ///     to resume. Only the last call counts.
  public init(_ state: UploadState? = nil, keep: @escaping @Sendable (UploadState?) -> Void) {
    self.state = state
    self.keep = keep
  }

  /// Starts over, and keeps nothing.
  public static let none = UploadResumption { _ in }
}
