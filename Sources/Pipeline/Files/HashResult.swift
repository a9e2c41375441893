public import Archive

/// One thing to hash or to tell of; tasks come in the order of the output.
struct HashTask: Sendable {
  enum Action: Sendable {
    /// A regular file found in a directory: no link is followed.
    case readFound
    /// A path given outright: links are followed, and a FIFO is waited for.
    case readNamed
    case readStandardInput
    /// Nothing to read.
    case settled(HashResult.Outcome)
  }

  let path: RawPath
  let action: Action
  /// What a list of checksums says.
  var expected: ExpectedContent?
}

/// What a list of checksums says of a file.
public struct ExpectedContent: Sendable, Hashable {
  let digest: FileDigest
  /// Of a file of more than 8 MiB, if the list has them.
  var chunks: [FileDigest] = []
  /// Bytes in the chunks together.
  var chunkedBytes = 0
}

/// What became of one path.
public struct HashResult: Sendable {
  /// The end it came to.
  public enum Outcome: Sendable {
    /// Read to its end, or known from an earlier run.
    case hashed(HashedContent)
    /// Its size or one of its times changed while it was read, so the digest is of no state of it.
    case changed
    /// It could not be read; `ENOENT` if it is not there (any more).
    case unreadable(FileError)
    /// Passed over for what it is.
    case skipped(SkipReason)
    /// A line of a list of checksums that is none, by its number from 1; the path is the list's.
    case malformedLine(Int)
  }

  /// The path, as its argument and the names below it give it.
  public let path: RawPath
  /// What became of it.
  public let outcome: Outcome
  /// What a list of checksums says it should be.
  public let expected: ExpectedContent?
}

/// The content of a file, by its digest.
public struct HashedContent: Sendable {
  /// SHA-256 of all of it.
  public let digest: FileDigest
  /// Its size.
  public let byteCount: Int
  /// SHA-256 of each 8 MiB of it, if wanted and there are more than 8 MiB.
  public let chunks: [FileDigest]
  /// Whether the digest comes from an earlier run.
  public let isCached: Bool
  /// ``ObjectStore/ContentSum`` of all of it; nil where it was not wanted, and from an earlier run.
  var sum: UInt64?
  /// The file in the state that was hashed; nil for what is no file at rest.
  var state: FileState?
}

/// Why something in a directory is not read.
public enum SkipReason: String, Sendable, Hashable, CaseIterable {
  /// Where it leads may lie outside of the tree, or in it and so be read anyway.
  case link = "symbolic link"
  /// Reading it would wait, and take what is meant for another reader.
  case fifo = "FIFO"
  /// It has no bytes at rest.
  case socket = "socket"
  /// It has no bytes at rest.
  case device = "device"
  /// The rules of the scan leave it out.
  case excluded = "excluded name"
}
