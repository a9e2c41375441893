extension SourceFormat {
  /// The field of a record that lists its messages; empty where a record is a message.
  var messageField: String {
    switch self {
    case .threads: "turns"
    case .openAIChat, .messagesDump: "messages"
    case .chatHistory: ""
    case .requestResponse: "halves"
    }
  }

  /// Whether a file is one session, which its name tells, and a record is a message.
  var isFilePerSession: Bool { self == .chatHistory }

  /// Whether a session is put together from records of several inputs.
  var isGathered: Bool { self == .requestResponse }

  /// Whether a session's rows lie anywhere in the inputs.
  var isScattered: Bool { self == .messagesDump }
}
