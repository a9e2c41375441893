/// What became of the records of one kind; every record is in exactly one of the six outcomes.
public struct Counts: Sendable, Hashable, Codable {
  /// Records found in the source.
  public var read = 0
  /// Rows the target did not have before.
  public var inserted = 0
  /// Rows the target had, changed by this run.
  public var updated = 0
  /// Rows the target had already, left as they were.
  public var unchanged = 0
  /// Records that became part of another record's row: duplicates, and tool results on their call's row.
  public var merged = 0
  /// Records the pipeline leaves out on purpose, such as those before `since`.
  public var filtered = 0
  /// Records not loaded, kept with their original bytes in rejects.jsonl.
  public var rejected = 0

  /// Makes counts of nothing.
  public init() {}

  /// Whether `read` is the sum of the six outcomes.
  public var isBalanced: Bool {
    read == inserted + updated + unchanged + merged + filtered + rejected
  }

  /// Adds each count of `other`.
  public static func += (left: inout Counts, right: Counts) {
    left.read += right.read
    left.inserted += right.inserted
    left.updated += right.updated
    left.unchanged += right.unchanged
    left.merged += right.merged
    left.filtered += right.filtered
    left.rejected += right.rejected
  }
}

/// Counts of the three kinds of row.
public struct Tally: Sendable, Hashable, Codable {
  /// What became of sessions.
  public var sessions = Counts()
  /// What became of messages.
  public var messages = Counts()
  /// What became of files.
  public var files = Counts()

  /// Makes a tally of nothing.
  public init() {}

  /// Whether all three kinds balance.
  public var isBalanced: Bool {
    sessions.isBalanced && messages.isBalanced && files.isBalanced
  }

  /// Adds each count of `other`.
  public static func += (left: inout Tally, right: Tally) {
    left.sessions += right.sessions
    left.messages += right.messages
    left.files += right.files
  }
}
