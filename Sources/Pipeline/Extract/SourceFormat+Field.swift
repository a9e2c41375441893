extension SourceFormat {
  /// The field of a record that lists its messages; empty where a record is a message.
  var messageField: String {
    switch self {
    case .threads: "turns"
    case .openAIChat, .messagesDump: "messages"
    case .chatHistory: ""
    case .requestResponse: "halves"
    case .toolCalls: "records"
    case .auggie: "history"
    case .conversationTracker: "messages"
    case .agentMemory: "notes"
    case .conversationsTable: "rows"
    }
  }

  /// Whether a file is one session, which its name tells, and a record is a message.
  var isFilePerSession: Bool { self == .chatHistory }

  /// Whether a session is put together from several records, of one input or more.
  var isGathered: Bool { self == .requestResponse || self == .toolCalls }

  /// Whether an input is whole values, none of which is only there to hold the records.
  var isWholeDocuments: Bool { self == .auggie || self == .agentMemory }

  /// Whether a session's rows lie anywhere in the inputs.
  var isScattered: Bool { self == .messagesDump }

  /// The tables its records are in, where a database is read; empty where they are in files only.
  var tableNames: [String] {
    switch self {
    case .threads, .chatHistory, .openAIChat, .requestResponse, .toolCalls, .auggie,
      .conversationTracker, .agentMemory:
      []
    case .conversationsTable: ["conversations"]
    case .messagesDump: DumpTable.allCases.map(\.rawValue)
    }
  }

  /// The same, without those of files where these are not wanted.
  func tableNames(withFiles: Bool) -> [String] {
    tableNames.filter { withFiles || DumpTable(rawValue: $0)?.isOfFiles != true }
  }
}
