internal import ObjectStore

/// What became of the files of a run, beside the counts; of a dry run, what would.
struct FileFigures: Sendable, Hashable {
  /// Where bytes go; empty for a run without files.
  var store = ""
  /// Largest object the store takes; nil where only the disk sets a limit.
  var limitBytes: Int?
  /// Objects sent.
  var sent = 0
  var sentBytes = 0
  /// Objects that the store had already, without a row.
  var present = 0
  var presentBytes = 0
  /// Files whose content is another's of the same session.
  var merged = 0
  var mergedBytes = 0
  /// Names left out, directories among them.
  var excluded = 0
  var tooLarge = 0
  var tooLargeBytes = 0
  /// Lines of the manifest that fit no file.
  var missing = 0
  /// What the files that messages name lead to; all 0 where none are attached.
  var mentions = MentionCounts()
  /// Time from the first upload to the last row.
  var uploadSeconds = 0.0
  /// How long the uploads would take; nil for a run that sends them, and where no rate is known.
  var estimate: Estimate?

  /// How long uploads would take, and what that is reckoned from.
  struct Estimate: Sendable, Hashable {
    /// Uploads of earlier runs, by which the rate was measured; none where it is this run's own of reading.
    var earlierRuns: Int
    var seconds: Double

    /// What the rate is, in words for a person.
    var basisText: String {
      earlierRuns > 0
        ? "at the rate of \(Quantity.counted(earlierRuns, "earlier run")) into this store"
        : "at the rate this dry run reads, which sends nothing: expect uploads to take longer"
    }
  }

  /// Counts an object that is in the store now.
  mutating func note(_ outcome: PutOutcome, _ bytes: Int, hasRow: Bool) {
    switch outcome {
    case .stored:
      sent += 1
      sentBytes += bytes
    case .unchanged where !hasRow:
      present += 1
      presentBytes += bytes
    case .unchanged: break
    }
  }

  /// Figures under the names reports use.
  var rows: [(name: String, count: Int, bytes: Int?)] {
    [
      ("sent", sent, sentBytes), ("present", present, presentBytes),
      ("merged", merged, mergedBytes), ("tooLarge", tooLarge, tooLargeBytes),
      ("missing", missing + mentions.gone, nil), ("excluded", excluded, nil),
      ("outside", mentions.outside, nil),
    ]
  }

  /// `3 objects, 5.6 MB sent; 1 merged; 2 left out`.
  func text(isDryRun: Bool) -> String {
    func counted(_ count: Int, _ bytes: Int) -> String {
      "\(Quantity.counted(count, "object")), \(Quantity.bytes(Double(bytes)))"
    }
    var parts = [counted(sent, sentBytes) + (isDryRun ? " would be sent" : " sent")]
    if present > 0 { parts.append("\(counted(present, presentBytes)) there already") }
    if merged > 0 { parts.append("\(merged) of the same content") }
    if tooLarge > 0 { parts.append("\(tooLarge) too large") }
    if missing + mentions.gone > 0 { parts.append("\(missing + mentions.gone) missing") }
    if mentions.outside > 0 { parts.append("\(mentions.outside) outside of the roots") }
    if excluded > 0 { parts.append("\(excluded) left out for their names") }
    return parts.joined(separator: "; ")
  }
}
