internal import Foundation

/// Section `export`: its presence makes the pipeline one that writes archives instead of loading.
public struct ExportSpec: Sendable, Hashable {
  /// Directory of the archives; empty in a pipeline that is no export.
  public var root = ""
  /// The database; nil leaves it to the environment.
  public var target: LoadTarget?
  /// Shell command that prints the password of a target that gives none.
  public var passwordCommand: String?
  /// Tables, with their schema where that is not `public`.
  public var tables = ["exai_sessions", "exai_messages", "files"]
  /// What is kept of the files that rows of `files` name.
  public var files = ExportedFiles.rows
  /// How rows are written.
  public var format = ArchiveFormat.jsonl
  /// Bytes of a table, as stored by the server, that a part covers at most.
  public var partBytes = 64 << 20
  /// Parts read at a time, each by its own connection.
  public var connections = ExportSpec.defaultConnections
  /// zlib's level.
  public var level = 6
  /// Time within which there should be another archive; nil where nobody counts on it.
  public var everySeconds: Int?
  /// For whom parts are encrypted.
  public var encrypt = EncryptSpec()
  /// What is read back before the archive appears.
  public var verify = ArchiveCheck.written
  /// Archives that stay.
  public var keep = RetentionSpec()
  /// Program and arguments that are told of an archive; empty for none.
  public var onSuccess: [String] = []
  /// Program and arguments that are told of a failure or an interruption; empty for none.
  public var onFailure: [String] = []
  /// File that takes figures of the last export; nil for none.
  public var metricsFile: String?

  /// Makes the section as an empty one is read.
  public init() {}

  /// As many as cores this process may use, at most four.
  public static let defaultConnections = min(4, ProcessInfo.processInfo.activeProcessorCount)
}

/// Section `export.encrypt`: parts are encrypted for all of one list; with both empty they are not.
public struct EncryptSpec: Sendable, Hashable {
  /// Public keys, as age takes them.
  public var age: [String] = []
  /// Fingerprints of keys in the keyring of gpg.
  public var gpg: [String] = []

  /// Makes the section as an empty one is read.
  public init() {}
}

/// Section `export.keep`: an archive that any of these keeps stays; with all of them zero all stay.
public struct RetentionSpec: Sendable, Hashable {
  /// The newest archives.
  public var last = 0
  /// The newest archive of each of so many days that have one.
  public var daily = 0
  /// The newest archive of each of so many ISO weeks that have one.
  public var weekly = 0
  /// The newest archive of each of so many months that have one.
  public var monthly = 0
  /// The newest archive of each of so many years that have one.
  public var yearly = 0

  /// Makes the section as an empty one is read.
  public init() {}

  /// Whether nothing is ever removed.
  public var keepsAll: Bool { self == RetentionSpec() }
}

/// How an archive's rows are written.
public enum ArchiveFormat: String, Sendable, Hashable, CaseIterable {
  /// One JSON object a row.
  case jsonl
  /// Rows of COPY's text format, as the server writes them.
  case copy
  /// One JSON object a session, with its messages and files in it.
  case conversations

  /// What a part's name ends in, before `.gz`.
  var suffix: String { self == .copy ? "copy" : "jsonl" }
}

/// What an archive keeps of the files that rows of `files` name.
public enum ExportedFiles: String, Sendable, Hashable, CaseIterable {
  /// The rows.
  case rows
  /// The rows and the objects' bytes, as the pipeline's store has them.
  case objects
}

/// Which parts of a new archive are read back and inflated before it appears.
public enum ArchiveCheck: String, Sendable, Hashable, CaseIterable {
  /// Those written by this run; linked ones have had their SHA-256 compared.
  case written
  /// All.
  case all
  /// None.
  case none
}

/// What a pipeline does; its file decides by the sections it has.
public enum PipelineKind: Sendable, Hashable {
  /// Loads records.
  case load
  /// Writes an archive.
  case export
  /// Stores files.
  case files

  /// What it does, to follow "the pipeline".
  var work: String {
    switch self {
    case .load: "loads records"
    case .export: "is an export"
    case .files: "stores files"
    }
  }
}
