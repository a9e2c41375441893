/// Section `files`: its presence makes the pipeline one that stores files instead of loading records.
public struct FilesSpec: Sendable, Hashable {
  /// Directories and files to be stored, as written; empty when they are to come from the command line.
  public var roots: [String] = []
  /// Path below a root that names the session, such as `{continuation_id}/**`; nil for none.
  public var link: String?
  /// Files that say more of files below the roots: manifests, registries and caches; empty for none.
  public var manifest: [String] = []
  /// Directories or files below a root by the paths that registries have for them.
  public var map: [String: String] = [:]
  /// Zones of times that manifests have without one.
  public var timeZone = TimeZones<ManifestForm>()
  /// Names that are left out beside those that always are, with `*` and `?`.
  public var exclude: [String] = []

  /// Makes the section as an empty one is read.
  public init() {}
}

/// The forms in which others say something of files.
public enum ManifestForm: String, Sendable, Hashable, CaseIterable, TimeWriter {
  /// An entry of a file registry.
  case registry = "file-registry"
  /// A content of a file cache, and the providers that were given it.
  case fileCache = "file-cache"
  /// A row of a download cache.
  case downloadCache = "download-cache"
  /// The result of an upload.
  case uploads
  /// A reference to a file at a provider.
  case references

  /// Registries noted local time, which of the product's own is that of Melbourne; SQLite and the others UTC.
  public var ownTimeZone: String {
    switch self {
    case .registry: "Australia/Melbourne"
    case .fileCache, .downloadCache, .uploads, .references: "UTC"
    }
  }
}

/// Section `store`: where the bytes of files go.
public struct StoreSpec: Sendable, Hashable {
  /// What keeps them; nil for Supabase Storage where its address is known, else a directory.
  public var kind: StoreKind?
  /// Directory of the objects; nil for one beside the local database.
  public var directory: String?
  /// Address of the project or its Storage; nil leaves it to `SUPABASE_URL`.
  public var url: String?
  /// The bucket, which rows name too.
  public var bucket = "mcp-files"
  /// What becomes of a bucket that everybody can read.
  public var publicBucket = PublicBucketPolicy.refuse
  /// Uploads at a time.
  public var uploads = 4
  /// Shell command that prints the project's secret where no variable holds it.
  public var keyCommand: String?

  /// Makes the section as an empty one is read.
  public init() {}
}

/// What keeps the bytes of files.
public enum StoreKind: String, Sendable, Hashable, CaseIterable {
  /// A directory of this machine.
  case directory
  /// A bucket of Supabase Storage.
  case supabase
}

/// What becomes of a bucket that everybody can read.
public enum PublicBucketPolicy: String, Sendable, Hashable, CaseIterable {
  /// Nothing is stored there.
  case refuse
  /// It is used like any other.
  case allow
}
