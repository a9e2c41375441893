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
  case rowRefused = "row.refused"
  case sessionRejected = "session.rejected"
  case inputEmpty = "input.empty"
  case inputUnreadable = "input.unreadable"
  case rejectDamaged = "reject.damaged"
  case rejectKept = "reject.kept"
  case targetUnasked = "target.not-asked"
  case turnUserTwice = "turn.user-twice"
  case turnAssistantFirst = "turn.assistant-first"
  case turnImbalance = "turn.imbalance"
  case timeFuture = "time.future"
  case timeZoneShift = "time.zone-shift"
  case idRepeated = "id.repeated"
  case idCollision = "id.collision"
  case contentEmpty = "content.empty"
  case contentTwoWriters = "content.two-writers"
  case contentRepeated = "content.repeated"
  case contentTruncated = "content.truncated"
  case contentHistory = "content.history"
  case contentHistoryStripped = "content.history-stripped"
  case parentMissing = "parent.missing"
  case parentSelf = "parent.self"
  case parentCycle = "parent.cycle"
  case tokensOutlier = "tokens.outlier"
  case costOutlier = "cost.outlier"
  case costWithoutTokens = "cost.without-tokens"
  case valueNegative = "value.negative"
  case valuePlaceholder = "value.placeholder"
  case fileMissing = "file.missing"
  case fileTooLarge = "file.too-large"
  case fileChanged = "file.changed"
  case fileUnreadable = "file.unreadable"
  case fileRefused = "file.refused"
  case fileUnnamed = "file.unnamed"
  case fileOutside = "file.outside"
  case manifestUnmatched = "manifest.unmatched"
  case fileSessionMissing = "file.session-missing"
  case fileObjectMissing = "file.object-missing"
  case fileNotRegular = "file.not-regular"
  case fileUnlinked = "file.unlinked"
  case fileExcluded = "file.excluded"
  case secretFound = "secret.found"
  case secretRedacted = "secret.redacted"
  case titleMissing = "title.missing"
  case jsonBackslashes = "json.backslashes"
  case contentMerged = "content.merged"
  case conversationMissing = "conversation.missing"
  case tableSkipped = "table.skipped"
  case statementSkipped = "statement.skipped"
  case fileRecordDiffers = "file.record-differs"
  case uploadUnmatched = "upload.unmatched"
  case hashInvalid = "hash.invalid"
  case cacheUnlisted = "cache.unlisted"
  case sessionOtherSource = "session.other-source"
  case copyLeftOut = "copy.left-out"
  case timeBetween = "time.between"
  case payloadUnreadable = "payload.unreadable"
  case payloadDiffers = "payload.differs"
  case fileAbsent = "file.absent"
  case fileDiffers = "file.differs"
  case sessionUsers = "session.users"
  case embeddingDropped = "embedding.dropped"
  case embeddingUnreadable = "embedding.unreadable"
  case contentCodepage = "content.codepage"
  case timeZoneChange = "time.zone-change"
  case statementUnread = "statement.unread"
  case tableCase = "table.case"

  /// A number of its own below `allCases.count`, for arrays of one entry a rule.
  ///
  /// Written out, because a lookup by raw value would hash a string for every finding; a rule that
  /// is added takes the next number.
  public var index: Int {
    switch self {
    case .jsonSyntax: 0
    case .jsonTruncated: 1
    case .jsonDepth: 2
    case .jsonDuplicateKey: 3
    case .jsonNumber: 4
    case .recordShape: 5
    case .recordTooLarge: 6
    case .textRefused: 7
    case .textReplaced: 8
    case .textMarked: 9
    case .roleMissing: 10
    case .roleUnknown: 11
    case .roleMapped: 12
    case .contentMissing: 13
    case .timeMissing: 14
    case .timeInvalid: 15
    case .timeNaive: 16
    case .timeRange: 17
    case .timeTie: 18
    case .timeBackward: 19
    case .toolResultOrphan: 20
    case .toolCallUnanswered: 21
    case .valueRange: 22
    case .keyTooLong: 23
    case .sessionEmpty: 24
    case .sessionRejected: 25
    case .inputEmpty: 26
    case .inputUnreadable: 27
    case .jsonControlCharacter: 28
    case .fieldDropped: 29
    case .sessionJoined: 30
    case .rowRefused: 31
    case .rejectDamaged: 32
    case .rejectKept: 33
    case .turnUserTwice: 34
    case .turnAssistantFirst: 35
    case .turnImbalance: 36
    case .timeFuture: 37
    case .timeZoneShift: 38
    case .idRepeated: 39
    case .idCollision: 40
    case .contentEmpty: 41
    case .contentTwoWriters: 42
    case .contentRepeated: 43
    case .contentTruncated: 44
    case .contentHistory: 45
    case .parentMissing: 46
    case .parentSelf: 47
    case .parentCycle: 48
    case .tokensOutlier: 49
    case .costOutlier: 50
    case .costWithoutTokens: 51
    case .valueNegative: 52
    case .valuePlaceholder: 53
    case .fileMissing: 54
    case .secretFound: 55
    case .secretRedacted: 56
    case .titleMissing: 57
    case .targetUnasked: 58
    case .fileTooLarge: 59
    case .fileChanged: 60
    case .fileUnreadable: 61
    case .fileRefused: 62
    case .fileUnnamed: 63
    case .fileOutside: 64
    case .manifestUnmatched: 65
    case .fileSessionMissing: 66
    case .fileObjectMissing: 67
    case .fileNotRegular: 68
    case .fileUnlinked: 69
    case .fileExcluded: 70
    case .jsonBackslashes: 71
    case .contentMerged: 72
    case .conversationMissing: 73
    case .tableSkipped: 74
    case .statementSkipped: 75
    case .contentHistoryStripped: 76
    case .fileRecordDiffers: 77
    case .uploadUnmatched: 78
    case .hashInvalid: 79
    case .cacheUnlisted: 80
    case .sessionOtherSource: 81
    case .copyLeftOut: 82
    case .timeBetween: 83
    case .payloadUnreadable: 84
    case .payloadDiffers: 85
    case .fileAbsent: 86
    case .fileDiffers: 87
    case .sessionUsers: 88
    case .embeddingDropped: 89
    case .embeddingUnreadable: 90
    case .contentCodepage: 91
    case .timeZoneChange: 92
    case .statementUnread: 93
    case .tableCase: 94
    }
  }

  /// How bad breaking the rule is, unless a pipeline says otherwise.
  public var severity: Severity {
    switch self {
    case .jsonSyntax, .jsonTruncated, .jsonDepth, .recordShape, .recordTooLarge, .textRefused,
      .roleMissing, .roleUnknown, .contentMissing, .timeInvalid, .timeRange, .keyTooLong,
      .sessionRejected, .rowRefused, .inputUnreadable, .rejectDamaged, .rejectKept,
      .fileTooLarge, .fileChanged, .fileUnreadable, .fileRefused, .fileUnnamed, .fileOutside,
      .manifestUnmatched, .payloadUnreadable, .fileAbsent, .statementUnread, .tableCase:
      .error
    case .jsonDuplicateKey, .jsonControlCharacter, .jsonNumber, .textReplaced, .textMarked,
      .timeBackward, .valueRange,
      .toolResultOrphan, .toolCallUnanswered, .targetUnasked,
      .timeFuture, .timeZoneShift, .idCollision, .contentTwoWriters, .contentTruncated,
      .parentSelf, .parentCycle, .tokensOutlier, .costOutlier, .valueNegative, .valuePlaceholder,
      .fileMissing, .fileSessionMissing, .fileObjectMissing, .fileNotRegular, .secretFound,
      .tableSkipped, .fileRecordDiffers, .uploadUnmatched, .hashInvalid, .cacheUnlisted,
      .copyLeftOut, .payloadDiffers, .fileDiffers, .sessionUsers, .embeddingUnreadable,
      .contentCodepage, .timeZoneChange:
      .warning
    case .roleMapped, .timeMissing, .timeNaive, .timeTie, .fieldDropped, .sessionEmpty,
      .sessionJoined, .inputEmpty,
      .turnUserTwice, .turnAssistantFirst, .turnImbalance, .idRepeated, .contentEmpty,
      .contentRepeated, .contentHistory, .contentHistoryStripped, .parentMissing,
      .costWithoutTokens, .secretRedacted,
      .titleMissing, .fileUnlinked, .fileExcluded, .jsonBackslashes, .contentMerged,
      .conversationMissing, .statementSkipped, .sessionOtherSource, .timeBetween,
      .embeddingDropped:
      .info
    }
  }
}
