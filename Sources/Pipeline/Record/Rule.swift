/// The closed set of rules; raw values are stable ids, used in reports, rejects and pipelines.
public enum Rule: String, Sendable, Codable, CaseIterable {
  case jsonSyntax = "json.syntax"
  case jsonTruncated = "json.truncated"
  case jsonDepth = "json.depth"
  case jsonDuplicateKey = "json.duplicate-key"
  case jsonControlCharacter = "json.control-character"
  case jsonNumber = "json.number"
  case recordShape = "record.shape"
  case recordTooLarge = "record.too-large"
  case textRefused = "text.refused"
  case textReplaced = "text.replaced"
  case textMarked = "text.marked"
  case roleMissing = "role.missing"
  case roleUnknown = "role.unknown"
  case roleMapped = "role.mapped"
  case contentMissing = "content.missing"
  case timeMissing = "time.missing"
  case timeInvalid = "time.invalid"
  case timeNaive = "time.naive"
  case timeRange = "time.range"
  case timeTie = "time.tie"
  case timeBackward = "time.backward"
  case toolResultOrphan = "tool.result-without-call"
  case toolCallUnanswered = "tool.call-without-result"
  case valueRange = "value.range"
  case fieldDropped = "field.dropped"
  case keyTooLong = "key.too-long"
  case sessionEmpty = "session.empty"
  case sessionJoined = "session.joined"
  case sessionRejected = "session.rejected"
  case inputEmpty = "input.empty"
  case inputUnreadable = "input.unreadable"

  /// Position in `allCases`, for arrays of one entry a rule.
  public var index: Int { Rule.indexes[self, default: 0] }

  private static let indexes = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

  /// How bad breaking the rule is, unless a pipeline says otherwise.
  public var severity: Severity {
    switch self {
    case .jsonSyntax, .jsonTruncated, .jsonDepth, .recordShape, .recordTooLarge, .textRefused,
      .roleMissing, .roleUnknown, .contentMissing, .timeInvalid, .timeRange, .keyTooLong,
      .sessionRejected, .inputUnreadable:
      .error
    case .jsonDuplicateKey, .jsonControlCharacter, .jsonNumber, .textReplaced, .textMarked, .timeBackward, .valueRange,
      .toolResultOrphan, .toolCallUnanswered:
      .warning
    case .roleMapped, .timeMissing, .timeNaive, .timeTie, .fieldDropped, .sessionEmpty, .sessionJoined,
      .inputEmpty:
      .info
    }
  }
}
