internal import ObjectStore

/// Where rows of `files` and objects are not in step.
public struct StoredFileProblem: Sendable, Encodable {
  /// What is wrong.
  public enum Kind: String, Sendable, Encodable, CaseIterable {
    /// A row whose object is not in the store.
    case objectMissing = "no object"
    /// An object that no row names.
    case rowMissing = "no row"
    /// An object of another size than its row says.
    case sizeDiffers = "other size"
    /// An object of another content than its row says.
    case contentDiffers = "other content"
    /// A row whose path no store can have.
    case pathInvalid = "impossible path"
  }

  /// What became of it.
  public enum Repair: String, Sendable, Encodable {
    /// The file was found and its content sent again.
    case uploaded
    /// The object was removed.
    case removed
    /// No file with the content was found.
    case noSource = "no file with its content found"
    /// Removing was not agreed to.
    case declined = "left"
    /// A row names it by now, or it is gone.
    case settled
  }

  /// What is wrong.
  public let kind: Kind
  /// The object's key, which is the row's path.
  public let path: String
  /// The row; nil where there is none.
  public let rowId: String?
  /// What the row says, in bytes.
  public let rowBytes: Int?
  /// What is stored, in bytes.
  public let objectBytes: Int?
  /// SHA-256 the row says, in hexadecimal digits.
  public let sha256: String?
  /// The same, for sending it.
  let digest: ContentDigest?
  /// The media type the row says.
  let mediaType: String?
  /// What was done about it; nil where nothing was to be done.
  public internal(set) var repair: Repair?

  init(_ kind: Kind, row: StoredFileRow?, object: ObjectInfo?) {
    self.kind = kind
    path = row?.path ?? object?.key ?? ""
    rowId = row?.id
    rowBytes = row?.byteCount
    objectBytes = object?.size
    digest = row?.digest
    sha256 = digest?.description
    mediaType = row?.mediaType
  }

  /// Whether row and object are in step now.
  public var isSettled: Bool {
    switch repair {
    case .uploaded, .removed, .settled: true
    case .noSource, .declined, nil: false
    }
  }

  private enum CodingKeys: String, CodingKey {
    case kind, path, rowId, rowBytes, objectBytes, sha256, repair
  }
}
