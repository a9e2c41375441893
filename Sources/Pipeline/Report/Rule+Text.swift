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
    case .jsonControlCharacter, .jsonNumber, .fieldDropped, .textReplaced, .textMarked, .roleMapped,
      .timeMissing, .timeTie, .sessionJoined,
      .timeBackward, .toolResultOrphan, .toolCallUnanswered, .valueRange, .sessionEmpty,
      .inputEmpty:
      nil
    }
  }
}
