internal import Archive

/// Somebody's wish to have a file stored: a path below a root, a line of a manifest or a turn that names it.
struct FileClaim: Sendable {
  /// Which session it belongs to.
  enum Link: Sendable, Hashable {
    case none
    /// The session the target has under this continuation id.
    case continuation(String)
    /// A session that is in the target.
    case session(RowId)
  }

  /// Index into ``FileClaims/files``.
  var file: Int
  /// Its name for people, without directories.
  var name: String
  /// The path as whoever wishes it writes it.
  var path: String
  var link: Link
  /// Another name for its session, under which an earlier run may have looked for it in vain.
  var formerName: String?
  var tags: [String] = []
  /// Members of a JSON object, without its braces; empty for none.
  var metadata: [UInt8] = []
  /// JSON of rows about it in tables of an earlier schema.
  var rows: [[UInt8]] = []
  /// The kind of content, where somebody says so; else the content does.
  var mediaType: String?
  /// Messages that name it so.
  var messages: [RowId] = []
  /// What of it goes to lists in `metadata`: JSON values.
  var lists: [FileList: [[UInt8]]] = [:]
  /// What was recorded of its content.
  var recorded = RecordedContent()
  /// Providers that were given it, as far as somebody says so of this file.
  var providerUploads: [ProviderUpload] = []
  /// When it came into being; nil where only the file itself tells.
  var time: Timestamp?
  /// Whether its name is made up, and any other one is better.
  var isNameless = false
  /// Whose input counts it.
  var place: Place
}

/// What is to be stored: files, each read once, and who wants them.
///
/// Takes about 300 bytes of memory for each file, and the paths.
struct FileClaims: Sendable {
  /// A file that is there and that the store has room for.
  struct File: Sendable {
    let path: RawPath
    let size: Int
    /// All of it, where that is in memory and the path only its name.
    var bytes: [UInt8]?

    /// The path for people.
    var text: String { path.text }
  }

  private(set) var files: [File] = []
  private(set) var claims: [FileClaim] = []

  var byteCount: Int { files.reduce(0) { $0 + $1.size } }

  /// Adds a file.
  ///
  /// - Returns: its index, for claims.
  mutating func add(_ file: File) -> Int {
    files.append(file)
    return files.count - 1
  }

  mutating func add(_ claim: FileClaim) { claims.append(claim) }

  /// Changes what is known of a claim, by its index.
  mutating func update(_ index: Int, _ body: (inout FileClaim) -> Void) { body(&claims[index]) }
}

/// Files of one content that belong to one session, or to none: one object and one row.
struct FileGroup: Sendable {
  let session: RowId?
  let digest: FileDigest
  let size: Int
  /// Indexes of claims, in their order.
  var claims: [Int]

  /// The row's id, a function of session and content.
  var id: RowId {
    let key = "file\u{1F}\(session?.text ?? "")\u{1F}\(digest.hexadecimal)"
    return RowId.make(scheme: .v8, milliseconds: 0, key: Array(key.utf8))
  }

  /// Where an object of it goes that has not been stored before.
  func storagePath(name: String) -> String {
    "\(session?.text ?? "unlinked")/\(digest.hexadecimal)\(Self.ending(of: name))"
  }

  /// The ending of a name as a key can have it: `.tar.gz`, `.jpg`; empty where there is none of that kind.
  static func ending(of name: String) -> String {
    let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last, isEnding(last),
      !parts[0].isEmpty || parts.count > 2
    else { return "" }
    let isPackedArchive = parts.count > 2 && parts[parts.count - 2] == "tar"
    return isPackedArchive ? ".tar.\(last)" : ".\(last)"
  }

  private static func isEnding(_ text: Substring) -> Bool {
    (1...16).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || "+-_".utf8.contains($0)
      }
  }
}

extension HashedContent {
  /// When the file was last written, in nanoseconds since 1970; nil for what is no file at rest.
  var modificationTimeNanoseconds: Int64? { state?.modificationTimeNanoseconds }
}

extension HashResult {
  /// The path for people.
  var pathText: String { path.text }
}
