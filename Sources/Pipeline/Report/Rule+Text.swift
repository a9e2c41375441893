extension Rule {
  /// What is wrong, in a few words.
  public var title: String {
    switch self {
    case .jsonSyntax: "not valid JSON"
    case .jsonTruncated: "JSON cut short"
    case .jsonDepth: "JSON nested too deep"
    case .jsonDuplicateKey: "key given twice"
    case .jsonControlCharacter: "control character inside a JSON string"
    case .jsonNumber: "number beyond 64 bits"
    case .recordShape: "not the shape of its dialect"
    case .recordTooLarge: "record too large"
    case .textRefused: "text the target cannot hold"
    case .textReplaced: "characters replaced"
    case .textMarked: "characters replaced by marks"
    case .roleMissing: "no role"
    case .roleUnknown: "unknown role"
    case .roleMapped: "role stored under another name"
    case .contentMissing: "no content"
    case .timeMissing: "no time"
    case .timeInvalid: "not a time"
    case .timeNaive: "time without a zone"
    case .timeRange: "impossible time"
    case .timeTie: "same time as the message before"
    case .timeBackward: "earlier than the message before"
    case .toolResultOrphan: "tool result without its call"
    case .toolCallUnanswered: "tool call without a result"
    case .valueRange: "value outside its column's range"
    case .fieldDropped: "field without a column"
    case .keyTooLong: "key too long"
    case .sessionEmpty: "session without messages"
    case .sessionJoined: "session the target has under another id"
    case .sessionRejected: "session of which nothing can be loaded"
    case .rowRefused: "row the target refuses"
    case .inputEmpty: "input without records"
    case .inputUnreadable: "input that cannot be read"
    case .rejectDamaged: "line of rejects that cannot be read"
    case .rejectKept: "reject that cannot be tried again"
    case .targetUnasked: "trigger or key that a dry run cannot ask"
    case .turnUserTwice: "two messages of the user in a row"
    case .turnAssistantFirst: "session that the assistant begins"
    case .turnImbalance: "more messages of one side than of the other"
    case .timeFuture: "time in the future"
    case .timeZoneShift: "time that is whole hours off"
    case .idRepeated: "record that is in the input more than once"
    case .idCollision: "different sessions of one id"
    case .contentEmpty: "nothing but white space"
    case .contentTwoWriters: "answer written twice"
    case .contentRepeated: "same text in several sessions"
    case .contentTruncated: "text that was cut short"
    case .contentHistory: "message that repeats the conversation before it"
    case .contentHistoryStripped: "message stripped of the conversation before it"
    case .parentMissing: "parent that is not in the input"
    case .parentSelf: "session that is its own parent"
    case .parentCycle: "sessions that are each other's parents"
    case .tokensOutlier: "more tokens than likely"
    case .costOutlier: "higher cost than likely"
    case .costWithoutTokens: "cost without tokens"
    case .valueNegative: "negative number of tokens, cost or latency"
    case .valuePlaceholder: "placeholder in place of a value"
    case .fileMissing: "file that is not there"
    case .fileTooLarge: "file larger than the store takes"
    case .fileChanged: "file that changed while it was stored"
    case .fileUnreadable: "file that cannot be read"
    case .fileRefused: "file the store refuses"
    case .fileUnnamed: "file whose name is not UTF-8"
    case .fileOutside: "path that leads out of the roots"
    case .manifestUnmatched: "line of the manifest that fits no file"
    case .fileSessionMissing: "file of a session the target does not have"
    case .fileObjectMissing: "row without its object"
    case .fileNotRegular: "link, FIFO, socket or device"
    case .fileUnlinked: "file of no session"
    case .fileExcluded: "name that is left out"
    case .secretFound: "secret in the text"
    case .secretRedacted: "secret replaced"
    case .titleMissing: "no title, and no message to take one from"
    case .jsonBackslashes: "backslashes an exporter had doubled, single again"
    case .contentMerged: "rows of one answer, made one"
    case .conversationMissing: "messages without the row of their conversation"
    case .tableSkipped: "table of a dump that is not loaded"
    case .statementSkipped: "statement of a dump that brings no rows"
    case .fileRecordDiffers: "file of another size or hash than was recorded"
    case .uploadUnmatched: "upload to a provider of which there is no file"
    case .hashInvalid: "hash that is none"
    case .cacheUnlisted: "file of a download cache that its database does not have"
    case .sessionOtherSource: "conversation that another source has too"
    case .copyLeftOut: "message that says more than the one kept for it"
    case .timeBetween: "time moved between those of another source"
    case .payloadUnreadable: "payload that cannot be unpacked"
    case .payloadDiffers: "payload that is not what its row says of it"
    case .fileAbsent: "row about a file that is not there"
    case .fileDiffers: "file that is not what its row says of it"
    case .sessionUsers: "session with rows of several users"
    case .embeddingDropped: "embedding that is not stored"
    case .embeddingUnreadable: "embedding that is no list of numbers"
    case .contentCodepage: "text that was read in a wrong codepage"
    case .timeZoneChange: "time its zone skipped or had twice"
    case .statementUnread: "statement whose rows cannot be read"
    case .tableCase: "table that is not loaded for the capitals of its name"
    }
  }

  /// What a person can do about it; nil where nothing needs doing.
  public var advice: String? {
    switch self {
    case .jsonSyntax, .jsonTruncated, .recordShape, .roleMissing, .contentMissing:
      "Mend the record in rejects.jsonl and load it as an input of its own."
    case .jsonDepth, .recordTooLarge, .keyTooLong:
      "Make the record smaller at its source, or leave it out."
    case .textRefused: "Choose the text policy replace or mark to load such records."
    case .roleUnknown: "Name the role in the pipeline's role map."
    case .timeInvalid, .timeRange: "Correct the time at its source."
    case .timeNaive: "Check the zone the pipeline gives to times without one."
    case .jsonDuplicateKey: "Check which value was meant; the metadata keeps both."
    case .sessionRejected: "Mend its messages in rejects.jsonl first."
    case .rowRefused: "Mend the record for what the target's SQLSTATE and constraint say."
    case .rejectDamaged: "Take the line from the run that wrote it; the record is in its input."
    case .rejectKept:
      "Run the pipeline on the input it came from, which rejects it anew or loads it."
    case .targetUnasked:
      "Expect that the target may refuse or change more rows than the dry run says."
    case .inputUnreadable: "Check that the file exists, is whole and may be read."
    case .timeFuture:
      "Check the clock of the writer, or the zone the pipeline gives to times without one."
    case .timeZoneShift:
      "Local times were written as UTC, or the reverse: correct them at their source."
    case .idCollision:
      "Give each session a key of its own at its source; the target takes one of a key."
    case .contentTwoWriters:
      "Keep one of the two at the source; convoy loads both."
    case .contentTruncated:
      "Look for the whole text at the source, of which this is a preview."
    case .contentHistory:
      "Nothing is lost; transform.historyBlocks: strip shortens those whose marks are whole."
    case .parentMissing:
      "Add the input that has it, or leave it: the name of the parent is kept."
    case .tokensOutlier:
      "Check the number at its source; validate.outlierTokens is the limit."
    case .costOutlier:
      "Check the number at its source; validate.outlierCostDollars is the limit."
    case .valuePlaceholder:
      "Whoever wrote it sent the example of an API's documentation; correct it at its source."
    case .fileMissing:
      "Put the file below one of validate.fileRoots, if it still exists."
    case .fileTooLarge: "Raise the bucket's limit, or make the file smaller."
    case .fileChanged: "Run again once nobody writes to it."
    case .fileUnreadable: "Check that the file is there and may be read."
    case .fileRefused: "Compare what the store has under the key with the file."
    case .fileUnnamed: "Give the file a name in UTF-8."
    case .fileOutside:
      "Say in files.map where the path is now, or put the file below one of files.roots; nothing outside of "
        + "them is read."
    case .manifestUnmatched: "Correct the line; its path is relative to one of files.roots."
    case .fileSessionMissing:
      "Load the session and run again; until then the file is stored as one of no session."
    case .fileObjectMissing: "It is stored again; look for who removed it."
    case .secretFound:
      "Withdraw the secret where it is valid, and set transform.redact to store none of it."
    case .conversationMissing:
      "Add the dump of the table conversations; without it the conversation's id is its key."
    case .tableSkipped:
      "Check that nothing of it is wanted; those of files are loaded where attach.turns is resolve."
    case .fileRecordDiffers:
      "Look for the file as it was; metadata.recorded has what was recorded of it."
    case .uploadUnmatched: "Add the directory that has the file to files.roots, if it still exists."
    case .hashInvalid: "Nothing can be found by it; look for the writer that left the hash out."
    case .copyLeftOut:
      "With load.conflict.messages: update the row takes what it lacks; the rest is in the input."
    case .payloadUnreadable: "Unpack it in its line of rejects.jsonl, and try that again."
    case .payloadDiffers:
      "Compare it with the one at its source; a checksum alone may only tell of another order of keys."
    case .fileAbsent:
      "Put its bytes below one of attach.roots, by the row's storage_path, and run again."
    case .fileDiffers:
      "Look whether it was changed since, or only its line ends; the row's values are in the metadata."
    case .sessionUsers:
      "Check that it is one conversation; rows of others say whose they are in their metadata."
    case .embeddingDropped:
      "Set transform.embeddings to metadata or object to keep them, or leave them: they can be made again."
    case .embeddingUnreadable: "Look at the text, which is kept in the message's metadata."
    case .contentCodepage: "Look for a store that has the text as it was, and load that one first."
    case .timeZoneChange:
      "Compare it with the messages beside it; it may be an hour off, and what was written is kept."
    case .statementUnread:
      "Load the dump into a database of its own and dump that, which writes its rows as they are."
    case .tableCase:
      "Where it is the same table, rename it before it is dumped, or in the statements of the dump."
    case .secretRedacted:
      "Withdraw the secret where it is valid; inputs and rejects still hold it."
    case .textReplaced, .textMarked:
      "Where these were letters, source.encoding: windows-1252 may read them."
    case .jsonControlCharacter, .jsonNumber, .fieldDropped, .roleMapped,
      .timeMissing, .timeTie, .sessionJoined,
      .timeBackward, .toolResultOrphan, .toolCallUnanswered, .valueRange, .sessionEmpty,
      .inputEmpty,
      .turnUserTwice, .turnAssistantFirst, .turnImbalance, .idRepeated, .contentEmpty,
      .contentRepeated, .contentHistoryStripped, .parentSelf, .parentCycle, .costWithoutTokens,
      .valueNegative,
      .titleMissing, .fileNotRegular, .fileUnlinked, .fileExcluded, .jsonBackslashes,
      .contentMerged, .statementSkipped, .cacheUnlisted, .sessionOtherSource, .timeBetween:
      nil
    }
  }
}
