internal import Archive

/// What the files that one message names lead to.
struct MentionedFiles {
  /// A file to attach, by the words of the message.
  struct Found {
    let text: [UInt8]
    /// Nil where the text is the file itself.
    let file: ContainedFile?
  }

  private(set) var found: [Found] = []
  /// Values of the message that lead to nothing, as they are on its tape.
  private(set) var missing: [JSONValue] = []
  /// Ids by which rows of a table of files are cited.
  private(set) var cited: [[UInt8]] = []
  private(set) var counts = MentionCounts()

  var isEmpty: Bool { counts.total == 0 && cited.isEmpty }

  /// Adds files that are cited by the ids of rows, and how many ids no row has.
  mutating func cite(_ ids: [[UInt8]], missing: Int) {
    cited += ids
    for _ in 0..<missing { counts.count(.missing) }
  }

  mutating func add(_ text: [UInt8], _ value: JSONValue, _ outcome: MentionOutcome) {
    counts.count(outcome)
    if outcome.isMissing { missing.append(value) }
    switch outcome {
    case .file(let file): found.append(Found(text: text, file: file))
    case .data: found.append(Found(text: text, file: nil))
    case .missing, .ambiguous, .outside, .unreadable, .web, .noFile: break
    }
  }
}

/// How many mentions of files led where; a file counts as often as it is named.
public struct MentionCounts: Sendable, Hashable, Encodable {
  /// Files below a root.
  public internal(set) var files = 0
  /// Files in the message itself, as `data:` URLs.
  public internal(set) var data = 0
  /// Paths where nothing is, and ids that no row of a file has.
  public internal(set) var missing = 0
  /// Paths that fit several names, none of them to the letter.
  public internal(set) var ambiguous = 0
  /// Paths that lead out of the roots, which were not followed.
  public internal(set) var outside = 0
  /// Files and directories that cannot be looked at.
  public internal(set) var unreadable = 0
  /// Directories, FIFOs, sockets and devices.
  public internal(set) var noFiles = 0
  /// Addresses on the web.
  public internal(set) var addresses = 0

  /// Files that were meant and that are not to be had below the roots.
  var gone: Int { missing + ambiguous + unreadable }

  var total: Int {
    files + data + missing + ambiguous + outside + unreadable + noFiles + addresses
  }

  mutating func count(_ outcome: MentionOutcome) {
    switch outcome {
    case .file: files += 1
    case .data: data += 1
    case .missing: missing += 1
    case .ambiguous: ambiguous += 1
    case .outside: outside += 1
    case .unreadable: unreadable += 1
    case .noFile: noFiles += 1
    case .web: addresses += 1
    }
  }

  static func += (left: inout MentionCounts, right: MentionCounts) {
    left.files += right.files
    left.data += right.data
    left.missing += right.missing
    left.ambiguous += right.ambiguous
    left.outside += right.outside
    left.unreadable += right.unreadable
    left.noFiles += right.noFiles
    left.addresses += right.addresses
  }
}
