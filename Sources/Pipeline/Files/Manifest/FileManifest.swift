internal import Archive

/// What a file beside the uploads says of them, entry by entry.
///
/// Which of the known forms an entry has, its own fields tell: a manifest of ours, a file registry, a file
/// cache, a download cache, an upload to a provider, a reference to a file. It is held whole, at most
/// ``limitBytes``.
struct FileManifest {
  static let limitBytes = 256 << 20

  /// Which file an entry is about.
  enum Subject: Sendable, Equatable {
    /// A path relative to a root, as written.
    case below([UInt8])
    /// Paths of then, in any spelling; the first that leads to a file counts.
    case written([[UInt8]])
    /// Whatever has this content.
    case content(FileDigest)
    /// A file that was uploaded under this name.
    case uploaded(name: String)
  }

  struct Entry {
    var subject: Subject
    /// What messages call it.
    var shown: String
    var continuationId: String?
    /// What the file is called; nil where nothing but its path tells.
    var name: String?
    /// Whether the name on disk is made up.
    var isNameless = false
    /// When it came into being, as far as that is written down.
    var time: Timestamp?
    var tags: [String] = []
    /// Members of a JSON object, without its braces.
    var metadata: [UInt8] = []
    /// What of it goes to lists in `metadata`: JSON values.
    var lists: [FileList: [[UInt8]]] = [:]
    /// What was recorded of its content.
    var recorded = RecordedContent()
    var uploads: [ProviderUpload] = []
    var place: Place
    /// Where it is in the manifest's bytes.
    var source: Range<Int>
  }

  /// Something that says nothing of a file, or does so badly.
  struct Problem {
    let rule: Rule
    var field: String?
    let message: String
    let place: Place
    let source: Range<Int>
  }

  let path: String
  /// UTF-8; of a database, its rows as JSON lines.
  let bytes: [UInt8]
  /// Size on disk.
  let storedBytes: Int
  /// Whether it is a download cache, whose files lie beside it.
  let isDownloadCache: Bool
  let entries: [Entry]
  /// What becomes a reject.
  let problems: [Problem]
  /// What is only told.
  let remarks: [Problem]

  /// Reads a manifest.
  ///
  /// - Parameters:
  ///   - path: a database of SQLite; CSV where its name ends so; else JSON or lines of it.
  ///   - input: its index among the inputs.
  ///   - zones: of times without one.
  ///   - scratchDirectory: takes a copy of a database that has a journal.
  /// - Throws: ``RunError`` when it cannot be read, or has none of the known forms.
  init(
    path: String, input: Int32, zones: ZoneTable<ManifestForm>, scratchDirectory: String = "/tmp"
  ) throws(RunError) {
    self.path = path
    var storedBytes = 0
    var rows: DatabaseRows?
    var text: [UInt8] = []
    if try DatabaseRows.isDatabase(path) {
      rows = try DatabaseRows(path: path, scratchDirectory: scratchDirectory)
      storedBytes = rows?.storedBytes ?? 0
    } else {
      (text, storedBytes) = try Self.text(of: path)
    }
    bytes = rows?.lines ?? text
    self.storedBytes = storedBytes
    isDownloadCache = rows?.tables.contains(DatabaseRows.cacheTable) ?? false
    var reader = try ManifestReader(bytes, path: path, input: input, zones: zones)
    if let rows {
      reader.read(rows)
    } else if path.lowercased().hasSuffix(".csv") {
      try reader.readRows()
    } else {
      try reader.readJSON()
    }
    (entries, problems, remarks) = (reader.entries, reader.problems, reader.remarks)
  }

  /// The bytes of an entry or a problem, as they stand there.
  func source(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

  private static func text(of path: String) throws(RunError) -> ([UInt8], Int) {
    var text: [UInt8] = []
    do throws(StreamError) {
      var stream = try ByteStream(path: path)
      while text.count <= limitBytes {
        guard try stream.read(into: &text, upTo: 1 << 20) > 0 else {
          return (text, stream.compressedBytesRead)
        }
      }
    } catch {
      throw RunError(.fileAccess, error.description)
    }
    throw RunError(.fileAccess, "\(path): larger than \(limitBytes >> 20) MiB")
  }
}

/// What was recorded of a file's content when it was taken in.
struct RecordedContent: Sendable, Hashable {
  var size: Int?
  var md5: [UInt8]?
  var sha256: FileDigest?

  var isEmpty: Bool { size == nil && md5 == nil && sha256 == nil }
}

/// Members of a row's `metadata` that are lists, which runs only add to.
enum FileList: String, CaseIterable, Sendable {
  /// Messages that name it.
  case messages
  /// Providers that were given it.
  case providerUploads = "provider_uploads"
  /// What a file registry has of it.
  case registry
  /// What a download cache has of it.
  case downloadCache = "download_cache"
  /// What was recorded of its content where that is other than what was found.
  case recorded
}
