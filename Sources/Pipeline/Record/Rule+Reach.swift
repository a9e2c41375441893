extension Rule {
  /// What has to be seen before a rule can say anything, which decides how severe a pipeline may make it.
  enum Reach {
    /// Something there can be no row of.
    case impossible
    /// One message.
    case message
    /// One record of the source: a session, or a line of the chat history.
    case record
    /// A session with all its messages.
    case session
    /// Everything the run reads, or the target.
    case run
    /// Characters, of which `transform.text` decides.
    case text
  }

  var reach: Reach {
    switch self {
    case .jsonSyntax, .jsonTruncated, .jsonDepth, .recordShape, .recordTooLarge, .textRefused,
      .roleMissing, .roleUnknown, .contentMissing, .timeInvalid, .timeRange, .keyTooLong,
      .sessionRejected, .rowRefused, .inputUnreadable, .rejectDamaged, .rejectKept,
      .fileTooLarge, .fileChanged, .fileUnreadable, .fileRefused, .fileUnnamed, .fileOutside,
      .manifestUnmatched, .payloadUnreadable, .fileAbsent, .statementUnread, .tableCase:
      .impossible
    case .roleMapped, .timeMissing, .timeNaive, .timeTie, .timeBackward, .timeFuture,
      .timeZoneShift, .toolResultOrphan, .toolCallUnanswered, .valueRange, .fieldDropped,
      .turnUserTwice, .turnAssistantFirst, .contentEmpty, .contentTwoWriters, .contentTruncated,
      .contentHistory, .contentHistoryStripped, .tokensOutlier, .costOutlier, .costWithoutTokens,
      .valueNegative,
      .valuePlaceholder, .fileMissing, .secretFound, .secretRedacted, .contentMerged,
      .jsonBackslashes, .payloadDiffers, .embeddingDropped, .embeddingUnreadable,
      .contentCodepage, .timeZoneChange:
      .message
    case .jsonDuplicateKey, .jsonControlCharacter, .jsonNumber: .record
    case .sessionEmpty, .turnImbalance, .titleMissing, .parentSelf, .conversationMissing,
      .sessionUsers:
      .session
    case .sessionJoined, .inputEmpty, .idRepeated, .idCollision, .contentRepeated, .parentMissing,
      .parentCycle, .targetUnasked, .fileSessionMissing, .fileObjectMissing, .fileNotRegular,
      .fileUnlinked, .fileExcluded, .tableSkipped, .statementSkipped, .fileRecordDiffers,
      .uploadUnmatched, .hashInvalid, .cacheUnlisted, .sessionOtherSource, .copyLeftOut,
      .timeBetween, .fileDiffers:
      .run
    case .textReplaced, .textMarked: .text
    }
  }

  /// Why a pipeline cannot give the rule a severity; nil where it can.
  func reasonAgainst(_ severity: RuleSeverity) -> String? {
    switch (reach, severity) {
    case (.impossible, .error), (.message, _), (.record, _), (.session, _): nil
    case (.impossible, _): "must be error: there can be no row of what breaks this rule"
    case (.run, .error):
      "must not be error: only the whole run or the target tells, and the record is loaded by then"
    case (.text, .error): "must not be error: transform.text: reject rejects such records"
    case (.run, _), (.text, _): nil
    }
  }

  /// The severities a pipeline can give it, in words.
  var allowedSeverities: String {
    RuleSeverity.allCases.filter { reasonAgainst($0) == nil }.map(\.rawValue)
      .joined(separator: ", ")
  }
}
